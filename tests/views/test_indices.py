"""Places of an axis for two views."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infomax.errors import UserError
from infomax.views.indices import Indices, split_indices


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
