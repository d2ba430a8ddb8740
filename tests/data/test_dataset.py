"""What items must agree in."""

import numpy as np
import pytest

from infomax.data.array_source import ArraySource
from infomax.data.dataset import ItemDataset
from infomax.errors import UserError


def rows(number: int, name: str) -> ArraySource:
    return ArraySource(np.zeros((number, 2)), name)


def test_items_are_as_many_as_their_rows() -> None:
    assert len(ItemDataset(rows(7, "a.npy"), rows(7, "b.npy"))) == 7


def test_views_of_different_lengths_are_named() -> None:
    told = r"^views of different lengths: 100 rows of a\.npy and 99 of b\.npy$"
    with pytest.raises(UserError, match=told):
        ItemDataset(rows(100, "a.npy"), rows(99, "b.npy"))


@pytest.mark.parametrize("what", ["labels", "groups"])
def test_labels_and_groups_are_as_many_as_items(what: str) -> None:
    with pytest.raises(UserError, match=rf"^3 {what} for 4 rows of a\.npy$"):
        ItemDataset(rows(4, "a.npy"), **{what: np.arange(3)})  # type: ignore[arg-type]


def test_one_class_is_refused() -> None:
    with pytest.raises(UserError, match=r"labels of a\.npy hold one class, 'cat'"):
        ItemDataset(rows(4, "a.npy"), labels=np.zeros(4, np.int64), classes=("cat",))
