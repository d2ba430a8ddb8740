"""Files opened for reading whether they are plain, gzip or xz, and what must not be opened."""

import gzip
import io
import lzma
import os
import stat
import zlib
from pathlib import Path
from typing import Final

from infomax.errors import UserError

__all__ = [
    "COMPRESSIONS",
    "DAMAGED",
    "available_memory",
    "check_fits_memory",
    "check_regular_file",
    "open_bytes",
    "read_whole",
]

COMPRESSIONS: Final = ("", ".gz", ".xz")
"""The endings `open_bytes` understands; the first, no ending, is a plain file."""

DAMAGED: Final = (EOFError, OSError, zlib.error, lzma.LZMAError)
"""What reading an unreadable, truncated or corrupt file raises."""

_MEMORY_OF_THE_MACHINE: Final = Path("/proc/meminfo")
_MEMORY_OF_THE_CONTAINER: Final = Path("/sys/fs/cgroup/memory.max")
_GIBIBYTE: Final = 2**30


def open_bytes(path: Path) -> io.BufferedIOBase:
    """Open a file for reading its decompressed bytes; its ending says how it is compressed.

    Raises:
        UserError: if it is a pipe, a socket or a device.
        OSError: if the file cannot be opened. Reading may later raise any of `DAMAGED`.
    """
    check_regular_file(path)
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")
    if path.suffix.lower() == ".xz":
        return lzma.open(path, "rb")
    return path.open("rb")


def read_whole(path: Path) -> bytes:
    """Return the bytes of a file that fits in memory.

    Raises:
        UserError: if it cannot be read, is no regular file, or is larger than the memory.
    """
    check_regular_file(path)
    try:
        check_fits_memory(path.stat().st_size, str(path))
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


def check_regular_file(path: Path) -> None:
    """Check that a path is no pipe, socket or device, which would be waited for without end.

    What is not there, and folders, are left to whoever opens them.

    Raises:
        UserError: if it is a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UserError(f"{path}: is a pipe, a socket or a device, expected a file")


def check_fits_memory(size: int, what: str) -> None:
    """Check, before they are read, that so many bytes fit in memory.

    Args:
        size: in bytes.
        what: the file, or more words, by which the message begins.

    Raises:
        UserError: if they are more than `available_memory`.
    """
    free = available_memory()
    if size > free:
        raise UserError(
            f"{what} takes {size / _GIBIBYTE:,.1f} GiB when it is read, and "
            f"{free / _GIBIBYTE:,.1f} GiB of memory are free: check it, or give it in parts"
        )


def available_memory() -> int:
    """Return how many bytes this process can have without swapping, by what Linux says.

    Where this process is in a container whose limit is lower, the limit is returned.
    """
    try:
        lines = _MEMORY_OF_THE_MACHINE.read_text(encoding="ascii").splitlines()
        kibibytes = next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        free = int(kibibytes) * 1024
    except (OSError, StopIteration, ValueError):
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(free, int(_MEMORY_OF_THE_CONTAINER.read_text(encoding="ascii")))
    except (OSError, ValueError):  # No container, or one without a limit ("max").
        return free
