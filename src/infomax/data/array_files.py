"""Files of arrays (``.npy``, ``.npz``, idx), held against their headers before they are read."""

import io
import math
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import ImageArray
from infomax.data.files import DAMAGED, check_fits_memory, check_regular_file, open_bytes
from infomax.errors import UserError, message_of

__all__ = [
    "array_names",
    "check_array_file",
    "map_array",
    "parse_idx",
    "read_array",
    "read_arrays",
    "read_idx",
]


def check_array_file(path: Path) -> int:
    """Check that a ``.npy`` file holds what its header says: no less, and nothing behind it.

    Returns:
        Bytes that the array takes.

    Raises:
        UserError: if it does not, cannot be read, or holds Python objects, which are never
            unpickled.
    """
    check_regular_file(path)
    with _refused_if_damaged(path), path.open("rb") as stream:
        return _promised(stream, path.stat().st_size, str(path))


def read_array(path: Path) -> NDArray[Any]:
    """Read the array of a ``.npy`` file.

    Raises:
        UserError: as `check_array_file` does, and if the array does not fit in memory.
    """
    check_fits_memory(check_array_file(path), str(path))
    # Not `np.load`, which takes a file for something else by what it begins with.
    with _refused_if_damaged(path), path.open("rb") as stream:
        return _array(stream)


def map_array(path: Path) -> "np.memmap[Any, Any]":
    """Map the array of a ``.npy`` file, of which nothing is read before it is asked for.

    Raises:
        UserError: as `check_array_file` does, and if the file is not there, or cannot be mapped.
    """
    if path.is_dir() or not path.exists():
        found = "is a folder" if path.is_dir() else "is not there"
        raise UserError(f"{path}: {found}, expected a .npy file")
    check_array_file(path)
    with _refused_if_damaged(path):
        return np.lib.format.open_memmap(path, mode="r")


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of an ``.npz`` file, by their names.

    Raises:
        UserError: if it cannot be read, two arrays have one name, a member is no array, holds more
            or less than its header says or Python objects, or all of them do not fit in memory.
    """
    check_regular_file(path)
    with _refused_if_damaged(path), zipfile.ZipFile(path) as archive:
        members = _members(archive, path)
        promised = 0
        for name, member in members.items():
            with archive.open(member) as stream:
                promised += _promised(stream, member.file_size, f"{path}: array {name}")
        check_fits_memory(promised, str(path))
        arrays = {}
        for name, member in members.items():
            with archive.open(member) as stream:
                arrays[name] = _array(stream)
        return arrays


def array_names(path: Path) -> list[str]:
    """Return the names of the arrays of an ``.npz`` file, of which none is read.

    Raises:
        UserError: if the file cannot be read, two arrays have one name, or a member is no array.
    """
    check_regular_file(path)
    with _refused_if_damaged(path), zipfile.ZipFile(path) as archive:
        return list(_members(archive, path))


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name == member.filename:
            raise UserError(f"{path}: holds {name}, which is no array (.npy): leave it out")
        if name in members:
            raise UserError(f"{path}: holds two arrays called {name}: write it with one of them")
        members[name] = member
    return members


def _promised(stream: IO[bytes], size: int, source: str) -> int:
    """Return the bytes of an array by its header, which must be all that follows it."""
    version = np.lib.format.read_magic(stream)
    # Version 3 differs from version 2 in how names of fields are written alone.
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, kind = read(stream)
    if kind.hasobject:
        raise UserError(
            f"{source}: holds Python objects, which are never unpickled: save numbers, or text "
            "(array.astype(str))"
        )
    promised, found = math.prod(shape) * kind.itemsize, size - stream.tell()
    if promised != found:
        raise UserError(
            f"{source}: its header says shape {shape} of {kind}, which is {promised} bytes, and "
            f"{found} follow: write it again"
        )
    return promised


def _array(stream: IO[bytes]) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


@contextmanager
def _refused_if_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    # Headers are Python and members are compressed: a damaged file may raise nearly anything.
    except Exception as error:
        raise UserError(
            f"{path}: cannot be read as {path.suffix} ({message_of(error)}): check the file, or "
            "write it again"
        ) from error


UNSIGNED_BYTE: Final = 0x08
CHUNK_BYTES: Final = 1 << 20


def read_idx(path: Path) -> ImageArray:
    """Return the array in an idx file, which may be plain, gzip (``.gz``) or xz (``.xz``).

    Raises:
        UserError: if the file cannot be read, is damaged, or is not an idx file of unsigned bytes.
    """
    try:
        with open_bytes(path) as stream:
            return parse_idx(stream, str(path))
    except DAMAGED as error:
        raise UserError(
            f"{path}: unreadable, truncated or corrupt ({error}); expected an idx file"
        ) from error


def parse_idx(stream: io.BufferedIOBase, source: str) -> ImageArray:
    """Return the array in a stream of idx bytes, writable, of any rank from 1.

    Args:
        stream: bytes from the header on, decompressed.
        source: what errors call the stream.

    Raises:
        UserError: if the header is not one of unsigned bytes, or promises more or fewer bytes
            than follow it, or more than there is memory.

    Example:
        >>> import io
        >>> parse_idx(io.BytesIO(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])), "labels").tolist()
        [7, 2, 1]
    """
    shape = _parse_header(stream, source)
    promised = math.prod(shape)
    check_fits_memory(promised, f"{source}: its idx header promises {promised} bytes, which")
    # The header is not trusted with the allocation: a corrupt one may promise terabytes.
    content = bytearray()
    while len(content) <= promised and (chunk := stream.read(CHUNK_BYTES)):
        content += chunk
    if len(content) != promised:
        found = f"only {len(content)} follow" if len(content) < promised else "more follow"
        raise UserError(
            f"{source}: its idx header promises {promised} bytes (shape {shape}), but {found}"
        )
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _parse_header(stream: io.BufferedIOBase, source: str) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise UserError(
            f"{source}: begins with the bytes {magic.hex(' ') or '(none)'}, "
            "expected the magic number of an idx file: 00 00 08 and the number of dimensions"
        )
    if magic[2] != UNSIGNED_BYTE:
        raise UserError(
            f"{source}: holds idx values of type 0x{magic[2]:02x}, "
            f"expected unsigned bytes (0x{UNSIGNED_BYTE:02x})"
        )
    rank = magic[3]
    if rank == 0:
        raise UserError(f"{source}: its idx header has no dimensions, expected at least 1")
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise UserError(
            f"{source}: ends within its idx header, expected {4 + 4 * rank} bytes of header "
            f"for {rank} dimensions"
        )
    return struct.unpack(f">{rank}I", sizes)
