"""The one way in which a file is written so that it is whole at every moment."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infomax.errors import UserError

__all__ = [
    "HALF_WRITTEN",
    "check_no_device",
    "half_written",
    "move_file",
    "read_json_whole",
    "write_json_whole",
    "write_text_whole",
    "written_whole",
]

HALF_WRITTEN = ".part"
"""How the names of files end that are being written, or that a process that was killed left."""

_HASH = "sha256"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CANNOT_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


def check_no_device(path: Path) -> None:
    """Refuse a path in whose place a file must not be put, such as ``/dev/null``.

    Raises:
        UserError: if there is a pipe, a socket or a device.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UserError(f"{path} is a pipe, a socket or a device, expected a file")


def half_written(path: Path, writer: str = "") -> Path:
    """Return where a file is written before it is put in its place.

    Args:
        path: of the file.
        writer: who writes it, where several may at once.
    """
    return path.with_name(f"{path.name}{writer and '.'}{writer}{HALF_WRITTEN}")


@contextmanager
def written_whole(path: Path, *, beside: Path | None = None) -> Iterator[Path]:
    """Put a new file in the place of an old one in a single moment.

    What is in the ``with`` block writes to the path that it is given, which lies beside ``path``.
    Then that file is flushed to the disk and renamed, and so is the folder that names it. Whenever
    the process or the machine stops, ``path`` holds all that it held before, or all that was
    written.

    Args:
        path: the file to write; its folder is there.
        beside: what is written meanwhile, in the same folder; by default one path for all who write
            the file, and one of their own where several may write it at once.

    Raises:
        UserError: if the disk is full; nothing is left beside the file, which is as it was. If
            there is a device or a pipe, such as ``/dev/null``, in whose place no file may be put.
        OSError: if it cannot be written for another reason; likewise.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_whole(folder / "a.txt") as beside:
        ...     _ = beside.write_text("whole")
        >>> [each.name for each in folder.iterdir()], (folder / "a.txt").read_text()
        (['a.txt'], 'whole')
    """
    check_no_device(path)
    beside = beside or half_written(path)
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise UserError(
            f"{path} cannot be written ({os.strerror(error.errno)}): make room; what was written "
            "before is whole"
        ) from error
    finally:
        # Nothing is there after the renaming. A process that is killed leaves it, until the file
        # is written again.
        beside.unlink(missing_ok=True)


def move_file(path: Path, to: Path) -> None:
    """Give a file that is whole another name in its folder, in a single moment."""
    path.replace(to)
    _flush_folder(to.parent)


def _flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the file system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        # A folder may be written to that may not be read.
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        # The file is written: that its name may be lost with the machine is no reason to stop.
        if error.errno not in _CANNOT_FLUSH:
            raise
    finally:
        os.close(descriptor)


def write_text_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8 as ``written_whole`` does."""
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json_whole(path: Path, value: Mapping[str, Any]) -> None:
    """Write a dictionary as JSON as ``written_whole`` does, and the hash of it under ``sha256``."""
    text = json.dumps({**value, _HASH: _hash_of(value)}, indent=1)
    write_text_whole(path, text + "\n")


def read_json_whole(path: Path) -> dict[str, Any]:
    """Read the dictionary that ``write_json_whole`` wrote.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is no JSON, or not what was written: one bit that has turned makes a name
            another name, or a number another number.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict) or value.pop(_HASH, None) != _hash_of(value):
        raise ValueError("it is not what was written")
    return value


def _hash_of(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(value)).encode()).hexdigest()
