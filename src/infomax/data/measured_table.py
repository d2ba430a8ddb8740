"""Measurements side by side, and which of their columns a user means."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from infomax.errors import UserError, unknown_name

__all__ = ["BYTES_OF_A_VALUE", "MeasuredTable", "chosen_columns"]

BYTES_OF_A_VALUE: Final = 8
"""What a number takes in memory, as pandas and Arrow have most of them."""

_RANGE = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """Named columns of measurements, one row for each thing that was measured.

    Attributes:
        source: what errors call it, the path of its file.
        cells: the measurements; all column names are text.
        arrays: the columns of each array of several that has a name of its own.
        numbered: whether the columns have no names, only places counted from 0.
        written: the cells of text as they are written, which are numbers and more in ``cells``.

    Raises:
        UserError: if it has no columns, or a name that means two things.
    """

    source: str
    cells: pd.DataFrame
    arrays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbered: bool = False
    written: pa.Table | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise UserError(f"{self.source}: holds no columns, expected at least one")
        names = pd.Index([*self.columns, *self.arrays])
        if names.has_duplicates:
            twice = names[names.duplicated()][0]
            raise UserError(
                f"{self.source}: two columns are named {twice!r}: give each a name of its own"
            )

    @property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return list(self.cells.columns)

    def names(self, name: str) -> bool:
        """Tell whether a column, or an array of several, has this name."""
        return name in self.arrays or name in self.columns

    def chosen(self, given: Iterable[str]) -> list[str]:
        """Return the columns that a user means; see `chosen_columns`."""
        return chosen_columns(given, self.columns, self.arrays)

    def with_levels(self, columns: Collection[str]) -> pd.DataFrame:
        """Return the cells, those of some columns as levels: what is written is what they are.

        ``0123`` and ``123`` are two levels and one number. Names of other columns are passed over.
        """
        if self.written is None:
            return self.cells
        cells = self.cells.copy(deep=False)
        for name in self.columns:
            if name in columns:
                text = compute.utf8_trim(self.written[name], " \t")
                cells[name] = text.to_pandas()
        return cells

    def all_but(self, columns: Iterable[str] = ()) -> list[str]:
        """Return all other columns.

        Raises:
            UserError: if there are none, or one of them has no name: where a table was written
                with its row numbers, these are such a column, and no measurement.
        """
        others = [name for name in self.columns if name not in set(columns)]
        if not others:
            raise UserError(f"{self.source}: holds no other columns than those chosen already")
        if "" in others:
            raise UserError(
                f"{self.source}: column {self.columns.index('')}, counted from 0, has no name, as "
                "row numbers have: give it a name, or choose columns with --x and --y"
            )
        return others


def chosen_columns(
    given: Iterable[str],
    columns: Sequence[str],
    arrays: Mapping[str, Sequence[str]] | None = None,
    *,
    kind: str = "column",
) -> list[str]:
    """Return the columns that a user means by some values of a flag, each column once.

    A value that is a name is taken whole; any other is split at its commas, and what lies between
    them may have spaces around it. The name of an array means all of its columns, and ``0-3`` all
    from the column named 0 to the column named 3.

    Args:
        given: values of the flag.
        columns: all names.
        arrays: the columns of each array of several.
        kind: what errors call a name.

    Raises:
        UserError: if something is no name; the message begins with the nearest.

    Example:
        >>> chosen_columns(["a, b", "c,d"], ["a, b", "c", "d", "e"])
        ['a, b', 'c', 'd']
        >>> chosen_columns(["0-2", "4"], ["0", "1", "2", "3", "4"])
        ['0', '1', '2', '4']
    """
    meanings = {**(arrays or {}), **{name: [name] for name in columns}}
    chosen: list[str] = []
    for value in given:
        for part in [value] if value in meanings else value.split(","):
            name = part if part in meanings else part.strip()
            if name in meanings:
                chosen += meanings[name]
            elif between := _between(name, columns):
                chosen += between
            else:
                raise unknown_name(kind, name, meanings)
    return list(dict.fromkeys(chosen))


def _between(name: str, columns: Sequence[str]) -> list[str]:
    ends = _RANGE.fullmatch(name)
    if ends is None or not all(end in columns for end in ends.groups()):
        return []
    first, last = map(columns.index, ends.groups())
    return list(columns[first : last + 1])
