"""Items of an array, in memory or mapped from a file larger than memory."""

import math
import mmap
import os
import weakref
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.array_files import map_array
from infomax.data.dataset import Indices, Values
from infomax.data.values import as_float32
from infomax.errors import UserError

__all__ = [
    "ArraySource",
    "FileRows",
    "file_rows_of",
    "open_array",
]

_BRIGHTEST_BYTE: Final = 255.0
_IMAGES: Final = 3
_NUMBERS: Final = "biuf"

# Pages that were read stay resident until they are given back.
_MOST_BYTES_MAPPED: Final = 64 * 2**20
# With a page the kernel maps those beside it that it has cached: where rows of 4 KiB were read from
# a file of 512 MiB, 250 KiB were mapped for each (Linux 6, measured with RssFile).
_BYTES_BESIDE: Final = 256 * 2**10


class ArraySource:
    """Reads items that are rows of an array, in memory or mapped from a file.

    Bytes of three dimensions or more are images, channels last, and stay bytes; everything else is
    read as float32. Rows of a mapped array are read from its file when they are asked for, so that
    memory stays small however large it is; where they cannot be (Fortran's order), the map gives
    its pages back as it is read.

    Args:
        array: ``(N, ...)``; a ``np.memmap`` is not read until its rows are.
        name: what messages and records call them.
        brightest: what values are divided by to lie in [0, 1]; ``None`` for 255 where they are
            images of bytes and 1 where they are not.
        columns: which values of each row of ``(N, features)`` are an item's; ``None`` for all.

    Attributes:
        name: as given.
        shape: of one item.
        brightest: as given or found.

    Raises:
        UserError: if the array is no array of numbers or has no rows; if it is in memory, also if a
            value is NaN or infinite.

    Example:
        >>> rows = ArraySource(np.arange(6).reshape(3, 2), "pairs")
        >>> rows
        ArraySource('pairs', 3 items of (2,))
        >>> rows.shape, len(rows), rows.read(np.array([2, 0])).tolist()
        ((2,), 3, [[4.0, 5.0], [0.0, 1.0]])
    """

    def __init__(
        self,
        array: NDArray[Any],
        name: str,
        brightest: float | None = None,
        *,
        columns: Indices | None = None,
    ) -> None:
        if array.dtype.kind not in _NUMBERS:
            raise UserError(
                f"{name} holds values of type {array.dtype}, and views are numbers: leave it out "
                "of x and y, or use it as labels or groups"
            )
        if not array.ndim or not array.size:
            raise UserError(f"{name} has shape {array.shape}: expected one row for each item")
        self.name = name
        self._bytes = array.dtype == np.uint8 and array.ndim >= _IMAGES
        if brightest is None:
            brightest = _BRIGHTEST_BYTE if self._bytes else 1.0
        self.brightest = brightest
        self.shape: tuple[int, ...] = array.shape[1:] or (1,)
        if self._bytes and array.ndim == _IMAGES:
            self.shape = (*self.shape, 1)
        self._file = file_rows_of(array)
        self._map = _map_of(array)
        self._columns = columns
        if columns is not None:
            self.shape = (len(columns),)
        if self._map is None:
            array = array if columns is None else array[:, columns]
            self._array = array if self._bytes else as_float32(array, name)
            return
        # Rows are asked for in any order: what lies beside one is not needed next.
        self._map.madvise(mmap.MADV_RANDOM)
        self._array = array
        self._rows_held = max(1, _MOST_BYTES_MAPPED // _bytes_mapped_by_a_row(array))
        self._held = 0

    def __len__(self) -> int:
        return len(self._array)

    def __repr__(self) -> str:
        return f"ArraySource({self.name!r}, {len(self)} items of {self.shape})"

    def read(self, indices: Indices) -> Values:
        """Return some items: ``(n, *shape)``, bytes of images, else float32.

        Raises:
            UserError: if a value of a mapped array is NaN or infinite, or too large for float32, or
                its file can no longer be read.
        """
        if self._map is None:
            return np.asarray(self._array[indices]).reshape(len(indices), *self.shape)
        if self._file is None:
            rows = self._read_mapped(self._map, indices)
        else:
            rows = self._file.read(indices)
            rows = rows if self._columns is None else rows[:, self._columns]
        rows = rows.reshape(len(indices), *self.shape)
        return rows if self._bytes else as_float32(rows, self.name, indices=indices)

    def _read_mapped(self, pages: mmap.mmap, indices: Indices) -> NDArray[Any]:
        wanted = self._array.shape[1:] if self._columns is None else self.shape
        rows = np.empty((len(indices), *wanted), self._array.dtype)
        for start in range(0, len(indices), self._rows_held):
            some = indices[start : start + self._rows_held]
            read = self._array[some]
            rows[start : start + len(some)] = (
                read if self._columns is None else read[:, self._columns]
            )
            self._held += len(some)
            if self._held >= self._rows_held:
                pages.madvise(mmap.MADV_DONTNEED)
                self._held = 0
        return rows


def _map_of(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the map whose pages an array lies in, if giving them back loses nothing."""
    base: object = array
    mode = None
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            mode = base.mode
        base = base.base
    # Of a copy on write ("c") what was written would be lost, and is in memory in any case.
    shared = mode in {"r", "r+", "w+"}
    return base if shared and isinstance(base, mmap.mmap) else None


def _bytes_mapped_by_a_row(array: NDArray[Any]) -> int:
    row = array[:1]
    if row.flags.c_contiguous:
        return row.nbytes + _BYTES_BESIDE
    # At most: where an array is stored by columns, each value of a row lies in a page of its own.
    return math.prod(row.shape) * _BYTES_BESIDE


def open_array(path: Path) -> ArraySource:
    """Open the rows of a ``.npy`` file: mapped, unless all of it takes no more than its map would.

    Raises:
        UserError: if it cannot be mapped, or is no array of numbers with a row for each item; of a
            small file, also if a value is NaN or infinite.
    """
    array = map_array(path)
    if array.nbytes <= _MOST_BYTES_MAPPED:
        return ArraySource(np.array(array), str(path))
    return ArraySource(array, str(path))


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

    def __repr__(self) -> str:
        return f"FileRows({str(self._path)!r}, rows of {self._shape} from byte {self._offset})"

    def read(self, indices: Indices) -> NDArray[Any]:
        """Return some rows, in the order that is asked for: ``(n, ...)``.

        Raises:
            UserError: if the file cannot be read, or ends before they do.
        """
        rows = np.empty((len(indices), *self._shape), self._type)
        into = rows.reshape(-1).view(np.uint8).data
        stretches = self._stretches(indices)
        # All at once: a disk that is asked for many rows together is several times as fast.
        for _, begin, length in stretches:
            os.posix_fadvise(self._file, begin, length, os.POSIX_FADV_WILLNEED)
        for at, begin, length in stretches:
            self._read_into(into[at : at + length], begin)
        return rows

    def _stretches(self, indices: Indices) -> list[tuple[int, int, int]]:
        """Return where to put, where to begin and how many bytes: of rows side by side, at once."""
        if not len(indices):
            return []
        firsts = np.r_[0, np.flatnonzero(np.diff(indices) != 1) + 1]
        lengths = np.diff(np.r_[firsts, len(indices)])
        size = self._bytes_of_row
        return list(
            zip(
                (firsts * size).tolist(),
                (self._offset + indices[firsts] * size).tolist(),
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
