"""Places of an axis for two views."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infomax.data import load_dataset
from infomax.errors import UserError
from infomax.views import Channels, FeatureGroups, Halves
from infomax.views.item_parts import Cut, Indices, split_indices


@given(st.data())
def test_places_that_x_leaves_go_to_y_in_order(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 9))
    x = data.draw(
        st.lists(st.integers(0, size - 1), unique=True, min_size=1, max_size=size - 1).map(tuple)
    )
    of_x, of_y = split_indices(x, None, size, "channels")
    assert tuple(of_x) == x
    assert of_y == sorted(of_y)
    assert sorted(of_x + of_y) == list(range(size))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ((3,), None, "view x takes channels 3: items have 3 channels, counted from 0"),
        ((-1,), None, "view x takes channels -1"),
        ((0,), (4,), "view y takes channels 4"),
        ((), None, "view x gets no channels"),
        ((0,), (), "view y gets no channels"),
        ((0, 1, 2), None, "view y gets no channels"),
        ((0, 0), None, "view x names channels twice"),
        ((0, 1), (1, 2), r"both take channels \[1\]"),
    ],
)
def test_places_that_make_no_two_views_are_refused(
    x: tuple[int, ...], y: tuple[int, ...] | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        split_indices(x, y, 3, "channels")


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        ("2", (2,)),
        ("0-3, 7", (0, 1, 2, 3, 7)),
        ("(1,)", (1,)),
        (3, (3,)),
        ("[1, 2]", (1, 2)),
        ([4, 5], (4, 5)),
        (("1", 2), (1, 2)),
    ],
)
def test_places_are_read_from_text_and_lists(given_as: object, expected: tuple[int, ...]) -> None:
    assert TypeAdapter[tuple[int, ...]](Indices).validate_python(given_as) == expected


@pytest.mark.parametrize("text", ["", "a", "1,,2", "1-", "0.5", "-1"])
def test_text_that_names_no_places_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="give whole numbers and ranges, as in 0-3,7"):
        TypeAdapter(Indices).validate_python(text)


CUTS_OF_ROWS: tuple[Cut, ...] = ("top-bottom", "even-odd-rows")
CUTS: tuple[Cut, ...] = ("top-bottom", "left-right", "even-odd-rows", "even-odd-columns")


def nothing_random() -> torch.Generator:
    return torch.Generator()


def test_halves_of_a_real_digit_are_the_first_and_last_392_pixels() -> None:
    images = load_dataset("mnist").test_images[:50]
    x, y = Halves()(torch.from_numpy(images).float() / 255, nothing_random())
    pixels = images.reshape(50, 784) / np.float32(255)
    np.testing.assert_array_equal(x.flatten(1), pixels[:, :392])
    np.testing.assert_array_equal(y.flatten(1), pixels[:, 392:])


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


@given(sides=st.lists(st.integers(1, 4), min_size=1, max_size=2), number=st.integers(0, 3))
def test_each_view_has_its_channels_of_images_and_series(sides: list[int], number: int) -> None:
    shape = (*sides, 4)
    items = torch.randn(number, *shape, generator=torch.Generator().manual_seed(0))
    views = Channels(x=(3, 0), y=(2,))
    x, y = views(items, torch.Generator())
    assert views.shapes(shape) == ((*sides, 2), (*sides, 1))
    assert torch.equal(x, torch.stack((items[..., 3], items[..., 0]), dim=-1))
    assert torch.equal(y[..., 0], items[..., 2])
    assert all(map(torch.equal, views.clean(items), (x, y)))


def test_the_first_channel_and_the_others_are_the_views_unless_others_are_named() -> None:
    assert Channels().shapes((8, 8, 3)) == ((8, 8, 1), (8, 8, 2))


def test_a_channel_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="channels 3: items have 3"):
        Channels(x=(3,)).shapes((8, 8, 3))


def test_features_have_no_channels() -> None:
    with pytest.raises(UserError, match=r"plain features have no channels.*views features"):
        Channels().shapes((8,))


def test_each_view_has_its_features_in_the_order_named() -> None:
    items = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    groups = FeatureGroups(x=(4, 1), y=(0, 2, 5))
    x, y = groups(items, torch.Generator())
    assert groups.shapes((6,)) == ((2,), (3,))
    assert [x[:, 0].tolist(), x[:, 1].tolist()] == [items[:, 4].tolist(), items[:, 1].tolist()]
    assert torch.equal(y, torch.stack((items[:, 0], items[:, 2], items[:, 5]), dim=1))
    assert all(map(torch.equal, groups.clean(items), (x, y)))


def test_the_other_features_are_y_unless_they_are_named() -> None:
    _, y = FeatureGroups(x=(1,))(torch.tensor([[7.0, 8.0, 9.0]]), torch.Generator())
    assert y.tolist() == [[7.0, 9.0]]


@pytest.mark.parametrize(("shape", "kind"), [((4, 1), "series"), ((2, 2, 1), "images")])
def test_items_of_more_axes_are_refused(shape: tuple[int, ...], kind: str) -> None:
    with pytest.raises(UserError, match=f"one axis: {kind} are"):
        FeatureGroups(x=(0,)).shapes(shape)


def test_overlapping_groups_are_refused() -> None:
    with pytest.raises(UserError, match=r"both take features \[1\]"):
        FeatureGroups(x=(0, 1), y=(1, 2)).shapes((3,))
