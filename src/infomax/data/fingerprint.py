"""Know data by what they hold, wherever they lie and whatever they are called."""

import hashlib
import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import ItemDataset, ItemSource

__all__ = ["Fingerprint", "differences_of_data", "fingerprints_of"]

_MOST_BYTES: Final = 256 * 2**20
_BYTES_AT_ONCE: Final = 16 * 2**20


class Fingerprint(NamedTuple):
    """Tells rows from other rows, by their number, their shape and a hash of their values.

    Attributes:
        rows: how many there are.
        shape: of one row.
        hash: SHA-256 of the values of all rows; where they take more than 256 MiB, of so many that
            lie evenly among them, the first and the last included.
    """

    rows: int
    shape: tuple[int, ...]
    hash: str


def fingerprints_of(items: ItemDataset) -> dict[str, Fingerprint]:
    """Return the fingerprints of x and, where there are any, of y, the labels and the groups.

    Raises:
        UserError: if a row that is read cannot be read.

    Example:
        >>> from infomax.data.array_source import ArraySource
        >>> pairs = ItemDataset(ArraySource(np.zeros((3, 2)), "x"), labels=np.array([0, 1, 1]))
        >>> {name: each.rows for name, each in fingerprints_of(pairs).items()}
        {'x': 3, 'labels': 3}
    """
    sides = {"x": items.x, "y": items.y}
    found = {name: _of_rows(side) for name, side in sides.items() if side is not None}
    numbers = {"labels": items.labels, "groups": items.groups}
    return found | {name: _of_array(each) for name, each in numbers.items() if each is not None}


def differences_of_data(
    mine: Mapping[str, Fingerprint], theirs: Mapping[str, Fingerprint]
) -> list[str]:
    """Say how data differ from others, as ``x: 50 rows, not 51``.

    Example:
        >>> one, two = (Fingerprint(rows, (2,), "") for rows in (50, 51))
        >>> differences_of_data({"x": one}, {"x": two})
        ['x: 50 rows, not 51']
    """
    found = []
    for name in dict.fromkeys((*mine, *theirs)):
        if name not in mine or name not in theirs:
            found.append(f"{name}: only in one of both")
            continue
        one, two = mine[name], theirs[name]
        if one.rows != two.rows:
            found.append(f"{name}: {one.rows} rows, not {two.rows}")
        elif one.shape != two.shape:
            found.append(f"{name}: rows of shape {one.shape}, not {two.shape}")
        elif one.hash != two.hash:
            found.append(f"{name}: other values")
    return found


def _of_rows(rows: ItemSource) -> Fingerprint:
    size = rows.read(np.array([0])).itemsize * max(math.prod(rows.shape), 1)
    count = max(min(len(rows), _MOST_BYTES // size), 2)
    chosen = np.unique(np.linspace(0, len(rows) - 1, count).round().astype(np.int64))
    at_once = max(_BYTES_AT_ONCE // size, 1)
    digest = hashlib.sha256()
    for begin in range(0, len(chosen), at_once):
        values = np.ascontiguousarray(rows.read(chosen[begin : begin + at_once]))
        digest.update(values.view(np.uint8).data)
    return Fingerprint(len(rows), tuple(rows.shape), digest.hexdigest())


def _of_array(values: NDArray[np.int64]) -> Fingerprint:
    digest = hashlib.sha256(np.ascontiguousarray(values).data)
    return Fingerprint(len(values), (), digest.hexdigest())
