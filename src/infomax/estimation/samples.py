"""Paired measurements, checked: nothing is dropped, nothing is guessed in silence."""

import dataclasses
import math
import shlex
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.advice import advice, choosing
from infomax.data.text_cells import A_DATE, first_text
from infomax.errors import UserError, unknown_name
from infomax.estimation.cautions import DiscreteColumnWarning, EstimationWarning
from infomax.estimation.containers import as_table

__all__ = [
    "FEW_LEVELS",
    "MISSING",
    "Column",
    "PairedSamples",
    "check_labels",
    "declared_columns",
    "matrix",
    "named_columns",
    "paired_samples",
]

FEW_LEVELS = 20
"""Whole numbers of so many levels, or fewer, are taken as discrete."""

MISSING = ("refuse", "drop")
"""What can be done with rows in which a value is missing."""

_FEWEST_ROWS = 50
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
    measured: NDArray[np.float64]
    discrete: bool

    @property
    def different(self) -> int:
        """Number of different values."""
        return len(np.unique(self.measured))

    @property
    def atoms(self) -> NDArray[np.float64]:
        """Values that a tenth of the rows have, or more: too many to come from rounding."""
        values, counts = np.unique(self.measured, return_counts=True)
        return values[counts >= _ATOM_SHARE * len(self.measured)]

    @property
    def constant(self) -> bool:
        """Whether all values are equal."""
        return bool((self.measured == self.measured[0]).all())


@dataclass(frozen=True, eq=False)
class PairedSamples:
    """N rows of paired measurements x and y.

    Attributes:
        x: the columns of x.
        y: the columns of y.
        cautions: what was noticed while they were read.
        rows_left_out: number of rows in which a value was missing.
    """

    x: tuple[Column, ...]
    y: tuple[Column, ...]
    cautions: tuple[EstimationWarning, ...] = ()
    rows_left_out: int = 0

    def __len__(self) -> int:
        return len(self.x[0].measured)

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, of x and then of y."""
        return (*self.x, *self.y)

    @property
    def discrete(self) -> bool:
        """Whether any column is discrete."""
        return any(column.discrete for column in self.columns)

    def taken(self, rows: NDArray[np.int64]) -> "PairedSamples":
        """Return some of the rows."""
        of_x, of_y = (
            tuple(dataclasses.replace(each, measured=each.measured[rows]) for each in side)
            for side in (self.x, self.y)
        )
        return PairedSamples(of_x, of_y)

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return x of shape ``(N, dx)`` and y of shape ``(N, dy)``."""
        return matrix(self.x), matrix(self.y)


def matrix(columns: Sequence[Column]) -> NDArray[np.float64]:
    """Return columns side by side: ``(N, d)``."""
    return np.column_stack([column.measured for column in columns])


def paired_samples(
    x: Any,
    y: Any,
    *,
    discrete: Collection[str] | None = None,
    missing: str = "refuse",
) -> PairedSamples:
    """Check two tables or arrays whose rows belong together.

    Args:
        x: ``(N,)`` or ``(N, dx)``: anything NumPy takes as an array, or what has names for its
            columns, which are kept; see `as_table`.
        y: ``(N,)`` or ``(N, dy)``.
        discrete: names of the columns to be taken as discrete; by default whole numbers of at most
            20 levels. Truth values and pandas categories are discrete in any case.
        missing: ``refuse``, or ``drop`` rows in which a value is missing, in x and y alike.

    Raises:
        UserError: if there are fewer than 50 rows, x and y differ in length, a value is missing or
            infinite, a column holds text and was not declared discrete, or a name is unknown.

    Example:
        >>> import numpy as np
        >>> samples = paired_samples(np.linspace(0, 1, 60), np.arange(120.0).reshape(60, 2))
        >>> [column.name for column in samples.columns], samples.discrete
        (['x0', 'y0', 'y1'], False)
    """
    if missing not in MISSING:
        raise unknown_name("choice of missing", missing, MISSING)
    tables = {"x": as_table(x, "x"), "y": as_table(y, "y")}
    check_labels(x, y)
    lengths = {side: len(table) for side, table in tables.items()}
    if lengths["x"] != lengths["y"]:
        raise UserError(
            f"x has {lengths['x']} rows and y has {lengths['y']}: give as many, row i of x "
            "measured together with row i of y"
        )
    names = [str(name) for table in tables.values() for name in table.columns]
    declared = declared_columns(discrete, names)
    left_out = 0
    if missing == "drop":
        whole = np.logical_and.reduce([table.notna().all(axis=1) for table in tables.values()])
        left_out = int((~whole).sum())
        # Each row keeps its number, by which it is named.
        tables = {side: table[whole] for side, table in tables.items()}
    rows = lengths["x"] - left_out
    if rows < _FEWEST_ROWS:
        without = f" without the {left_out} in which a value is missing" if left_out else ""
        raise UserError(
            f"there are {rows} rows{without}: an estimate needs at least {_FEWEST_ROWS}"
        )
    levels: dict[str, int] = {}
    columns = {
        side: tuple(_column(table[name], str(name), declared, levels) for name in table.columns)
        for side, table in tables.items()
    }
    cautions = (_taken_as_discrete(levels),) if levels else ()
    return PairedSamples(columns["x"], columns["y"], cautions, left_out)


