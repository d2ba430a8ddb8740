"""Why a column is text: what is said is true of it whatever its decimal mark was said to be."""

from pathlib import Path

import pandas as pd
import pytest

from infomax.advice import advising_flags
from infomax.data.table_file import read_table
from infomax.data.text_cells import first_text

LEAVE_EMPTY = "text among numbers: if it stands for a missing value, leave the cell empty"
WITH_ZEROS = "a whole number with leading zeros, which a number does not keep"
THOUSANDS = "a number with marks between thousands: write it without them"
BESIDE = "a number with a decimal comma, beside others with a point: write all with points"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["0,5", "?", "1,5", "2"], (1, "?", LEAVE_EMPTY)),
        (["0,5", "1.279,5", "1,5"], (1, "1.279,5", THOUSANDS)),
        (["1.279.500", "3"], (0, "1.279.500", THOUSANDS)),
        (["1,279,500.25", "3"], (0, "1,279,500.25", THOUSANDS)),
        (["10 000", "3"], (0, "10 000", THOUSANDS)),
        (["0.5", "0,5"], (1, "0,5", BESIDE)),
        (["0,5", "0123"], (1, "0123", WITH_ZEROS)),
        (["0,5", "0x1F", "3"], (1, "0x1F", "a hexadecimal number: write it in decimal digits")),
        (["0,5", "31.01.26", "3"], (1, "31.01.26", "a date or time")),
    ],
)
def test_no_cell_is_named_for_a_mark_that_may_be_given_already(
    tmp_path: Path, cells: list[str], told: tuple[int, str, str]
) -> None:
    assert first_text(pd.Series(cells)) == told
    # Said to have a decimal comma, the column is text for the same reason.
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a;b", *(f"{cell};1" for cell in cells)]))
    assert first_text(read_table(path, separator=";", decimal=",").cells["a"]) == told


def test_a_decimal_comma_is_advised_where_it_mends_the_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1;2\n+,5;1\n 1,25;2\n")
    row, value, told = first_text(read_table(path, separator=";").cells["a"])
    assert (row, value) == (1, "+,5")
    assert told == (
        "a number with a decimal comma: read the file by decimal=',', or write it with points"
    )
    with advising_flags():
        told = first_text(pd.Series(["0,5"]))[2]
    assert "by --decimal ',' (infomax estimate), or write it with points" in told
    read = read_table(path, separator=";", decimal=",").cells["a"]
    assert read.tolist() == [1.0, 0.5, 1.25]
