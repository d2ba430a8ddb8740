"""Cells of text: which would be lost as numbers, and which hold rows after an open quote."""

import re
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from pyarrow import compute, types

from infomax.errors import advice

__all__ = ["A_DATE", "first_text", "is_decimal_comma", "swallowed_rows", "without_loss"]

A_DATE: Final = "a date or time"
"""The kind of text that is one."""

# In the syntax that Python and Arrow share, of whole cells.
_LEADING_ZEROS: Final = r"\s*[+-]?0[0-9]+\s*"
_HEXADECIMAL: Final = r"\s*[+-]?0[xX][0-9a-fA-F]+\s*"
_MANY_DIGITS: Final = r"\s*[+-]?[0-9]{16,}\s*"
_DECIMAL_COMMA: Final = r"\s*[+-]?[0-9]*,[0-9]+\s*"
_THOUSANDS: Final = r"\s*[+-]?[0-9]{1,3}([., '][0-9]{3})+([.,][0-9]*)?\s*"
# A year beside a month, or a day beside one, or hours and minutes.
_DATE: Final = r"\s*[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*|\s*[0-9]{1,2}:[0-9]{2}.*"
_EXACT_IN_FLOAT64: Final = 2**53
_MOST_MARKS: Final = 3

is_decimal_comma: Final = re.compile(_DECIMAL_COMMA).fullmatch
"""Matches a cell that is a number with a decimal comma."""


def first_text(cells: "pd.Series[Any]") -> tuple[int, str, str]:
    """Return row, value and kind of the first cell that makes a column text, not numbers.

    That is one which is no number whatever the decimal mark, if there is one. The kind is text with
    "" where nothing more is to be said than that.

    Args:
        cells: a column that holds text, without missing values.

    Example:
        >>> first_text(pd.Series(["0,5", "?", "1,5"]))
        (1, '?', 'text among numbers: if it stands for a missing value, leave the cell empty')
        >>> first_text(pd.Series(["123", "0123"]))[::2]
        (1, 'a whole number with leading zeros, which a number does not keep')
        >>> first_text(pd.Series(["red", "blue"]))
        (0, 'red', '')
    """
    text = cells.astype(str)
    with_comma = text.str.fullmatch(_DECIMAL_COMMA)
    numbers = text.where(~with_comma, text.str.replace(",", "."))
    none = pd.to_numeric(numbers, errors="coerce").isna()
    if none.any():
        row = int(none.argmax())
        value = text.iloc[row]
        for pattern, kind in (
            (_DATE, A_DATE),
            (_HEXADECIMAL, "a hexadecimal number: write it in decimal digits"),
            (_THOUSANDS, "a number with marks between thousands: write it without them"),
        ):
            if re.fullmatch(pattern, value):
                return row, value, kind
        if 2 * none.sum() < len(text) and text[none].nunique() <= _MOST_MARKS:
            kind = "text among numbers: if it stands for a missing value, leave the cell empty"
            return row, value, kind
        return row, value, ""
    if text[~with_comma].str.contains(".", regex=False).any():
        comma = "a number with a decimal comma, beside others with a point: write all with points"
    else:
        read = advice("decimal=','", "--decimal ',' (infomax estimate)")
        comma = f"a number with a decimal comma: read the file by {read}, or write it with points"
    for pattern, kind in (
        (_LEADING_ZEROS, "a whole number with leading zeros, which a number does not keep"),
        (_MANY_DIGITS, "a whole number of more digits than a number keeps"),
        (_DECIMAL_COMMA, comma),
    ):
        found = text.str.fullmatch(pattern)
        if found.any():
            row = int(found.argmax())
            return row, text.iloc[row], kind
    return 0, text.iloc[0], "a number written as text"


def without_loss(table: pa.Table, written: pa.Table) -> pd.DataFrame:
    """Return cells of a table of text; whole numbers that another type would change are kept.

    Args:
        table: whose columns are numbers where they look like it.
        written: the same cells as text.
    """
    for index, kind in enumerate(table.schema.types):
        if not (types.is_integer(kind) or types.is_floating(kind)):
            continue
        text = written.column(index)
        if _any(text, f"{_LEADING_ZEROS}|{_HEXADECIMAL}"):
            table = table.set_column(index, table.column_names[index], text)
        elif types.is_floating(kind) and _any(text, _MANY_DIGITS):
            table = table.set_column(index, table.column_names[index], _exact(text, table[index]))
    cells: pd.DataFrame = table.to_pandas(date_as_object=False)
    for index, kind in enumerate(table.schema.types):
        column = table.column(index)
        # Beside a missing value, pandas would take whole numbers for floating point.
        if types.is_integer(kind) and column.null_count and not _fits_float64(column):
            nullable = pd.Int64Dtype() if types.is_signed_integer(kind) else pd.UInt64Dtype()
            cells.isetitem(index, column.to_pandas(types_mapper={kind: nullable}.get))
    return cells


def _matches(text: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return compute.match_substring_regex(text, f"^({pattern})$")


def _any(text: pa.ChunkedArray, pattern: str) -> bool:
    return bool(compute.any(_matches(text, pattern)).as_py())


def _exact(text: pa.ChunkedArray, floats: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return floating point, or what tells whole numbers apart that it cannot."""
    try:
        return compute.utf8_trim_whitespace(text).cast(pa.uint64())
    except pa.ArrowInvalid:
        whole = _matches(text, _MANY_DIGITS)
        different = (len(column.filter(whole).unique()) for column in (text, floats))
        return text if next(different) > next(different) else floats


def _fits_float64(numbers: pa.ChunkedArray) -> bool:
    ends = compute.min_max(numbers).as_py()
    return all(abs(end) <= _EXACT_IN_FLOAT64 for end in ends.values() if end is not None)


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
    for index, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        if not (types.is_string(kind) or types.is_large_string(kind)):
            continue
        cells = table.column(index)
        of_several_lines = compute.match_substring_regex(cells, r"[\r\n]").fill_null(False)
        for row in compute.indices_nonzero(of_several_lines).to_pylist():
            lines = cells[row].as_py().rstrip("\r\n").splitlines()
            if _are_rows(lines, index, separator, decimal, numeric):
                return row, name, len(lines)
    return None


def _are_rows(
    lines: list[str], index: int, separator: str, decimal: str, numeric: list[bool]
) -> bool:
    if len(lines) < 2:
        return False
    first, *between, last = (line.split(separator) for line in lines)
    between = [pieces for pieces in between if pieces != [""]]  # Empty lines are no rows.
    width = len(numeric)
    if len(first) != width - index or len(last) != index + 1:
        return False
    if any(len(pieces) != width for pieces in between):
        return False
    # What the quote itself stands in says nothing.
    first, last = [""] * (index + 1) + first[1:], [*last[:-1], *[""] * (width - index)]
    pieces = [
        piece.replace(decimal, ".")
        for row in (first, *between, last)
        for piece, of_numbers in zip(row, numeric, strict=True)
        if of_numbers and piece
    ]
    if not pieces:
        return not any(numeric)
    return bool(pd.to_numeric(pd.Series(pieces), errors="coerce").notna().all())
