"""Halves of images, series and features."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.data import load_dataset
from infomax.errors import UserError
from infomax.views import Halves, top_and_bottom
from infomax.views.item_halves import Cut

CUTS_OF_ROWS: tuple[Cut, ...] = ("top-bottom", "even-odd-rows")
CUTS: tuple[Cut, ...] = ("top-bottom", "left-right", "even-odd-rows", "even-odd-columns")


def nothing_random() -> torch.Generator:
    return torch.Generator()


def test_top_and_bottom_of_digits_are_those_of_the_studies_bit_for_bit() -> None:
    images = load_dataset("mnist").test_images[:50]
    x, y = Halves()(torch.from_numpy(images).float() / 255, nothing_random())
    for half, expected in zip((x, y), top_and_bottom(images), strict=True):
        np.testing.assert_array_equal(half.flatten(1).numpy(), expected)


def test_an_image_of_four_pixels_is_cut_in_four_ways() -> None:
    image = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]] * 2).reshape(1, 2, 4, 1)
    image[:, 1] += 10

    def halves(cut: Cut) -> list[list[float]]:
        return [half.flatten().tolist() for half in Halves(cut)(image, nothing_random())]

    assert halves("top-bottom") == [[1, 2, 3, 4], [11, 12, 13, 14]]
    assert halves("even-odd-rows") == [[1, 2, 3, 4], [11, 12, 13, 14]]
    assert halves("left-right") == [[1, 2, 11, 12], [3, 4, 13, 14]]
    assert halves("even-odd-columns") == [[1, 3, 11, 13], [2, 4, 12, 14]]


@given(
    cut=st.sampled_from(CUTS),
    number=st.integers(0, 3),
    height=st.integers(1, 4),
    width=st.integers(1, 4),
    channels=st.integers(1, 3),
)
def test_halves_hold_every_value_once_and_keep_their_places(
    cut: Cut, number: int, height: int, width: int, channels: int
) -> None:
    shape = (2 * height, 2 * width, channels)
    items = torch.arange(number * 4.0 * height * width * channels).reshape(number, *shape)
    x, y = Halves(cut)(items, nothing_random())
    x_shape, y_shape = Halves(cut).shapes(shape)
    assert (x.shape, y.shape) == ((number, *x_shape), (number, *y_shape))
    for item in range(number):
        for row in range(2 * height):
            for column in range(2 * width):
                place, half = {
                    "top-bottom": ((row % height, column), row // height),
                    "left-right": ((row, column % width), column // width),
                    "even-odd-rows": ((row // 2, column), row % 2),
                    "even-odd-columns": ((row, column // 2), column % 2),
                }[cut]
                assert torch.equal((x, y)[half][item][place], items[item, row, column])


@given(cut=st.sampled_from(CUTS_OF_ROWS), half=st.integers(1, 5))
def test_series_are_cut_along_their_length_and_features_along_their_only_axis(
    cut: Cut, half: int
) -> None:
    features = torch.arange(6.0 * half).reshape(3, 2 * half)
    series = torch.stack((features, -features), dim=-1)
    expected = (
        (features[:, :half], features[:, half:])
        if cut == "top-bottom"
        else (features[:, ::2], features[:, 1::2])
    )
    for views in (
        Halves(cut)(features, nothing_random()),
        [view[..., 0] for view in Halves(cut)(series, nothing_random())],
        [-view[..., 1] for view in Halves(cut)(series, nothing_random())],
    ):
        assert all(torch.equal(*pair) for pair in zip(views, expected, strict=True))


@pytest.mark.parametrize("shape", [(4,), (4, 2)])
@pytest.mark.parametrize("cut", ["left-right", "even-odd-columns"])
def test_a_cut_without_meaning_is_refused_with_those_that_have_one(
    cut: Cut, shape: tuple[int, ...]
) -> None:
    with pytest.raises(UserError, match=f"{cut} has no meaning.*top-bottom, even-odd-rows$"):
        Halves(cut).shapes(shape)


@pytest.mark.parametrize(
    ("cut", "shape", "odd"),
    [
        ("top-bottom", (5, 4, 1), "5 rows"),
        ("even-odd-columns", (4, 5, 1), "5 columns"),
        ("even-odd-rows", (7, 2), "7 time steps"),
        ("top-bottom", (3,), "3 features"),
    ],
)
def test_an_odd_size_is_refused(cut: Cut, shape: tuple[int, ...], odd: str) -> None:
    with pytest.raises(UserError, match=odd):
        Halves(cut).shapes(shape)
    with pytest.raises(UserError, match=odd):
        Halves(cut)(torch.zeros(2, *shape), nothing_random())


def test_an_unknown_cut_is_named_with_the_nearest() -> None:
    with pytest.raises(UserError, match="'top-botom': did you mean 'top-bottom'"):
        Halves("top-botom")  # type: ignore[arg-type]


def test_the_clean_views_are_the_halves() -> None:
    items = torch.arange(8.0).reshape(2, 4)
    x, y = Halves().clean(items)
    assert (x.tolist(), y.tolist()) == ([[0, 1], [4, 5]], [[2, 3], [6, 7]])