def named_columns(names: Sequence[str]) -> str:
    """Return words for columns that something is said of, the first of them by name.

    Example:
        >>> named_columns(["age"]), named_columns(["q0", "q1"])
        ('column age', 'columns q0, q1')
        >>> named_columns([f"q{place}" for place in range(10)])
        'columns q0, q1, q2, q3, q4, ... (10 in all)'
    """
    listed = ", ".join(names[:_COLUMNS_NAMED])
    if len(names) > _COLUMNS_NAMED:
        listed += f", ... ({len(names)} in all)"
    return f"column{'s' if len(names) > 1 else ''} {listed}"


def _taken_as_discrete(levels: dict[str, int]) -> DiscreteColumnWarning:
    few, most = min(levels.values()), max(levels.values())
    number = f"{few}" if few == most else f"{few} to {most}"
    has, they_are = ("has", "it is") if len(levels) == 1 else ("have", "they are")
    return DiscreteColumnWarning(
        f"{named_columns(list(levels))} {has} {number} levels, all whole numbers: taken as "
        f"discrete; say {advice('discrete=[]', '--continuous')} if {they_are} a scale"
    )


def declared_columns(discrete: Collection[str] | None, names: Sequence[str]) -> list[str] | None:
    """Return the names of columns that are declared discrete; none if that was left open.

    Raises:
        UserError: if they are no names, or one that there is not.

    Example:
        >>> declared_columns("colour", ["size", "colour"])
        ['colour']
    """
    if discrete is None:
        return None
    given: Any = [discrete] if isinstance(discrete, str) else discrete
    if isinstance(given, bytes) or not isinstance(given, Collection):
        raise UserError(f"discrete is {discrete!r}: give the names of columns, as a list")
    # Columns of a table may be named by numbers.
    declared = [str(name) for name in given]
    for name in declared:
        if name not in names:
            raise unknown_name("discrete column", name, names)
    return declared


def check_labels(x: Any, y: Any) -> None:
    """Refuse tables of pandas whose rows are labelled differently.

    Raises:
        UserError: if x and y are such tables.
    """
    pandas = (pd.Series, pd.DataFrame)
    if isinstance(x, pandas) and isinstance(y, pandas) and len(x) == len(y):
        different = x.index != y.index
        if different.any():
            first = int(np.flatnonzero(different)[0])
            raise UserError(
                f"the rows of x and y have different labels, first {x.index[first]!r} and "
                f"{y.index[first]!r} in row {first}: align them (x.align(y)), or reset both "
                "indices if row i belongs to row i"
            )


def _column(
    series: "pd.Series[Any]",
    name: str,
    discrete: Collection[str] | None,
    levels: dict[str, int],
) -> Column:
    declared = name in (discrete or ())
    missing = series.isna().to_numpy()
    if missing.any():
        raise UserError(
            f"column {name} has {missing.sum()} missing value(s) (NaN), "
            f"{_places(series, missing)}: fill them, or leave these rows out "
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
            f"column {name} has {infinite.sum()} infinite value(s), {_places(series, infinite)}: "
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


def _numbers(series: "pd.Series[Any]") -> NDArray[np.float64]:
    """Return a column as floating point, NaN where a value is no number, as text never is."""
    if series.dtype.kind in "biuf":
        return series.to_numpy(dtype=np.float64)
    values = np.full(len(series), np.nan)
    for place, value in enumerate(series):
        if isinstance(value, (Real, Decimal, np.bool_)):
            # Beyond all floating point is as infinite as it.
            try:
                values[place] = float(value)
            except OverflowError:
                values[place] = math.inf
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


def _places(series: "pd.Series[Any]", wrong: NDArray[np.bool_]) -> str:
    rows = series.index[wrong]
    named = ", ".join(str(row) for row in rows[:_ROWS_NAMED])
    more = ", ..." if len(rows) > _ROWS_NAMED else ""
    return f"in row(s) {named}{more} counted from 0"
