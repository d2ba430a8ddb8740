"""Items of an array, in memory or mapped from a file larger than memory."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infomax.data.rows import Places, Values
from infomax.errors import UserError

__all__ = ["ArrayRows", "open_array"]

_BRIGHTEST_BYTE = 255.0
_IMAGES = 3
# Pages that were read stay resident until they are given back.
_MOST_BYTES_MAPPED = 64 * 2**20


class ArrayRows:
    """Items that are rows of an array.

    Bytes of three dimensions or more are images, channels last, and stay bytes; everything else is
    read as float32. A mapped array gives its pages back as it is read, so that its resident memory
    stays small however large it is.

    Args:
        array: ``(N, ...)``; a ``np.memmap`` is not read until its rows are.
        name: what messages and records call them.

    Attributes:
        name: as given.
        shape: of one item.
        brightest: 255 for images of bytes, else 1.

    Raises:
        UserError: if the array is no array of numbers or has no rows; if it is in memory, also if a
            value is NaN or infinite.

    Example:
        >>> rows = ArrayRows(np.arange(6).reshape(3, 2), "pairs")
        >>> rows.shape, len(rows), rows.read(np.array([2, 0])).tolist()
        ((2,), 3, [[4.0, 5.0], [0.0, 1.0]])
    """

    def __init__(self, array: NDArray[Any], name: str) -> None:
        if array.dtype.kind not in "biuf":
            raise UserError(
                f"{name} holds values of type {array.dtype}: views are numbers; leave the column "
                "out, or use it as labels or groups"
            )
        if not array.ndim or not array.size:
            raise UserError(f"{name} has shape {array.shape}: expected one row for each item")
        self.name = name
        self._map = _map_of(array)
        self._touched = 0
        images = array.dtype == np.uint8 and array.ndim >= _IMAGES
        self.brightest = _BRIGHTEST_BYTE if images else 1.0
        self.shape: tuple[int, ...] = array.shape[1:] or (1,)
        if images and array.ndim == _IMAGES:
            self.shape = (*self.shape, 1)
        self._array = array if images or self._map is not None else self._finite(array)
        if self._map is not None:
            # Rows are asked for in any order: what lies beside one is not needed next.
            self._map.madvise(mmap.MADV_RANDOM)

    def __len__(self) -> int:
        return len(self._array)

    def read(self, places: Places) -> Values:
        """Return some items: ``(n, *shape)``, bytes of images, else float32.

        Raises:
            UserError: if a value of a mapped array is NaN or infinite, or too large for float32.
        """
        rows = np.asarray(self._array[places]).reshape(len(places), *self.shape)
        if self._map is None:
            return rows
        self._touched += max(rows.nbytes, len(places) * mmap.PAGESIZE)
        if self._touched > _MOST_BYTES_MAPPED:
            self._map.madvise(mmap.MADV_DONTNEED)
            self._touched = 0
        if rows.dtype == np.uint8 and self.brightest == _BRIGHTEST_BYTE:
            return rows
        return self._finite(rows, places)

    def _finite(self, rows: NDArray[Any], places: Places | None = None) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):
            floats = np.ascontiguousarray(rows, dtype=np.float32)
        bad = ~np.isfinite(floats).reshape(len(floats), -1)
        if bad.any():
            row = int(np.flatnonzero(bad.any(axis=1))[0])
            first = row if places is None else int(places[row])
            raise UserError(
                f"{self.name} has {int(bad.sum())} values that are missing, infinite or too large, "
                f"the first in row {first} (counted from 0): fill them, or leave their rows out"
            )
        return floats


def _map_of(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the map that an array's memory is of, if it is one."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None


def open_array(path: Path) -> ArrayRows:
    """Map the array of a ``.npy`` file.

    Raises:
        UserError: if it cannot be read, or holds Python objects, which are never unpickled.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise UserError(f"{path}: is not there, expected a .npy file") from error
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: is not a .npy file that can be read ({reason})") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path}: is not a .npy file: expected one array")
    return ArrayRows(array, str(path))
