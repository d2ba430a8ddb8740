"""Rows of an array that lies in a file, read when they are asked for."""

import mmap
import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infomax.data.rows import Places
from infomax.errors import UserError

__all__ = ["FileRows", "file_rows_of"]


class FileRows:
    """Reads rows in any order, each with nothing beside it.

    They are read and not mapped: a system that keeps a file in huge pages maps megabytes for a row
    of kilobytes, and a file that is cut short or a disk that fails would end the process.

    Args:
        path: of the file.
        offset: bytes before the first row.
        like: the array, for its type and shape ``(N, ...)``.

    Raises:
        OSError: if the file cannot be opened.
    """

    def __init__(self, path: Path, offset: int, like: NDArray[Any]) -> None:
        self._path = path
        self._offset = offset
        self._type = like.dtype
        self._shape = like.shape[1:]
        self._bytes_of_row = like[0].nbytes
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_RANDOM)

    def read(self, places: Places) -> NDArray[Any]:
        """Return some rows, in the order that is asked for: ``(n, ...)``.

        Raises:
            UserError: if the file cannot be read, or ends before they do.
        """
        rows = np.empty((len(places), *self._shape), self._type)
        into = rows.reshape(-1).view(np.uint8).data
        stretches = self._stretches(places)
        # All at once: a disk that is asked for many rows together is several times as fast.
        for _, begin, length in stretches:
            os.posix_fadvise(self._file, begin, length, os.POSIX_FADV_WILLNEED)
        for at, begin, length in stretches:
            self._read_into(into[at : at + length], begin)
        return rows

    def _stretches(self, places: Places) -> list[tuple[int, int, int]]:
        """Return where to put, where to begin and how many bytes: of rows side by side, at once."""
        if not len(places):
            return []
        firsts = np.r_[0, np.flatnonzero(np.diff(places) != 1) + 1]
        lengths = np.diff(np.r_[firsts, len(places)])
        size = self._bytes_of_row
        return list(
            zip(
                (firsts * size).tolist(),
                (self._offset + places[firsts] * size).tolist(),
                (lengths * size).tolist(),
                strict=True,
            )
        )

    def _read_into(self, into: memoryview, begin: int) -> None:
        done = 0
        while done < len(into):
            try:
                count = os.preadv(self._file, [into[done:]], begin + done)
            except OSError as error:
                raise UserError(f"{self._path}: cannot be read ({error.strerror})") from error
            if not count:
                raise UserError(f"{self._path}: is shorter than when it was opened: write it again")
            done += count


def file_rows_of(array: NDArray[Any]) -> FileRows | None:
    """Return the rows of an array that is the map of a file, or a part of it in whole rows.

    There are none where an array may differ from its file (mode ``c``), where the values of a row
    lie apart (Fortran's order), and where the file is no longer there by its name.
    """
    base: object = array
    of_file: np.memmap[Any, Any] | None = None
    while isinstance(base, np.ndarray):
        of_file = base if isinstance(base, np.memmap) else of_file
        base = base.base
    if of_file is None or not isinstance(base, mmap.mmap) or not array.flags.c_contiguous:
        return None
    if of_file.mode == "c" or of_file.filename is None:
        return None
    # A map begins at a whole page of the file, before the array that was asked for.
    begin = of_file.offset - of_file.offset % mmap.ALLOCATIONGRANULARITY
    begin += array.ctypes.data - np.frombuffer(base, np.uint8).ctypes.data
    try:
        return FileRows(Path(of_file.filename), begin, array)
    except OSError:
        return None
