"""Paired measurements, checked: nothing is dropped, nothing is guessed in silence."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from infomax.errors import UserError, advice, unknown_name
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column, name_columns, read_column, stack_columns
from infomax.estimation.containers import as_table
from infomax.warnings import DiscreteColumnWarning, EstimationWarning

__all__ = ["MISSING", "PairedSamples", "check_declared", "check_labels", "read_samples"]

MISSING = ("refuse", "drop")
"""What can be done with rows in which a value is missing."""

_FEWEST_ROWS = 50
_FEWEST_ROWS_GIVEN = 20


@dataclass(frozen=True, eq=False)
class PairedSamples:
    """N rows of paired measurements x and y, and of what they are conditioned on, if anything.

    Attributes:
        x: the columns of x.
        y: the columns of y.
        warnings: what was noticed while they were read.
        rows_left_out: number of rows in which a value was missing.
        given: the columns of the condition; none of an unconditional estimate.
    """

    x: tuple[Column, ...]
    y: tuple[Column, ...]
    warnings: tuple[EstimationWarning, ...] = ()
    rows_left_out: int = 0
    given: tuple[Column, ...] = ()

    def __len__(self) -> int:
        return len(self.x[0].measured)

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, of x, then of y, then of the condition."""
        return (*self.x, *self.y, *self.given)

    @property
    def discrete(self) -> bool:
        """Whether any column is discrete."""
        return any(column.discrete for column in self.columns)

    @property
    def columns_with_atoms(self) -> list[str]:
        """Names of continuous columns in which a single value is that of one row in ten or more.

        Rounding makes values repeat, and leaves a column continuous for all that ranks care; a
        value of positive probability, such as the zeros of a sum of money, does not.
        """
        return [each.name for each in self.columns if not each.discrete and len(each.atoms)]

    def take(self, rows: Indices) -> "PairedSamples":
        """Return some of the rows."""
        of_x, of_y, given = (
            tuple(dataclasses.replace(each, measured=each.measured[rows]) for each in side)
            for side in (self.x, self.y, self.given)
        )
        return PairedSamples(of_x, of_y, given=given)

    def arrays(self) -> tuple[Array, Array]:
        """Return x of shape ``(N, dx)`` and y of shape ``(N, dy)``."""
        return stack_columns(self.x), stack_columns(self.y)

    def condition(self) -> Array:
        """Return the condition, ``(N, dz)``."""
        return stack_columns(self.given)


def read_samples(
    x: Any,
    y: Any,
    *,
    given: Any = None,
    discrete: Collection[str] | None = None,
    missing: str = "refuse",
    order: Indices | None = None,
) -> PairedSamples:
    """Check two tables or arrays whose rows belong together.

    Args:
        x: ``(N,)`` or ``(N, dx)``: anything NumPy takes as an array, or what has names for its
            columns, which are kept; see `as_table`.
        y: ``(N,)`` or ``(N, dy)``.
        given: ``(N,)`` or ``(N, dz)``, what x and y are conditioned on; None for nothing. Columns
            of arrays are named ``z0``, ``z1``, ...
        discrete: names of the columns to be taken as discrete; by default whole numbers of at most
            20 levels. Truth values and pandas categories are discrete in any case.
        missing: ``refuse``, or ``drop`` rows in which a value is missing, in x, y and the
            condition alike.
        order: in which rows are to be taken, ``(N,)``; by default as they stand.

    Raises:
        UserError: if there are fewer than 50 rows (20 with a condition, which strata of few rows
            need more often, and which warns of it), x and y differ in length, a value is missing or
            infinite, a column holds text and was not declared discrete, or a name is unknown.

    Example:
        >>> import numpy as np
        >>> samples = read_samples(np.linspace(0, 1, 60), np.arange(120.0).reshape(60, 2))
        >>> [column.name for column in samples.columns], samples.discrete
        (['x0', 'y0', 'y1'], False)
    """
    if missing not in MISSING:
        raise unknown_name("choice of missing", missing, MISSING)
    tables = {"x": as_table(x, "x"), "y": as_table(y, "y")}
    check_labels(x, y)
    if given is not None:
        tables["z"] = as_table(given, "z")
        check_labels(x, given, "given")
    lengths = {side: len(table) for side, table in tables.items()}
    if lengths["x"] != lengths["y"]:
        raise UserError(
            f"x has {lengths['x']} rows and y has {lengths['y']}: give as many, row i of x "
            "measured together with row i of y"
        )
    if lengths.get("z", lengths["x"]) != lengths["x"]:
        raise UserError(
            f"x and y have {lengths['x']} rows and given has {lengths['z']}: give as many, row i "
            "of given measured together with row i of x and y"
        )
    if order is not None and len(order) != lengths["x"]:
        raise UserError(
            f"order has {len(order)} times for {lengths['x']} rows: give one for each row"
        )
    names = [str(name) for table in tables.values() for name in table.columns]
    declared = check_declared(discrete, names)
    left_out = 0
    if missing == "drop":
        whole = np.logical_and.reduce([table.notna().all(axis=1) for table in tables.values()])
        left_out = int((~whole).sum())
        # Each row keeps its number, by which it is named.
        tables = {side: table[whole] for side, table in tables.items()}
    if order is not None:
        kept = order[np.isin(order, tables["x"].index)]
        tables = {side: table.loc[kept] for side, table in tables.items()}
    rows = lengths["x"] - left_out
    fewest = _FEWEST_ROWS if given is None else _FEWEST_ROWS_GIVEN
    if rows < fewest:
        without = f" without the {left_out} in which a value is missing" if left_out else ""
        raise UserError(f"there are {rows} rows{without}: an estimate needs at least {fewest}")
    levels: dict[str, int] = {}
    columns = {
        side: tuple(read_column(table[name], str(name), declared, levels) for name in table.columns)
        for side, table in tables.items()
    }
    warnings = (_taken_as_discrete(levels),) if levels else ()
    return PairedSamples(columns["x"], columns["y"], warnings, left_out, columns.get("z", ()))


def _taken_as_discrete(levels: dict[str, int]) -> DiscreteColumnWarning:
    few, most = min(levels.values()), max(levels.values())
    sizes = f"{few}" if few == most else f"{few} to {most}"
    has, they_are = ("has", "it is") if len(levels) == 1 else ("have", "they are")
    return DiscreteColumnWarning(
        f"{name_columns(list(levels))} {has} {sizes} levels, all whole numbers: taken as "
        f"discrete; say {advice('discrete=[]', '--continuous')} if {they_are} a scale"
    )


def check_declared(discrete: Collection[str] | None, names: Sequence[str]) -> list[str] | None:
    """Return the names of columns that are declared discrete; none if that was left open.

    Raises:
        UserError: if they are no names, or one that there is not.

    Example:
        >>> check_declared("colour", ["size", "colour"])
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


def check_labels(x: Any, y: Any, name: str = "y") -> None:
    """Refuse tables of pandas whose rows are labelled differently.

    Args:
        x: the one.
        y: the other.
        name: of the other.

    Raises:
        UserError: if x and y are such tables.
    """
    pandas = (pd.Series, pd.DataFrame)
    if isinstance(x, pandas) and isinstance(y, pandas) and len(x) == len(y):
        different = x.index != y.index
        if different.any():
            first = int(np.flatnonzero(different)[0])
            raise UserError(
                f"the rows of x and {name} have different labels, first {x.index[first]!r} and "
                f"{y.index[first]!r} in row {first}: align them (x.align({name})), or reset both "
                "indices if row i belongs to row i"
            )
