"""Data are known by what they hold."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from infomax.data import split
from infomax.data.array_source import ArraySource, open_array
from infomax.data.dataset import Indices, ItemDataset, Values
from infomax.data.split import differences_of_data, fingerprints_of


def drawn(rows: int = 40) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((rows, 3)).astype(np.float32)


def test_neither_name_nor_place_counts(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", drawn())
    in_memory = ItemDataset(ArraySource(drawn(), "called otherwise"))
    assert fingerprints_of(ItemDataset(open_array(tmp_path / "x.npy"))) == fingerprints_of(
        in_memory
    )


@pytest.mark.parametrize("row", [0, 17, 39])
def test_one_value_of_one_row_counts(row: int) -> None:
    changed = drawn()
    changed[row, 1] += 1e-3
    one, two = (fingerprints_of(ItemDataset(ArraySource(each, "x"))) for each in (drawn(), changed))
    assert differences_of_data(two, one) == ["x: other values"]


def test_each_part_is_told_by_its_name() -> None:
    x, numbers = ArraySource(drawn(), "x"), np.arange(40)
    whole = fingerprints_of(ItemDataset(x, x, numbers % 2, ("a", "b"), numbers))
    assert list(whole) == ["x", "y", "labels", "groups"]
    other = fingerprints_of(
        ItemDataset(x, ArraySource(drawn()[:, :2], "y"), numbers % 3, ("a", "b", "c"))
    )
    assert differences_of_data(other, whole) == [
        "y: rows of shape (2,), not (3,)",
        "labels: other values",
        "groups: only in one of both",
    ]


def test_of_many_rows_some_are_read_from_first_to_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "_MOST_BYTES", 10 * 12)
    monkeypatch.setattr(split, "_BYTES_AT_ONCE", 3 * 12)
    read: list[int] = []

    class Watched(ArraySource):
        def read(self, indices: Indices) -> Values:
            read.extend(indices.tolist())
            return super().read(indices)

    fingerprints_of(ItemDataset(Watched(drawn(), "x")))
    assert read[1:] == [0, 4, 9, 13, 17, 22, 26, 30, 35, 39]
