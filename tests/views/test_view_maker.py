"""What an item is, by its shape."""

import pytest

from infomax.errors import UserError
from infomax.views.view_maker import kind_of


def test_items_are_told_apart_by_their_axes() -> None:
    assert [kind_of(shape) for shape in ((5,), (9, 2), (4, 4, 3))] == [
        "features",
        "series",
        "images",
    ]


@pytest.mark.parametrize("shape", [(), (2, 2, 2, 2)])
def test_other_items_are_refused_with_what_they_may_be(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"\(length, channels\) or \(height, width, channels\)"):
        kind_of(shape)
