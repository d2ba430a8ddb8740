"""One process at a time writes to a folder."""

import errno
import fcntl
import json
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from infomax.errors import UserError

__all__ = ["LOCK", "is_in_use", "locked_folder"]

LOCK: Final = "lock"
"""The file that is locked; what is in it names the process that holds the lock."""

_CANNOT_LOCK: Final = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it is not there, for as long as the ``with`` block runs.

    The lock is the system's (``flock``) and goes with the process: one that is killed leaves none.
    Folders that were made and are empty at the end are removed again.

    Args:
        folder: that only this process is to write to.

    Raises:
        UserError: if another process holds it, which is named; or if it is a file, or cannot be
            made or written to.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with locked_folder(folder), locked_folder(folder):
        ...     pass
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: ... is in use by process ... on ..., since ...
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    held: list[int] = []
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _hold(folder, held)
        except FileExistsError as error:
            raise UserError(f"{folder} is a file: choose a folder for --out") from error
        except OSError as error:
            verb = "be written to" if folder.is_dir() else "be made"
            raise UserError(
                f"{folder} cannot {verb} ({error.strerror}): choose another --out"
            ) from error
        yield
    finally:
        for file in held:
            # Before the lock is given back: after that it may be another's.
            (folder / LOCK).unlink(missing_ok=True)
            os.close(file)
        with suppress(OSError):
            for each in made:
                each.rmdir()


def is_in_use(folder: Path) -> bool:
    """Tell whether a process holds a folder, which is left as it is.

    Args:
        folder: that ``locked_folder`` may hold.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with locked_folder(folder):
        ...     is_in_use(folder)
        True
        >>> is_in_use(folder)
        False
    """
    try:
        file = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    # A disk that cannot lock files: nobody can tell.
    except OSError:
        return False
    finally:
        os.close(file)
    return False


def _hold(folder: Path, held: list[int]) -> None:
    """Lock the folder, note the open file of the lock, and write into it whose it is."""
    path = folder / LOCK
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(file, folder)
            if _is_there(file, path):
                held.append(file)
                break
        finally:
            # Another holds it, or held it and removed it between the opening and the locking.
            if not held:
                os.close(file)
    who = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}",
    }
    os.ftruncate(held[0], 0)
    os.pwrite(held[0], json.dumps(who).encode(), 0)


def _lock(file: int, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UserError(
            f"{folder} is in use by {_holder(file)}: wait until it has ended, or choose another "
            "--out"
        ) from error
    except OSError as error:
        if error.errno not in _CANNOT_LOCK:
            raise
        warnings.warn(
            f"the disk of {folder} cannot lock files ({error.strerror}): see to it yourself that "
            "no other process writes there",
            stacklevel=2,
        )


def _holder(file: int) -> str:
    try:
        who = json.loads(os.pread(file, 1000, 0))
        return f"process {who['pid']} on {who['host']}, since {who['since']}"
    # It has locked the file and not written its name yet.
    except (ValueError, LookupError, TypeError):
        return "another process"


def _is_there(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
