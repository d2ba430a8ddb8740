"""Arrays in memory and mapped: what is read, what is refused, and what memory it takes."""

import mmap
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from infomax.data import array_source as room
from infomax.data.array_source import ArraySource, FileRows, file_rows_of, open_array
from infomax.errors import UserError


def mapped(path: Path, array: NDArray[Any], *, mode: Any = "r") -> NDArray[Any]:
    np.save(path, array)
    opened: NDArray[Any] = np.load(path, mmap_mode=mode)
    return opened


@pytest.mark.parametrize("kind", ["f2", "f4", ">f8", "i1", "i8", "u2", "?", "u1"])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 4, 2)])
@pytest.mark.parametrize("on_disk", [False, True])
def test_items_are_rows_as_float32(
    tmp_path: Path, kind: str, shape: tuple[int, ...], on_disk: bool
) -> None:
    array = (np.arange(np.prod(shape)).reshape(shape) % 7).astype(kind)
    rows = ArraySource(mapped(tmp_path / "a.npy", array) if on_disk else array, "a")
    indices = np.array([4, 0, 4, 2])
    read = rows.read(indices)
    assert len(rows) == 5
    if kind == "u1" and len(shape) == 3:
        assert (rows.shape, rows.brightest) == ((4, 2, 1), 255)
        assert read.dtype == np.uint8
    else:
        assert (rows.shape, rows.brightest) == (shape[1:] or (1,), 1)
        assert read.dtype == np.float32
    np.testing.assert_array_equal(read, array[indices].reshape(4, *rows.shape))


def test_colour_images_keep_their_channels_and_a_given_brightest() -> None:
    rows = ArraySource(np.full((2, 4, 5, 3), 16, np.uint8), "a", 16)
    assert rows.shape == (4, 5, 3)
    assert rows.brightest == 16
    assert rows.read(np.array([1])).dtype == np.uint8


