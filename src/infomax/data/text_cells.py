"""Why a column is text, where numbers were expected."""

import re
from typing import Final

import pandas as pd

__all__ = ["A_DATE", "first_text"]

A_DATE: Final = "a date or time"
"""The kind of text that is one."""

_LEADING_ZEROS: Final = re.compile(r"\s*[+-]?0\d+\s*").fullmatch
_DIGITS: Final = re.compile(r"\s*[+-]?\d{16,}\s*").fullmatch
_HEXADECIMAL: Final = re.compile(r"\s*[+-]?0[xX][0-9a-fA-F]+\s*").fullmatch
_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?[\d.]*\d,\d+\s*").fullmatch
# A year beside a month, or a day beside one, or hours and minutes.
_DATE: Final = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\s*\d{1,2}:\d{2}.*").fullmatch
_MOST_MARKS: Final = 3


def first_text(cells: "pd.Series") -> tuple[int, str, str]:
    """Return row, value and kind of the first cell that makes a column text, not numbers.

    The kind is text with "" where nothing more is to be said than that.

    Args:
        cells: a column that holds text, without missing values.

    Example:
        >>> first_text(pd.Series(["0.5", "?", "1.5"]))
        (1, '?', 'text among numbers: if it stands for a missing value, leave the cell empty')
        >>> first_text(pd.Series(["123", "0123"]))[::2]
        (1, 'a whole number with leading zeros, which a number does not keep')
        >>> first_text(pd.Series(["red", "blue"]))
        (0, 'red', '')
    """
    text = cells.astype(str)
    none = pd.to_numeric(text, errors="coerce").isna()
    if not none.any():
        for is_of_kind, kind in (
            (_LEADING_ZEROS, "a whole number with leading zeros, which a number does not keep"),
            (_DIGITS, "a whole number of more digits than a number keeps"),
        ):
            found = text.map(is_of_kind).notna()
            if found.any():
                return int(found.argmax()), text.iloc[int(found.argmax())], kind
        return 0, text.iloc[0], "a number written as text"
    row = int(none.argmax())
    value = text.iloc[row]
    if _DECIMAL_COMMA(value):
        kind = "a number with a decimal comma: read the file by --decimal ','"
    elif _DATE(value):
        kind = A_DATE
    elif _HEXADECIMAL(value):
        kind = "a hexadecimal number: write it in decimal digits"
    elif 2 * none.sum() < len(text) and text[none].nunique() <= _MOST_MARKS:
        kind = "text among numbers: if it stands for a missing value, leave the cell empty"
    else:
        kind = ""
    return row, value, kind
