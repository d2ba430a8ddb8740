"""Files of arrays that say one thing of themselves and hold another."""

import gzip
import io
import lzma
import math
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from infomax.data import array_files, files
from infomax.data.array_files import check_array_file, parse_idx, read_array, read_arrays, read_idx
from infomax.errors import UserError

VALUES = np.arange(12.0).reshape(6, 2)


def as_npy(array: NDArray[Any], shape: tuple[int, ...] | None = None) -> bytes:
    """Return a file whose header says the shape, whatever the array holds."""
    stream = io.BytesIO()
    kind = np.lib.format.dtype_to_descr(array.dtype)
    header = {"descr": kind, "fortran_order": False, "shape": shape or array.shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + array.tobytes()


def written(path: Path, content: bytes, name: str = "x.npy") -> Path:
    """Write an array's bytes as a file of its own, or as the member of an archive."""
    if path.suffix == ".npy":
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
    return path


def read(path: Path) -> NDArray[Any]:
    return read_array(path) if path.suffix == ".npy" else read_arrays(path)["x"]


@pytest.fixture(params=["a.npy", "a.npz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def test_what_was_written_is_read(path: Path) -> None:
    np.testing.assert_array_equal(read(written(path, as_npy(VALUES))), VALUES)


@pytest.mark.parametrize(("rows", "promised"), [(5, 80), (7, 112), (10**15, 16 * 10**15)])
def test_a_header_of_fewer_or_more_rows_than_there_are_is_refused(
    path: Path, rows: int, promised: int
) -> None:
    written(path, as_npy(VALUES, (rows, 2)))
    told = rf"shape \({rows}, 2\) of float64, which is {promised} bytes, and 96 follow"
    with pytest.raises(UserError, match=told):
        read(path)


def test_two_arrays_saved_one_behind_the_other_are_not_read_as_one(path: Path) -> None:
    with pytest.raises(UserError, match="write it again"):
        read(written(path, as_npy(VALUES) + as_npy(VALUES)))


def test_objects_are_named_and_how_to_save_them(path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array(["cat", None], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"holds Python objects.*array\.astype\(str\)"):
        read(written(path, stream.getvalue()))


def test_more_than_the_memory_holds_is_refused_before_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mebibyte of zeros is a kilobyte in an archive: what it expands to is what counts.
    written(path, as_npy(np.zeros(2**17)))
    monkeypatch.setattr(files, "available_memory", lambda: 2**19)
    monkeypatch.setattr(array_files, "_array", lambda _: pytest.fail("it was read"))
    with pytest.raises(UserError, match=rf"{path.name} takes 0\.0 GiB .* memory are free"):
        read(path)


def test_a_member_that_expands_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.npz", as_npy(np.zeros(2**17)))
    content = path.read_bytes()
    # The size that the archive's own list has of the member.
    at = content.rindex(b"PK\x01\x02") + 24
    path.write_bytes(content[:at] + (200).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(UserError, match=r"cannot be read as \.npz \(Bad CRC-32"):
        read_arrays(path)


@pytest.mark.parametrize("second", ["x.npy", "x"])
def test_two_members_of_one_name_are_refused(tmp_path: Path, second: str) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # Of zipfile, that there are two.
        archive.writestr("x.npy", as_npy(VALUES))
        archive.writestr(second, as_npy(VALUES + 1))
    told = r"two arrays called x: write" if second == "x.npy" else "holds x, which is no array"
    with pytest.raises(UserError, match=told):
        read_arrays(tmp_path / "a.npz")


def test_a_file_that_is_mapped_is_held_against_its_header_too(tmp_path: Path) -> None:
    assert check_array_file(written(tmp_path / "a.npy", as_npy(VALUES))) == 96
    with pytest.raises(UserError, match="96 follow"):
        check_array_file(written(tmp_path / "a.npy", as_npy(VALUES, (4, 2))))


def as_idx(array: NDArray[np.uint8]) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


@given(shape=st.lists(st.integers(0, 7), min_size=1, max_size=4), seed=st.integers(0, 2**32 - 1))
def test_what_was_written_is_read_whatever_its_shape(shape: list[int], seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    read = parse_idx(io.BytesIO(as_idx(array)), "made up")
    assert read.shape == array.shape
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)


@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    data=st.data(),
)
def test_a_file_cut_short_anywhere_is_refused(shape: list[int], data: st.DataObject) -> None:
    content = as_idx(np.zeros(shape, dtype=np.uint8))
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(UserError, match=r"^made up: .*(expected|promises)"):
        parse_idx(io.BytesIO(content[:length]), "made up")


@pytest.mark.parametrize("ending", ["", ".gz", ".xz"])
def test_compression_is_told_by_the_ending(tmp_path: Path, ending: str) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / f"array{ending}"
    content = as_idx(array)
    compressed = {"": content, ".gz": gzip.compress(content), ".xz": lzma.compress(content)}
    path.write_bytes(compressed[ending])
    read = read_idx(path)
    np.testing.assert_array_equal(read, array)
    assert read.flags.writeable


def test_arrays_longer_than_one_read(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 1 << 20), dtype=np.uint8)
    (tmp_path / "array").write_bytes(as_idx(array))
    np.testing.assert_array_equal(read_idx(tmp_path / "array"), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"begins with the bytes \(none\), expected the magic number"),
        (b"\x89PNG rest", "begins with the bytes 89 50 4e 47, expected the magic number"),
        (bytes([0, 0, 0x0D, 1, 0, 0, 0, 0]), "type 0x0d, expected unsigned bytes"),
        (bytes([0, 0, 8, 0]), "no dimensions"),
        (bytes([0, 0, 8, 3, 0, 0, 0, 1]), "ends within its idx header, expected 16 bytes"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2]), "promises 3 bytes .*only 2 follow"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 1, 1, 2]), "promises 1 bytes .*more follow"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, "promises [0-9]{20,} bytes, which takes .* memory"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "some-file").write_bytes(content)
    with pytest.raises(UserError, match=f"some-file: .*{message}"):
        read_idx(tmp_path / "some-file")


@pytest.mark.parametrize("ending", [".gz", ".xz"])
@pytest.mark.parametrize("damage", ["cut", "altered", "other"])
def test_a_damaged_stream_is_refused(tmp_path: Path, ending: str, damage: str) -> None:
    array = np.random.default_rng(0).integers(0, 256, 4096, dtype=np.uint8)
    content = bytearray((gzip if ending == ".gz" else lzma).compress(as_idx(array)))
    if damage == "cut":
        del content[-20:]
    elif damage == "altered":
        content[len(content) // 2] ^= 0xFF
    else:
        content[:] = as_idx(array)
    path = tmp_path / f"array{ending}"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"array\{ending}: unreadable, truncated or corrupt"):
        read_idx(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(UserError, match=f"{path.name}: unreadable"):
            read_idx(path)


def test_the_size_of_a_header_is_counted_in_whole_numbers() -> None:
    # 2**32 - 1 in every dimension overflows 64 bits; it must not wrap to something small.
    sizes = [2**32 - 1] * 4
    with pytest.raises(UserError, match=str(math.prod(sizes))):
        parse_idx(io.BytesIO(bytes([0, 0, 8, 4]) + b"\xff" * 16), "huge")
