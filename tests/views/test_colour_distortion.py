"""Changes of colour."""

import colorsys
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from kornia.enhance import adjust_hue

from infomax.views.colour_distortion import greyed, hue_turned, jittered

HALF = 0.5
"""A draw that changes nothing: factors of 1, and no turn."""


def pixel(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([red, green, blue], dtype=torch.float64).reshape(1, 3, 1, 1)


def some_images(number: int = 6) -> torch.Tensor:
    return torch.rand(number, 3, 5, 4, generator=torch.Generator().manual_seed(0))


channel = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0])


@given(channel, channel, channel, st.floats(-0.5, 0.5))
def test_hue_is_turned_as_the_standard_library_does(
    red: float, green: float, blue: float, turn: float
) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    expected = colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)
    found = hue_turned(pixel(red, green, blue), torch.tensor([turn], dtype=torch.float64))
    assert found.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_hue_is_turned_as_kornia_does() -> None:
    images, turns = some_images(), torch.linspace(-0.5, 0.5, 6)
    expected = adjust_hue(images, 2 * math.pi * turns)
    torch.testing.assert_close(hue_turned(images, turns), expected, atol=1e-5, rtol=0)


def test_draws_of_a_half_change_nothing() -> None:
    images = some_images()
    same = jittered(images, 0.5, torch.full((4, 6), HALF))
    torch.testing.assert_close(same, images, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("draw", "factor"), [(0.0, 0.6), (0.75, 1.2), (1.0, 1.4)])
def test_brightness_contrast_and_saturation_are_multiplied(draw: float, factor: float) -> None:
    image = torch.full((1, 3, 2, 1), 0.4, dtype=torch.float64)
    image[:, 0, 0] = 0.6
    grey = 0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:]
    expected = (
        (image * factor).clamp(0, 1),
        (grey.mean() + factor * (image - grey.mean())).clamp(0, 1),
        (grey + factor * (image - grey)).clamp(0, 1),
    )
    for place, of_one in enumerate(expected):
        draws = torch.full((4, 1), HALF, dtype=torch.float64)
        draws[place] = draw
        torch.testing.assert_close(jittered(image, 0.5, draws), of_one, atol=1e-6, rtol=0)


@given(strength=st.floats(0, 2.5), seed=st.integers(0, 100))
def test_colours_stay_in_range(strength: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    changed = jittered(some_images(), strength, torch.rand(4, 6, generator=generator))
    assert changed.shape == (6, 3, 5, 4)
    assert 0 <= changed.min() <= changed.max() <= 1


def test_grey_images_have_the_brightness_of_broadcast_television() -> None:
    images = some_images()
    red, green, blue = images.unbind(1)
    expected = (0.299 * red + 0.587 * green + 0.114 * blue)[:, None].expand_as(images)
    torch.testing.assert_close(greyed(images), expected)
