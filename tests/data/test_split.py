"""Splits are of all items, keep groups whole, and come back from their file."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.data.split import (
    Fingerprint,
    OtherDataError,
    RowSplit,
    read_split,
    split_rows,
    write_split,
)
from infomax.errors import UserError


@settings(deadline=None)
@given(number=st.integers(2, 300), share=st.floats(0.05, 0.9), seed=st.integers(0, 2**40))
def test_each_item_is_on_one_side(number: int, share: float, seed: int) -> None:
    try:
        split = split_rows(number, share=share, random_state=seed)
    except UserError:
        assert number - np.ceil(number * share) < 1
        return
    both = np.concatenate([split.train, split.validation])
    assert sorted(both) == list(range(number))
    assert len(split.validation) == np.ceil(number * share)
    for side in (split.train, split.validation):
        assert side.dtype == np.int64
        assert (np.diff(side) > 0).all()


@settings(deadline=None)
@given(
    groups=st.lists(st.integers(0, 9), min_size=4, max_size=100).filter(lambda g: len(set(g)) > 1),
    seed=st.integers(0, 1000),
)
def test_groups_are_on_one_side_as_a_whole(groups: list[int], seed: int) -> None:
    of_items = np.array(groups)
    split = split_rows(len(groups), share=0.3, random_state=seed, groups=of_items)
    assert not set(of_items[split.train]) & set(of_items[split.validation])
    assert len(split.train)
    assert len(split.validation)
    assert len(split.train) + len(split.validation) == len(groups)


def test_a_generator_of_numpy_settles_the_split_or_nothing_does() -> None:
    state = np.random.RandomState
    first, again = (split_rows(100, share=0.2, random_state=state(1)) for _ in range(2))
    np.testing.assert_array_equal(first.train, again.train)
    others = [split_rows(100, share=0.2, random_state=None).train.tolist() for _ in range(2)]
    assert others[0] != others[1]
    assert repr(first) == "RowSplit(80 to train on, 20 to validate on)"


def test_the_seed_settles_the_split() -> None:
    first, again, other = (split_rows(100, share=0.2, random_state=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.train, again.train)
    assert not np.array_equal(first.train, other.train)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(UserError, match=r"^1 items cannot be split"):
        split_rows(1, share=0.1, random_state=0)
    with pytest.raises(UserError, match=r"^1 groups cannot be split"):
        split_rows(5, share=0.1, random_state=0, groups=np.zeros(5, np.int64))
    with pytest.raises(UserError, match=r"^3 groups for 5 items"):
        split_rows(5, share=0.1, random_state=0, groups=np.arange(3))
    with pytest.raises(UserError, match=r"^validation is 1\.5: give a share"):
        split_rows(5, share=1.5, random_state=0)
    with pytest.raises(UserError, match=r"^9 pairs are too few to keep two batches of 4 of them"):
        split_rows(9, batch_size=4, random_state=0)


def test_without_a_share_two_batches_are_kept_or_a_tenth() -> None:
    assert len(split_rows(100, batch_size=8, random_state=0).validation) == 16
    assert len(split_rows(1000, batch_size=8, random_state=0).validation) == 100
    assert not len(split_rows(10, share=0, random_state=0).validation)


def data_of(rows: int, **others: str) -> dict[str, Fingerprint]:
    return {name: Fingerprint(rows, (2,), text) for name, text in {"x": "a", **others}.items()}


def test_a_split_is_read_as_it_was_written(tmp_path: Path) -> None:
    split = split_rows(50, share=0.1, random_state=0)
    write_split(tmp_path / "split.npz", split, data_of(50))
    read = read_split(tmp_path / "split.npz", data_of(50))
    np.testing.assert_array_equal(read.train, split.train)
    np.testing.assert_array_equal(read.validation, split.validation)
    assert [path.name for path in tmp_path.iterdir()] == ["split.npz"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (data_of(51, y="b"), "x: 51 rows, not 50"),
        (data_of(50, y="c"), "y: other values"),
        (data_of(50, x="c", y="b"), "x: other values"),
        (data_of(50, y="b", groups="d"), "groups: only in one of both"),
    ],
)
def test_a_split_of_other_data_is_refused(
    tmp_path: Path, data: dict[str, Fingerprint], said: str
) -> None:
    path = tmp_path / "split.npz"
    write_split(path, split_rows(50, share=0.1, random_state=0), data_of(50, y="b"))
    with pytest.raises(OtherDataError, match=re.escape(said)):
        read_split(path, data)
    # Where x is all that is at hand, it alone is held against the split.
    assert len(read_split(path, data_of(50)).train) == 45


@pytest.mark.parametrize("rows", [[0, 1, 1, 3], [0, 1, 2, 4], [-1, 0, 1, 2]])
def test_what_is_no_split_is_refused(tmp_path: Path, rows: list[int]) -> None:
    path = tmp_path / "split.npz"
    write_split(path, RowSplit(np.array(rows[:3]), np.array(rows[3:])), data_of(4))
    with pytest.raises(UserError, match="expected each of 4 items on one side, once"):
        read_split(path, data_of(4))


def test_a_damaged_split_is_named(tmp_path: Path) -> None:
    path = tmp_path / "split.npz"
    with pytest.raises(UserError, match=r"split\.npz: cannot be read as \.npz \(.*No such file"):
        read_split(path, data_of(4))
    write_split(path, split_rows(50, share=0.1, random_state=0), data_of(50))
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match=r"split\.npz: cannot be read as \.npz"):
            read_split(path, data_of(50))
    np.savez(path, train=np.array([None]), validation=np.array([1]), allow_pickle=True)
    with pytest.raises(UserError, match=r"split\.npz: array train: holds Python objects"):
        read_split(path, data_of(2))
    np.savez(path, x=np.zeros(3))
    with pytest.raises(UserError, match=r"split\.npz is not a split \(KeyError: 'train'\)$"):
        read_split(path, data_of(2))
