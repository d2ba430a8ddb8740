import gzip
import io
import lzma
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from infomax.data.idx import parse_idx, read_idx
from infomax.errors import UserError


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
