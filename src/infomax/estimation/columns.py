"""One measurement of all rows: what it is, and how it is read from a column of a table."""

import math
import shlex
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.data.text_cells import A_DATE, first_text
from infomax.errors import UserError, advice, choosing
from infomax.estimation.arrays import Array, Indices

__all__ = ["FEW_LEVELS", "Column", "name_columns", "read_column", "stack_columns"]

FEW_LEVELS = 20
"""Whole numbers of so many levels, or fewer, are taken as discrete."""

_ROWS_NAMED = 3
_COLUMNS_NAMED = 5
_ATOM_SHARE = 0.1
_MOST_SHOWN = 60
_AS_NUMBERS = ": turn it into numbers, such as days since the first one"
_TIMES = {"date", "datetime", "datetime64", "time", "timedelta", "timedelta64", "period"}


@dataclass(frozen=True, eq=False)
class Column:
    """One measurement of all rows.

    Attributes:
        name: of the table's column, or ``x0``, ``x1``, ... where an array has none.
        measured: ``(N,)``, float64; levels numbered from 0 where it is discrete.
        discrete: whether only the equality of two values means something.
    """

    name: str
    measured: Array = field(repr=False)
    discrete: bool

    @property
    def different(self) -> int:
        """Number of different values."""
        return len(self._values_and_counts[0])

    @property
    def atoms(self) -> Array:
        """Values that a tenth of the rows have, or more: too many to come from rounding."""
        values, counts = self._values_and_counts
        return values[counts >= _ATOM_SHARE * len(self.measured)]

    @cached_property
    def _values_and_counts(self) -> tuple[Array, Indices]:
        # Sorted once: whatever chooses a method, or warns, asks how values repeat.
        return np.unique(self.measured, return_counts=True)

    @property
    def constant(self) -> bool:
        """Whether all values are equal."""
        return bool((self.measured == self.measured[0]).all())


def stack_columns(columns: Sequence[Column]) -> Array:
    """Return columns side by side: ``(N, d)``."""
    return np.column_stack([column.measured for column in columns])


def name_columns(names: Sequence[str]) -> str:
    """Return words for columns that something is said of, the first of them by name.

    Example:
        >>> name_columns(["age"]), name_columns(["q0", "q1"])
        ('column age', 'columns q0, q1')
        >>> name_columns([f"q{index}" for index in range(10)])
        'columns q0, q1, q2, q3, q4, ... (10 in all)'
    """
    listed = ", ".join(names[:_COLUMNS_NAMED])
    if len(names) > _COLUMNS_NAMED:
        listed += f", ... ({len(names)} in all)"
    return f"column{'s' if len(names) > 1 else ''} {listed}"


def read_column(
    series: "pd.Series[Any]",
    name: str,
    discrete: Collection[str] | None,
    levels: dict[str, int],
) -> Column:
    """Check one column of a table, and tell whether it is discrete.

    Args:
        series: ``(N,)``; its labels are the rows' numbers, by which they are named.
        name: of the column.
        discrete: names of the columns that are declared discrete; ``None`` leaves that open.
        levels: is given the number of levels, by its name, of a column that is taken as discrete
            without being declared so.

    Raises:
        UserError: if a value is missing, infinite or no number, or numbers cannot be told apart.
    """
    declared = name in (discrete or ())
    missing = series.isna().to_numpy()
    if missing.any():
        raise UserError(
            f"column {name} has {missing.sum()} missing value(s) (NaN), "
            f"{_rows(series, missing)}: fill them, or leave these rows out "
            f"({choosing('missing', 'drop')}); none is dropped unasked"
        )
    # Those beside a missing one are kept as objects.
    truth = pd.api.types.is_bool_dtype(series.dtype) or (
        pd.api.types.infer_dtype(series) == "boolean"
    )
    if declared or truth or isinstance(series.dtype, pd.CategoricalDtype):
        try:
            levels_in_order = pd.factorize(series, sort=True)[0]
        except (TypeError, NotImplementedError):  # Lists and what else cannot be told apart.
            raise _no_numbers(series, name, np.ones(len(series), bool)) from None
        return Column(name, levels_in_order.astype(np.float64), discrete=True)
    if pd.api.types.is_complex_dtype(series.dtype):
        raise UserError(
            f"column {name} holds complex numbers: give their real and imaginary parts as two "
            "columns"
        )
    if pd.api.types.infer_dtype(series) in _TIMES:
        raise UserError(f"column {name} holds dates or times{_AS_NUMBERS}")
    values = _numbers(series)
    wrong = np.isnan(values)
    if wrong.any():
        raise _no_numbers(series, name, wrong)
    infinite = ~np.isfinite(values)
    if infinite.any():
        raise UserError(
            f"column {name} has {infinite.sum()} infinite value(s), {_rows(series, infinite)}: "
            "replace or remove these rows, in x and y alike; none is dropped for you"
        )
    different = np.unique(values)
    if _whole(series) and len(different) < series.nunique():
        raise UserError(
            f"column {name} holds whole numbers that floating point cannot tell apart: subtract "
            f"the smallest, give their ranks, or declare it discrete ({_declaring(name)})"
        )
    few = 1 < len(different) <= FEW_LEVELS
    if discrete is None and few and (different == np.rint(different)).all():
        levels[name] = len(different)
        return Column(name, np.searchsorted(different, values).astype(np.float64), discrete=True)
    return Column(name, values, discrete=False)


def _numbers(series: "pd.Series[Any]") -> Array:
    """Return a column as floating point, NaN where a value is no number, as text never is."""
    if series.dtype.kind in "biuf":
        return series.to_numpy(dtype=np.float64)
    values = np.full(len(series), np.nan)
    for index, value in enumerate(series):
        if isinstance(value, (Real, Decimal, np.bool_)):
            # Beyond all floating point is as infinite as it.
            try:
                values[index] = float(value)
            except OverflowError:
                values[index] = math.inf
    return values


def _no_numbers(series: "pd.Series[Any]", name: str, wrong: NDArray[np.bool_]) -> UserError:
    first, kind = int(np.flatnonzero(wrong)[0]), ""
    if all(isinstance(value, str) for value in series[wrong]):
        first, _, kind = first_text(series)
    value = " ".join(repr(series.iloc[first]).split())
    if len(value) > _MOST_SHOWN:
        value = f"{value[:_MOST_SHOWN]}..."
    found = f"column {name} holds text or objects, such as {value} in row {series.index[first]}"
    if kind == A_DATE:
        return UserError(
            f"column {name} holds dates or times as text, such as {value} in row "
            f"{series.index[first]}{_AS_NUMBERS}"
        )
    if kind:
        found += f" ({kind})"
    if isinstance(series.iloc[first], (Mapping, Sequence, Set, np.ndarray)) and not isinstance(
        series.iloc[first], (str, bytes)
    ):
        return UserError(f"{found}: give a column for each of the values in a cell")
    return UserError(f"{found}: declare it discrete ({_declaring(name)}), or turn it into numbers")


def _declaring(name: str) -> str:
    return advice(f"discrete=[{name!r}]", f"--discrete {shlex.quote(name)}")


def _whole(series: "pd.Series[Any]") -> bool:
    if series.dtype.kind == "O":
        return all(isinstance(value, Integral) for value in series)
    return series.dtype.kind in "iu"


def _rows(series: "pd.Series[Any]", wrong: NDArray[np.bool_]) -> str:
    rows = series.index[wrong]
    named = ", ".join(str(row) for row in rows[:_ROWS_NAMED])
    more = ", ..." if len(rows) > _ROWS_NAMED else ""
    return f"in row(s) {named}{more} counted from 0"