@settings(deadline=None, max_examples=30)
@given(
    array=hnp.arrays(
        np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(-9, 9)
    ),
    order=st.sampled_from("CF"),
    held=st.integers(1, 2**21),
    data=st.data(),
)
def test_a_map_gives_what_memory_does(
    tmp_path_factory: pytest.TempPathFactory,
    array: NDArray[np.float64],
    order: Any,
    held: int,
    data: st.DataObject,
) -> None:
    path = tmp_path_factory.mktemp("maps") / "a.npy"
    indices = np.array(data.draw(st.lists(st.integers(0, len(array) - 1), max_size=20)), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_MOST_BYTES_MAPPED", held)
        on_disk = ArraySource(mapped(path, np.asarray(array, order=order)), "a")
        for _ in range(2):
            np.testing.assert_array_equal(
                on_disk.read(indices), ArraySource(array, "a").read(indices)
            )


@pytest.mark.parametrize("on_disk", [False, True])
def test_columns_of_rows_are_read_in_the_order_given(tmp_path: Path, on_disk: bool) -> None:
    array = np.arange(12.0).reshape(4, 3)
    given_array = mapped(tmp_path / "a.npy", array) if on_disk else array
    rows = ArraySource(given_array, "a", columns=np.array([2, 0]))
    assert rows.shape == (2,)
    np.testing.assert_array_equal(rows.read(np.array([3, 1])), array[[3, 1]][:, [2, 0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_is_counted_and_its_first_row_named(tmp_path: Path, bad: float) -> None:
    array = np.zeros((6, 2))
    array[4, 0] = array[2, 1] = bad
    with pytest.raises(UserError, match=r"^a has 2 values that are missing.* in row 2 "):
        ArraySource(array, "a")
    rows = ArraySource(mapped(tmp_path / "a.npy", array), "a")
    rows.read(np.array([0, 1, 3, 5]))
    with pytest.raises(UserError, match=r"^a has 2 values that are missing.* in row 2 "):
        rows.read(np.array([0, 4, 2]))
    with pytest.raises(UserError, match=r"^a has 1 value that is missing.* in row 4 "):
        rows.read(np.array([4]))


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array(["a", "b"]), "holds values of type <U1, and views are numbers"),
        (np.zeros(2, complex), "holds values of type complex128"),
        (np.array([None, 1]), "holds values of type object"),
        (np.array(1.0), r"has shape \(\): expected one row for each item"),
        (np.zeros((0, 3)), r"has shape \(0, 3\)"),
        (np.zeros((3, 0)), r"has shape \(3, 0\)"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(array: NDArray[Any], told: str) -> None:
    with pytest.raises(UserError, match=f"^a {told}"):
        ArraySource(array, "a")


def test_a_small_file_is_checked_when_it_is_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", [[0.0], [np.nan]])
    with pytest.raises(UserError, match=r"a\.npy has 1 value that is missing.* in row 1 "):
        open_array(tmp_path / "a.npy")


def test_a_large_file_is_checked_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_MOST_BYTES_MAPPED", 8)
    np.save(tmp_path / "a.npy", [[0.0], [np.nan]])
    rows = open_array(tmp_path / "a.npy")
    assert rows.read(np.array([0])).tolist() == [[0.0]]
    with pytest.raises(UserError, match=r"a\.npy has 1 value that is missing.* in row 1 "):
        rows.read(np.array([0, 1]))


@pytest.mark.parametrize("kind", ["i4", ">i8", "u8"])
@pytest.mark.parametrize("on_disk", [False, True])
def test_whole_numbers_that_floating_point_makes_equal_are_refused(
    tmp_path: Path, kind: str, on_disk: bool
) -> None:
    def read(columns: list[list[int]]) -> NDArray[Any]:
        array = np.array(columns, kind).T
        rows = ArraySource(mapped(tmp_path / "a.npy", array) if on_disk else array, "a")
        return rows.read(np.array([1, 0, 2, 0]))

    with pytest.raises(UserError, match=r"a holds whole .* such as 16777216 and 16777217: subtr"):
        read([[5, 6, 7], [2**24 + 1, 0, 2**24]])
    # What differs in one column alone is not made equal by what the other holds.
    values = [[2**24, 5, 2**24], [2**24 + 1, 5, 2**24 + 1]]
    assert read(values).tolist() == np.array(values).T[[1, 0, 2, 0]].astype("f4").tolist()


def test_what_was_written_to_a_copy_on_write_is_not_lost(tmp_path: Path) -> None:
    array = mapped(tmp_path / "a.npy", np.zeros((4, 2)), mode="c")
    array[:] = 7
    rows = ArraySource(np.asarray(array), "a")
    for _ in range(3):
        assert (rows.read(np.arange(4)) == 7).all()
    assert (array == 7).all()


def test_what_was_written_through_a_map_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_MOST_BYTES_MAPPED", 1)
    array = mapped(tmp_path / "a.npy", np.zeros((4, 2)), mode="r+")
    array[:] = 7
    rows = ArraySource(array, "a")
    for _ in range(3):
        assert (rows.read(np.arange(4)) == 7).all()
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.full((4, 2), 7.0))


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY", b"PK\x03\x04", b"text", b"\x93NUMPY\x01\x00\x04\x00{(: "]
)
def test_a_file_that_is_no_array_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.npy: cannot be read as \.npy"):
        open_array(tmp_path / "a.npy")


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([None, {}]), allow_pickle=True)
    with pytest.raises(UserError, match=r"a\.npy: holds Python objects, which are never"):
        open_array(tmp_path / "a.npy")


def test_a_file_cut_anywhere_or_changed_in_its_header_is_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(6.0).reshape(3, 2))
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(UserError):
            open_array(path)
    generator = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(content)
        changed[generator.integers(0, 80)] = generator.integers(0, 256)
        path.write_bytes(changed)
        try:
            rows = open_array(path)
        except UserError:
            continue
        assert rows.read(np.arange(len(rows))).shape == (len(rows), *rows.shape)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.npy: is not there"):
        open_array(tmp_path / "a.npy")
    with pytest.raises(UserError, match=r"is a folder, expected a \.npy file"):
        open_array(tmp_path)


# Rows read at random from a file whose pages the kernel holds, without the file being resident.
_READ_AT_RANDOM = """
import sys
import numpy as np
from pathlib import Path
from infomax.data.array_source import open_array

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile")) // 1024

rows, order = open_array(Path(sys.argv[1])), np.random.default_rng(0)
before, most = resident(), 0
for _ in range(30):
    indices = order.integers(0, len(rows), 128)
    assert (rows.read(indices)[:, 0] == indices % 3).all()
    most = max(most, resident() - before)
print(most)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc is not there")
def test_a_file_read_at_random_does_not_become_resident(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    number, megabytes = 2**17, 512
    array = np.lib.format.open_memmap(path, "w+", np.float32, (number, 1024))
    array[:, 0] = np.arange(number) % 3
    array.flush()
    del array
    done = subprocess.run(
        [sys.executable, "-c", _READ_AT_RANDOM, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) < megabytes // 32


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
    for indices in np.random.default_rng(0).permutation(ROWS).reshape(-1, 64):
        read = rows.read(indices)
        np.testing.assert_array_equal(read, np.repeat(indices[:, None], VALUES, axis=1))
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
    indices = np.array(data.draw(st.lists(st.integers(0, len(array) - 1), max_size=20)), np.int64)
    np.testing.assert_array_equal(rows.read(indices), array[indices])


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
