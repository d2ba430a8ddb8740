"""Halves of an image."""

import numpy as np
import pytest

from infomax.data import load_dataset
from infomax.errors import UserError
from infomax.views import top_and_bottom


def test_halves_of_a_real_digit_are_the_first_and_last_392_pixels() -> None:
    images = load_dataset("mnist").test_images[:10]
    x, y = top_and_bottom(images)
    pixels = images.reshape(10, 784) / np.float32(255)
    np.testing.assert_array_equal(x, pixels[:, :392])
    np.testing.assert_array_equal(y, pixels[:, 392:])
    assert x.dtype == np.float32
    assert x.max() == 1.0


def test_colour_pictures_are_split_by_rows() -> None:
    images = np.arange(2 * 4 * 2 * 3, dtype=np.uint8).reshape(2, 4, 2, 3)
    x, y = top_and_bottom(images, brightest=1)
    np.testing.assert_array_equal(x[1], np.arange(24, 36))
    np.testing.assert_array_equal(y[1], np.arange(36, 48))


def test_an_odd_number_of_rows_is_refused() -> None:
    with pytest.raises(UserError, match="5 rows"):
        top_and_bottom(np.zeros((1, 5, 4, 1), np.uint8))
