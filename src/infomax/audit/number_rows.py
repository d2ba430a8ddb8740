"""Rows of numbers of one side, whatever holds them: only those that are asked for are copied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from infomax.errors import UserError
from infomax.estimation.containers import as_table

__all__ = ["NumberRows", "number_rows"]

_LARGEST: Final = 1e100
_ROWS_AT_ONCE: Final = 4_096
_NUMBERS: Final = "iufb"


@dataclass(frozen=True, eq=False)
class NumberRows:
    """Rows of finite numbers.

    Attributes:
        rows: how many there are.
        take: copies those of some indices, ``(n, ...)`` in float64.
    """

    rows: int
    take: Callable[[NDArray[np.int64]], NDArray[np.float64]]


def number_rows(subject: str, side: str, given: Any, *, items: bool = False) -> NumberRows:
    """Check that all values are finite numbers, some rows at a time, and return what takes rows.

    Args:
        subject: what errors call it, such as ``codes 'mine'``.
        side: ``x`` or ``y``.
        given: ``(N, d)``, an array, a tensor or a table; ``(N,)`` is one column.
        items: whether rows may have several axes, ``(N, ...)``, as images have.

    Raises:
        UserError: if it is no such thing, or a value is no finite number.

    Example:
        >>> found = number_rows("codes", "x", np.eye(3, dtype=np.float16))
        >>> found.rows, found.take(np.array([2])).tolist()
        (3, [[0.0, 0.0, 1.0]])
    """
    if isinstance(given, np.ndarray | Tensor) and given.ndim > 2 and not items:
        raise UserError(
            f"{subject}: {side} has shape {tuple(given.shape)}: give a row for each pair, (N, d)"
        )
    found = _of_items(given) if items else None
    if found is None:
        found = _of_array(given) or _of_table(subject, side, given)
    broken, largest = 0, 0.0
    for start in range(0, found.rows, _ROWS_AT_ONCE):
        values = found.take(np.arange(start, min(start + _ROWS_AT_ONCE, found.rows)))
        values = values.reshape(len(values), -1)
        broken += int((~np.isfinite(values).all(axis=1)).sum())
        largest = max(largest, float(np.abs(values).max(initial=0.0)))
    if broken:
        raise UserError(
            f"{subject}: {broken:,} of {found.rows:,} rows of {side} hold values that are NaN or "
            "infinite: leave those pairs out, or take an encoder from before it failed"
        )
    if largest > _LARGEST:
        raise UserError(
            f"{subject}: {side} holds values beyond {_LARGEST:g}, whose squares are no longer "
            "numbers: divide all of them by one number"
        )
    return found


def _of_array(given: Any) -> NumberRows | None:
    """Return rows of an array as it is; a table of it would be a copy."""
    if (
        not isinstance(given, np.ndarray)
        or isinstance(given, np.ma.MaskedArray)
        or given.dtype.kind not in _NUMBERS
        or given.ndim not in {1, 2}
        or not given.size
    ):
        return None
    array = given[:, None] if given.ndim == 1 else given
    return NumberRows(len(array), lambda rows: array[rows].astype(np.float64))


def _of_items(given: Any) -> NumberRows | None:
    """Return rows of several axes; none where there are none."""
    if isinstance(given, Tensor) and given.ndim > 2:
        kept = given.detach()
        return NumberRows(len(kept), lambda rows: kept[rows].cpu().double().numpy())
    if isinstance(given, np.ndarray) and given.ndim > 2 and given.dtype.kind in _NUMBERS:
        return NumberRows(len(given), lambda rows: np.asarray(given[rows], np.float64))
    return None


def _of_table(subject: str, side: str, given: Any) -> NumberRows:
    table = as_table(given, side)
    for column in table.columns:
        if table[column].dtype.kind not in _NUMBERS:
            raise UserError(
                f"{subject}: column {column!r} of {side} holds {table[column].dtype}: give numbers"
            )
    return NumberRows(
        len(table),
        lambda rows: table.iloc[rows].to_numpy(dtype=np.float64, copy=True, na_value=np.nan),
    )
