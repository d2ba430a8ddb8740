"""Arrays in memory and mapped: what is read, what is refused, and what memory it takes."""

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

from infomax.data import array_rows
from infomax.data.array_rows import ArrayRows, open_array
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
    rows = ArrayRows(mapped(tmp_path / "a.npy", array) if on_disk else array, "a")
    places = np.array([4, 0, 4, 2])
    read = rows.read(places)
    assert len(rows) == 5
    if kind == "u1" and len(shape) == 3:
        assert (rows.shape, rows.brightest) == ((4, 2, 1), 255)
        assert read.dtype == np.uint8
    else:
        assert (rows.shape, rows.brightest) == (shape[1:] or (1,), 1)
        assert read.dtype == np.float32
    np.testing.assert_array_equal(read, array[places].reshape(4, *rows.shape))


def test_colour_images_keep_their_channels_and_a_given_brightest() -> None:
    rows = ArrayRows(np.full((2, 4, 5, 3), 16, np.uint8), "a", 16)
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
    places = np.array(data.draw(st.lists(st.integers(0, len(array) - 1), max_size=20)), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_rows, "_MOST_BYTES_MAPPED", held)
        on_disk = ArrayRows(mapped(path, np.asarray(array, order=order)), "a")
        for _ in range(2):
            np.testing.assert_array_equal(on_disk.read(places), ArrayRows(array, "a").read(places))


@pytest.mark.parametrize("on_disk", [False, True])
def test_columns_of_rows_are_read_in_the_order_given(tmp_path: Path, on_disk: bool) -> None:
    array = np.arange(12.0).reshape(4, 3)
    given_array = mapped(tmp_path / "a.npy", array) if on_disk else array
    rows = ArrayRows(given_array, "a", columns=np.array([2, 0]))
    assert rows.shape == (2,)
    np.testing.assert_array_equal(rows.read(np.array([3, 1])), array[[3, 1]][:, [2, 0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_is_counted_and_its_first_row_named(tmp_path: Path, bad: float) -> None:
    array = np.zeros((6, 2))
    array[4, 0] = array[2, 1] = bad
    with pytest.raises(UserError, match=r"^a has 2 values that are missing.* in row 2 "):
        ArrayRows(array, "a")
    rows = ArrayRows(mapped(tmp_path / "a.npy", array), "a")
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
        ArrayRows(array, "a")


def test_a_small_file_is_checked_when_it_is_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", [[0.0], [np.nan]])
    with pytest.raises(UserError, match=r"a\.npy has 1 value that is missing.* in row 1 "):
        open_array(tmp_path / "a.npy")


def test_a_large_file_is_checked_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_rows, "_MOST_BYTES_MAPPED", 8)
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
        rows = ArrayRows(mapped(tmp_path / "a.npy", array) if on_disk else array, "a")
        return rows.read(np.array([1, 0, 2, 0]))

    with pytest.raises(UserError, match=r"a holds whole .* such as 16777216 and 16777217: subtr"):
        read([[5, 6, 7], [2**24 + 1, 0, 2**24]])
    # What differs in one column alone is not made equal by what the other holds.
    values = [[2**24, 5, 2**24], [2**24 + 1, 5, 2**24 + 1]]
    assert read(values).tolist() == np.array(values).T[[1, 0, 2, 0]].astype("f4").tolist()


def test_what_was_written_to_a_copy_on_write_is_not_lost(tmp_path: Path) -> None:
    array = mapped(tmp_path / "a.npy", np.zeros((4, 2)), mode="c")
    array[:] = 7
    rows = ArrayRows(np.asarray(array), "a")
    for _ in range(3):
        assert (rows.read(np.arange(4)) == 7).all()
    assert (array == 7).all()


def test_what_was_written_through_a_map_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_rows, "_MOST_BYTES_MAPPED", 1)
    array = mapped(tmp_path / "a.npy", np.zeros((4, 2)), mode="r+")
    array[:] = 7
    rows = ArrayRows(array, "a")
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
from infomax.data.array_rows import open_array

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile")) // 1024

rows, order = open_array(Path(sys.argv[1])), np.random.default_rng(0)
before, most = resident(), 0
for _ in range(30):
    places = order.integers(0, len(rows), 128)
    assert (rows.read(places)[:, 0] == places % 3).all()
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
