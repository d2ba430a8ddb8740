"""Columns that need no estimate: constant, ordered as another is, or known from the other side."""

from collections.abc import Sequence
from itertools import permutations as orders_of

import numpy as np

from infomax.estimation.columns import Column, name_columns, stack_columns
from infomax.estimation.copula.margins import StandardScores
from infomax.estimation.samples import PairedSamples
from infomax.warnings import ConstantColumnWarning, DuplicateColumnWarning, EstimationWarning

__all__ = [
    "drop_from_side",
    "drop_redundant_columns",
    "find_determined_column",
    "linear_in_others",
]

# Sums of float32 have no more digits.
_ROUNDING = 1e-6


def drop_redundant_columns(samples: PairedSamples) -> PairedSamples:
    """Leave out columns without which the information is the same, and warn of each kind.

    Returns:
        What is left, with the warnings; a side of constants alone has no columns.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> x = np.linspace(0, 1, 60)
        >>> kept = drop_redundant_columns(read_samples(np.column_stack([x, x**3, 0 * x]), x))
        >>> [column.name for column in kept.x], [type(each).__name__ for each in kept.warnings]
        (['x0'], ['ConstantColumnWarning', 'DuplicateColumnWarning'])
    """
    x, of_x = drop_from_side(samples.x, "x")
    y, of_y = drop_from_side(samples.y, "y")
    return PairedSamples(x, y, (*of_x, *of_y))


def find_determined_column(samples: PairedSamples) -> str | None:
    """Return what shows that a continuous column of one side is known from the other, if it is."""
    x, y = samples.x, samples.y
    of_x = {_order(column): column.name for column in x if _continuous(column)}
    for column in y:
        for order in (_order(column), _order(column, turned=True)):
            if _continuous(column) and order in of_x:
                return (
                    f"column {of_x[order]} of x and column {column.name} of y order the rows alike"
                )
    for (side, columns), (other, others) in orders_of((("x", x), ("y", y))):
        if (sum_of_others := linear_in_others(columns, others)) is not None:
            return f"column {sum_of_others} of {side} is a sum of multiples of columns of {other}"
    return None


def drop_from_side(
    columns: Sequence[Column], side: str
) -> tuple[tuple[Column, ...], list[EstimationWarning]]:
    """Leave out columns of one side without which it holds the same, and warn of each kind."""
    warnings: list[EstimationWarning] = []
    kept: list[Column] = []
    constant: list[str] = []
    repeated: dict[str, str] = {}
    seen: dict[bytes, str] = {}
    for column in columns:
        # Turned, it says the same: the smaller of both stands for either.
        order = min(_order(column), _order(column, turned=True))
        if column.constant:
            constant.append(column.name)
        elif order in seen:
            repeated[column.name] = seen[order]
        else:
            seen[order] = column.name
            kept.append(column)
    if constant:
        has, it = ("has", "it shares") if len(constant) == 1 else ("have", "they share")
        are = "is" if len(constant) == 1 else "are"
        warnings.append(
            ConstantColumnWarning(
                f"{name_columns(constant)} of {side} {has} one value in all rows: {it} no "
                f"information and {are} left out"
            )
        )
    if len(repeated) == 1:
        ((name, first),) = repeated.items()
        warnings.append(
            DuplicateColumnWarning(
                f"column {name} of {side} orders the rows as {first} does, or in reverse: it adds "
                "no information and is left out"
            )
        )
    elif repeated:
        warnings.append(
            DuplicateColumnWarning(
                f"{name_columns(list(repeated))} of {side} order the rows as others do "
                f"({', '.join(dict.fromkeys(repeated.values()))}), or in reverse: they add no "
                "information and are left out"
            )
        )
    return tuple(kept), warnings


def linear_in_others(columns: Sequence[Column], others: Sequence[Column]) -> str | None:
    """Return a column that the others give by a linear map, if there is one; levels give none."""
    sought, given = (
        [
            column
            for column in side
            if not column.discrete
            and not len(column.atoms)
            and column.different > len(column.measured) / 2
        ]
        for side in (columns, others)
    )
    # As many others as rows give anything.
    if not (sought and given) or len(given) + 1 > len(given[0].measured) / 2:
        return None
    values, rows = stack_columns(sought), stack_columns(given)
    values, rows = StandardScores(values)(values), StandardScores(rows)(rows)
    rows = np.column_stack([rows, np.ones(len(rows))])
    left = np.abs(values - rows @ np.linalg.lstsq(rows, values)[0]).max(axis=0)
    # Not the deviation, which an outlier may govern.
    spread = np.subtract(*np.quantile(values, [0.75, 0.25], axis=0))
    found = np.flatnonzero(left < _ROUNDING * spread)
    return sought[found[0]].name if len(found) else None


def _continuous(column: Column) -> bool:
    """Tell whether a column has a continuous part, beside values of positive probability or not."""
    if column.discrete or not len(column.atoms):
        return not column.discrete
    elsewhere = int((~np.isin(column.measured, column.atoms)).sum())
    return column.different - len(column.atoms) > elsewhere / 2


def _order(column: Column, *, turned: bool = False) -> bytes:
    """Return what columns have in common that are increasing maps of each other."""
    values = -column.measured if turned else column.measured
    return np.unique(values, return_inverse=True)[1].tobytes()
