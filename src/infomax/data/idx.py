"""The idx format of MNIST and its kin: one array of unsigned bytes behind a short header."""

import io
import math
import struct
from pathlib import Path
from typing import Final

import numpy as np

from infomax.data.byte_streams import DAMAGED, check_fits_memory, open_bytes
from infomax.data.dataset import ImageArray
from infomax.errors import UserError

__all__ = ["parse_idx", "read_idx"]

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
