"""Rows of a text table that a quote which is not closed has taken into a cell."""

import pandas as pd
import pyarrow as pa
from pyarrow import compute, types

__all__ = ["swallowed_rows"]


def swallowed_rows(
    table: pa.Table, separator: str, decimal: str = "."
) -> tuple[int, str, int] | None:
    r"""Return row, column and number of lines of the first cell that rows after it stand in.

    A quote that is not closed makes one cell of what stands between it and the next quote, or the
    end. Its first line then ends a row, its last one begins one up to the same column, and those
    between are rows; and where columns of numbers would be, there are numbers. Text of several
    lines is not like that. Where a row is one cell, nothing tells them apart, and none is named.

    Args:
        table: as it was read.
        separator: between the cells of a row.
        decimal: the decimal mark.

    Example:
        >>> table = pa.table({"a": [1, 2], "note": ["x", "open\n3,y\n4,shut"], "b": [1, 5]})
        >>> swallowed_rows(table, ",")
        >>> table = pa.table({"a": [1, 2], "note": ["x", "open,7\n3,y,8\n4,shut"], "b": [1, 5]})
        >>> swallowed_rows(table, ",")
        (1, 'note', 3)
    """
    if table.num_columns == 1:
        return None
    numeric = [types.is_integer(kind) or types.is_floating(kind) for kind in table.schema.types]
    for place, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        if not (types.is_string(kind) or types.is_large_string(kind)):
            continue
        cells = table.column(place)
        of_several_lines = compute.match_substring_regex(cells, r"[\r\n]").fill_null(False)
        for row in compute.indices_nonzero(of_several_lines).to_pylist():
            lines = cells[row].as_py().rstrip("\r\n").splitlines()
            if _are_rows(lines, place, separator, decimal, numeric):
                return row, name, len(lines)
    return None


def _are_rows(
    lines: list[str], place: int, separator: str, decimal: str, numeric: list[bool]
) -> bool:
    if len(lines) < 2:
        return False
    first, *between, last = (line.split(separator) for line in lines)
    between = [pieces for pieces in between if pieces != [""]]  # Empty lines are no rows.
    width = len(numeric)
    if len(first) != width - place or len(last) != place + 1:
        return False
    if any(len(pieces) != width for pieces in between):
        return False
    # What the quote itself stands in says nothing.
    first, last = [""] * (place + 1) + first[1:], [*last[:-1], *[""] * (width - place)]
    pieces = [
        piece.replace(decimal, ".")
        for row in (first, *between, last)
        for piece, of_numbers in zip(row, numeric, strict=True)
        if of_numbers and piece
    ]
    if not pieces:
        return not any(numeric)
    return bool(pd.to_numeric(pd.Series(pieces), errors="coerce").notna().all())
