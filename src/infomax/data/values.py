"""What values of views must be: there, finite, not too large, and still apart as float32."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from infomax.data.dataset import Indices
from infomax.errors import UserError

__all__ = [
    "EXACT_IN_FLOAT32",
    "as_float32",
    "check_finite",
    "check_float32_exact",
    "not_finite_error",
]

EXACT_IN_FLOAT32: Final = 2**24
"""Up to which all whole numbers are, and above which some are not."""


def as_float32(
    values: NDArray[Any], name: str, *, indices: Indices | None = None
) -> NDArray[np.float32]:
    """Return rows as float32, in which views are kept, without losing any value.

    Args:
        values: ``(N, ...)``.
        name: what the message calls them.
        indices: of the rows in their source; ``None`` where they are all of it.

    Raises:
        UserError: as `check_float32_exact` and `check_finite` do.

    Example:
        >>> as_float32(np.array([[1], [2]]), "a.npy").tolist()
        [[1.0], [2.0]]
    """
    check_float32_exact(values, name)
    with np.errstate(over="ignore"):
        floats = np.ascontiguousarray(values, dtype=np.float32)
    check_finite(floats, name, indices=indices)
    return floats


def check_finite(
    values: NDArray[np.float32],
    name: str,
    *,
    indices: Indices | None = None,
    leave_out: str = "their rows",
) -> None:
    """Check that no value is missing or infinite, as those too large for float32 have become.

    Args:
        values: ``(N, ...)``.
        name: what the message calls them.
        indices: of the rows in their source; ``None`` where they are all of it.
        leave_out: what may be left out instead, for the message.

    Raises:
        UserError: if one is; the message says how many are, and the first row.

    Example:
        >>> check_finite(np.array([[0.0], [np.nan]], np.float32), "a.npy")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: a.npy has 1 value that is missing, infinite or too large, the \
first in row 1 (counted from 0): fill them, or leave their rows out
    """
    finite = np.isfinite(values)
    if finite.all():
        return
    bad = np.flatnonzero(~finite.reshape(len(values), -1).all(axis=1))
    # Rows of a batch come in random order; that of the file is what can be looked up.
    first = int((bad if indices is None else indices[bad]).min())
    count = int(finite.size - np.count_nonzero(finite))
    raise not_finite_error(name, count, first, leave_out=leave_out)


def not_finite_error(name: str, count: int, row: int, *, leave_out: str) -> UserError:
    """Return the error for values that are missing, infinite or too large.

    Args:
        name: of what holds them.
        count: how many they are.
        row: the first that holds one, counted from 0.
        leave_out: what may be left out instead.
    """
    values = "1 value that is" if count == 1 else f"{count} values that are"
    return UserError(
        f"{name} has {values} missing, infinite or too large, the first in row {row} (counted from "
        f"0): fill them, or leave {leave_out} out"
    )


def check_float32_exact(values: NDArray[Any], name: str) -> None:
    """Check that whole numbers that differ still do as float32, in which views are kept.

    Args:
        values: ``(N, ...)``; of other types, which are rounded already, all are taken.
        name: what the message calls them.

    Raises:
        UserError: if two of one column become one.

    Example:
        >>> check_float32_exact(np.array([2**24, 2**24 + 1]), "a.npy")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: a.npy holds whole numbers that floating point cannot tell apart...
    """
    if values.dtype.kind not in "iu" or not values.size:
        return
    if max(int(values.max()), -int(values.min())) <= EXACT_IN_FLOAT32:
        return
    for column in values.reshape(len(values), -1).T:
        different = np.unique(column)
        merged = np.flatnonzero(np.diff(different.astype(np.float32)) == 0)
        if len(merged):
            first, second = different[merged[0] :][:2]
            raise UserError(
                f"{name} holds whole numbers that floating point cannot tell apart, such as "
                f"{first} and {second}: subtract the smallest, leave them out of x and y, or, if "
                "so little means nothing, write them as floating point"
            )
