"""Rows of a file: those of the array, without the file in memory, and told when they are gone."""

import mmap
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.data.file_rows import FileRows, file_rows_of
from infomax.errors import UserError

ROWS, VALUES = 4096, 1024


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of 16 MiB: row i holds i."""
    path = tmp_path_factory.mktemp("mapped") / "x.npy"
    np.save(path, np.repeat(np.arange(ROWS, dtype=np.float32)[:, None], VALUES, axis=1))
    return path


def resident_bytes_of(path: Path) -> int:
    """Return how much of a file is mapped into this process's memory, as the system counts it."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = line.endswith(str(path))
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found


def test_nothing_of_the_file_stays_in_memory(path: Path) -> None:
    array = np.load(path, mmap_mode="r")
    rows = file_rows_of(array)
    assert rows is not None
    for places in np.random.default_rng(0).permutation(ROWS).reshape(-1, 64):
        read = rows.read(places)
        np.testing.assert_array_equal(read, np.repeat(places[:, None], VALUES, axis=1))
    assert resident_bytes_of(path) <= 2 * mmap.PAGESIZE  # Of the header.
    assert array[::2].sum() > 0
    assert resident_bytes_of(path) > 15 * 2**20  # What is mapped is counted.


@pytest.mark.parametrize("part", [slice(1000, 2000), slice(700), slice(4090, None)])
@pytest.mark.parametrize("mode", ["r", "r+"])
@settings(deadline=None)
@given(data=st.data())
def test_rows_of_a_part_are_read_as_such(
    path: Path, mode: Any, part: slice, data: st.DataObject
) -> None:
    array = np.asarray(np.load(path, mmap_mode=mode)[part])
    rows = file_rows_of(array)
    assert rows is not None
    places = np.array(data.draw(st.lists(st.integers(0, len(array) - 1), max_size=20)), np.int64)
    np.testing.assert_array_equal(rows.read(places), array[places])


@pytest.mark.parametrize("kind", ["?", "u1", ">f4", "f2", "i8"])
def test_values_of_every_type_are_read(tmp_path: Path, kind: str) -> None:
    array = np.arange(24).reshape(4, 3, 2).astype(kind)
    np.save(tmp_path / "x.npy", array)
    rows = file_rows_of(np.load(tmp_path / "x.npy", mmap_mode="r"))
    assert rows is not None
    read = rows.read(np.array([3, 0]))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array[[3, 0]])


@pytest.mark.parametrize("offset", [0, 128, 4096, 4100, 70000])
def test_a_map_may_begin_anywhere_in_its_file(path: Path, offset: int) -> None:
    array = np.memmap(path, np.float32, "r", offset, (50, 3))
    rows = file_rows_of(array[7:])
    assert rows is not None
    np.testing.assert_array_equal(rows.read(np.array([3, 0, 1, 2])), array[[10, 7, 8, 9]])


def test_rows_side_by_side_are_asked_for_at_once(path: Path) -> None:
    rows = FileRows(path, 128, np.zeros((ROWS, VALUES), np.float32))
    found = rows._stretches(np.array([9, 3, 4, 5, 5, 100, 99]))
    naive = [(0, 9, 1), (1, 3, 3), (4, 5, 1), (5, 100, 1), (6, 99, 1)]
    assert found == [(4096 * at, 128 + 4096 * row, 4096 * n) for at, row, n in naive]


def test_what_is_not_as_in_the_file_has_no_rows_there(path: Path, tmp_path: Path) -> None:
    array = np.load(path, mmap_mode="r")
    assert file_rows_of(array[::-1]) is None
    assert file_rows_of(array[:, :3]) is None
    assert file_rows_of(np.load(path, mmap_mode="c")) is None
    assert file_rows_of(np.load(path)) is None
    assert file_rows_of(np.frombuffer(mmap.mmap(-1, 8192), np.float32)) is None
    np.save(tmp_path / "fortran.npy", np.asfortranarray(np.zeros((3, 2))))
    assert file_rows_of(np.load(tmp_path / "fortran.npy", mmap_mode="r")) is None
    np.save(tmp_path / "gone.npy", np.zeros((3, 2)))
    gone = np.load(tmp_path / "gone.npy", mmap_mode="r")
    (tmp_path / "gone.npy").unlink()
    assert file_rows_of(gone) is None


def test_a_file_that_is_cut_short_is_named(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.npy"
    cut.write_bytes(path.read_bytes())
    rows = file_rows_of(np.load(cut, mmap_mode="r"))
    assert rows is not None
    with cut.open("r+b") as stream:
        stream.truncate(128 + 4096 * 10 + 7)
    assert (rows.read(np.array([9])) == 9).all()
    with pytest.raises(UserError, match=r"cut\.npy: is shorter than when it was opened"):
        rows.read(np.array([9, 10]))


def test_a_disk_that_fails_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = file_rows_of(np.load(path, mmap_mode="r"))
    assert rows is not None

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.preadv", fail)
    with pytest.raises(UserError, match=r"x\.npy: cannot be read \(Input/output error\)"):
        rows.read(np.array([1]))
