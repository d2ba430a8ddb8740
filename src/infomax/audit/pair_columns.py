"""What is told of pairs beside their codes: labels, groups and nuisances."""

import numbers
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.errors import UserError, advice, shortened
from infomax.estimation.containers import as_table

__all__ = [
    "MOST_CLASSES_OF_NUMBERS",
    "read_groups",
    "read_labels",
    "read_nuisances",
    "read_trained_on",
]

MOST_CLASSES_OF_NUMBERS: Final = 20
"""Whole numbers of no more distinct values are classes; of more, they are measurements."""


def read_labels(given: Any) -> NDArray[np.int64]:
    """Return the class of each pair as a number from 0.

    Args:
        given: ``(N,)`` or ``(N, 1)``: whole numbers, truth values or text.

    Raises:
        UserError: if there are several columns, or a label is missing or is no whole number.

    Example:
        >>> read_labels(["cat", "dog", "cat"]).tolist()
        [0, 1, 0]
    """
    return _numbered(given, "label", advice("labels", "--labels"), "class")


def read_groups(given: Any) -> NDArray[np.int64]:
    """Return the group of each pair as a number from 0.

    Args:
        given: ``(N,)`` or ``(N, 1)``: whole numbers, truth values or text.

    Raises:
        UserError: if there are several columns, a group is missing or is no whole number, or all
            pairs are of one.

    Example:
        >>> read_groups([7, 7, 3]).tolist()
        [1, 1, 0]
    """
    flag = advice("groups", "--groups")
    found = _numbered(given, "group", flag, "group")
    if len(found) and found.max() == 0:
        raise UserError(
            f"{flag} are all the same: of one group nothing can be held out; leave them out, or "
            "tell items or sources apart"
        )
    return found


def read_nuisances(given: Any) -> dict[str, NDArray[Any]]:
    """Return what codes should rather not hold, by name: classes in int64, measurements in float64.

    Text and truth values are classes, and so are whole numbers of up to 20 distinct values.

    Args:
        given: a dictionary or a table with a column, ``(N,)``, for each.

    Raises:
        UserError: if it is no such thing, or a value is missing or infinite.

    Example:
        >>> found = read_nuisances({"site": ["a", "b", "a"], "age": [31.5, 40.0, 62.0]})
        >>> found["site"].tolist(), found["age"].tolist()
        ([0, 1, 0], [31.5, 40.0, 62.0])
    """
    flag = advice("nuisances", "--nuisances")
    found: dict[str, NDArray[Any]] = {}
    table = as_table(given, "nuisance")
    for name in table.columns:
        column = table[name]
        missing = int(column.isna().sum())
        if missing:
            raise UserError(f"{flag}: {missing:,} values of {name!r} are missing: give all of them")
        if column.dtype.kind == "c":
            raise UserError(f"{flag}: {name!r} holds complex numbers: give real ones")
        found[str(name)] = _classes_or_measurements(column)
        if not np.isfinite(found[str(name)]).all():
            raise UserError(f"{flag}: values of {name!r} are infinite: give finite ones")
    return found


def read_trained_on(given: Any) -> NDArray[np.bool_]:
    """Return whether the encoder was trained on each pair.

    Args:
        given: ``(N,)`` or ``(N, 1)``: truth values, or 0 and 1.

    Raises:
        UserError: if there are several columns, or other values.

    Example:
        >>> read_trained_on([1, 0, 1]).tolist()
        [True, False, True]
    """
    flag = advice("trained_on", "--trained-on")
    table = as_table(given, "trained_on")
    if table.shape[1] != 1:
        raise UserError(f"{flag} has {table.shape[1]} columns: give one, of 0 and 1")
    column = table.iloc[:, 0]
    for value in column.unique().tolist():
        if not isinstance(value, numbers.Real) or value not in {0, 1}:
            raise UserError(
                f"{flag} holds {shortened(value)}: give 1 for pairs that the encoder "
                "was trained on, and 0 for others"
            )
    return column.to_numpy(dtype=np.bool_)


def _classes_or_measurements(column: "pd.Series[Any]") -> NDArray[Any]:
    few = column.nunique() <= MOST_CLASSES_OF_NUMBERS
    if column.dtype.kind == "f" or (column.dtype.kind in "iu" and not few):
        return column.to_numpy(dtype=np.float64)
    return pd.factorize(column, sort=column.dtype.kind in "iub")[0].astype(np.int64)


def _numbered(given: Any, side: str, flag: str, kind: str) -> NDArray[np.int64]:
    table = as_table(given, side)
    if table.shape[1] != 1:
        raise UserError(f"{flag} have {table.shape[1]} columns: give one {kind} for each pair")
    column = table.iloc[:, 0]
    if column.isna().any():
        raise UserError(f"{flag}: {int(column.isna().sum()):,} are missing: give all of them")
    for value in column.unique():
        if isinstance(value, numbers.Real) and float(value) % 1 != 0:
            plural = "classes" if kind == "class" else f"{kind}s"
            raise UserError(f"{flag} hold {shortened(value)}: {plural} are whole numbers or text")
    return np.unique(column.to_numpy(), return_inverse=True)[1].astype(np.int64)
