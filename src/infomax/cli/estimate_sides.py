"""The choice of the columns of one table, or of two, that are x and y."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infomax.errors import UserError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from infomax.data.tables import MeasuredTable

__all__ = ["Side", "chosen_sides", "declared_of", "listed", "whole_side"]

_MOST_LISTED = 12


@dataclass(frozen=True, eq=False)
class Side:
    """The columns that are x or y, and how they were chosen."""

    table: "MeasuredTable"
    chosen: list[str]
    columns: list[str]
    arrays: dict[str, list[str]]
    chosen_as: str

    def cells(self, declared: Collection[str]) -> "pd.DataFrame":
        """Return the measurements; columns that are declared discrete are as they are written."""
        levels = [
            column
            for column, name in zip(self.chosen, self.columns, strict=True)
            if name in declared
        ]
        return self.table.with_levels(levels)[self.chosen].set_axis(self.columns, axis=1)


def chosen_sides(
    tables: "Sequence[MeasuredTable]",
    x: list[str] | None,
    y: list[str] | None,
    given: list[str] | None = None,
) -> tuple[Side, ...]:
    """Return the columns of x, those of y, and those of the condition if there is one.

    Args:
        tables: one that holds both, or one of each.
        x: names or indices as ``--x`` has them; ``None`` for all that are not of y.
        y: the same of y.
        given: the same of the condition, which one table must hold with x and y.

    Raises:
        UserError: if there are more tables, a column is not there or of two sides, or it is left
            open which are of x.
    """
    match tables:
        case [both]:
            return _sides_of_one(both, x, y, given)
        case [_, _] if given:
            raise UserError(
                "--given and two files: give one table that holds x, y and the columns of --given"
            )
        case [of_x, of_y]:
            return _side_of_its_own(of_x, "x", x), _side_of_its_own(of_y, "y", y)
        case _:
            raise UserError(f"{len(tables)} files: give one table, or one of x and one of y")


def whole_side(table: "MeasuredTable") -> Side:
    """Return all columns of a table."""
    return _side(table, table.all_but(), "")


def times_and_others(
    tables: "Sequence[MeasuredTable]", order: str | None
) -> tuple[Any, "list[MeasuredTable]"]:
    """Return the time of each row, and the tables without the column that tells it.

    Args:
        tables: one that holds x and y, or one of each.
        order: name or index of the column of times, of one table; ``rows`` where none is so called
            and rows are in order of time; ``None`` where rows are independent draws.

    Raises:
        UserError: if it is no single column, or none of these tables.
    """
    if order is None:
        return None, list(tables)
    holding = [table for table in tables if table.names(order)]
    if not holding:
        if order == "rows":
            return order, list(tables)
        columns = [name for table in tables for name in table.columns]
        raise unknown_name("column of times", order, ["rows", *columns])
    chosen = holding[0].chosen([order])
    if len(chosen) > 1:
        raise UserError(f"--order is {order}, which is {len(chosen)} columns: name one of times")
    others = [
        dataclasses.replace(table, cells=table.cells.drop(columns=chosen))
        if table is holding[0]
        else table
        for table in tables
    ]
    return holding[0].cells[chosen[0]], others


def _sides_of_one(
    table: "MeasuredTable", x: list[str] | None, y: list[str] | None, given: list[str] | None
) -> tuple[Side, ...]:
    if not x and not y:
        if not (table.names("x") and table.names("y")):
            raise UserError(
                f"{table.source}: which columns are x, which y? name them with --x and --y, of "
                f"{listed(table.columns)}"
            )
        x, y = ["x"], ["y"]
    condition = table.chosen(given) if given else []
    of_x = table.chosen(x) if x else table.all_but([*table.chosen(y or []), *condition])
    of_y = table.chosen(y) if y else table.all_but([*of_x, *condition])
    for name in of_x:
        if name in of_y:
            raise UserError(
                f"column {name!r} is in x and in y: leave it out of one, it tells all of itself"
            )
    for name in condition:
        if name in (*of_x, *of_y):
            side = "x" if name in of_x else "y"
            raise UserError(
                f"column {name!r} is in {side} and in --given: leave it out of one, once it is "
                "known it has nothing left to share"
            )
    sides = (
        _side(table, of_x, "" if x else "all other columns"),
        _side(table, of_y, "" if y else "all other columns"),
    )
    return (*sides, _side(table, condition, "")) if condition else sides


def _side_of_its_own(table: "MeasuredTable", side: str, given: list[str] | None) -> Side:
    chosen = _side(
        table,
        table.chosen(given) if given else table.all_but(),
        "" if given else f"all of {table.source}",
    )
    if not table.numbered:
        return chosen
    # Else column 0 of x and column 0 of y would have one name.
    return dataclasses.replace(chosen, columns=[f"{side}{index}" for index in chosen.chosen])


def _side(table: "MeasuredTable", columns: list[str], chosen_as: str) -> Side:
    arrays = {
        name: members
        for name, each in table.arrays.items()
        if (members := [column for column in each if column in columns])
    }
    return Side(table, columns, columns, arrays, chosen_as)


def declared_of(discrete: list[str], sides: Sequence[Side]) -> list[str]:
    """Return the names of the columns that ``--discrete`` declares, of any side."""
    from infomax.data.tables import chosen_columns  # noqa: PLC0415

    columns = [name for side in sides for name in side.columns]
    arrays = {
        name: [member for each in sides for member in each.arrays.get(name, [])]
        for side in sides
        for name in side.arrays
    }
    return chosen_columns(discrete, columns, arrays, kind="column of x or y")


def listed(columns: Sequence[str]) -> str:
    """Return names with commas between; of very many, the first ones and the last."""
    if len(columns) <= _MOST_LISTED:
        return ", ".join(columns)
    first = ", ".join(columns[: _MOST_LISTED - 2])
    return f"{first}, ..., {columns[-1]}, {len(columns)} columns"
