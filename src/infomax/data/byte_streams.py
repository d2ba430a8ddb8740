"""Files opened for reading whether they are plain, gzip or xz, and what a damaged one raises."""

import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import Final

__all__ = ["COMPRESSIONS", "DAMAGED", "open_bytes"]

COMPRESSIONS: Final = ("", ".gz", ".xz")
"""The endings `open_bytes` understands; the first, no ending, is a plain file."""

DAMAGED: Final = (EOFError, OSError, zlib.error, lzma.LZMAError)
"""What reading an unreadable, truncated or corrupt file raises."""


def open_bytes(path: Path) -> io.BufferedIOBase:
    """Open a file for reading its decompressed bytes; its ending says how it is compressed.

    Raises:
        OSError: if the file cannot be opened. Reading may later raise any of `DAMAGED`.
    """
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    if path.suffix == ".xz":
        return lzma.open(path, "rb")
    return path.open("rb")
