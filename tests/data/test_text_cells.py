"""Why a column is text: what is said is true of it whatever its decimal mark was said to be."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv

from infomax.data.tables import read_table
from infomax.data.text_cells import first_text, swallowed_rows
from infomax.errors import advising_flags

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


def read(text: str, separator: str = ",") -> pa.Table:
    return csv.read_csv(
        io.BytesIO(text.encode()),
        parse_options=csv.ParseOptions(delimiter=separator, newlines_in_values=True),
    )


def table(texts: list[str], *, place: int, columns: int, separator: str = ",") -> str:
    """Return a table of numbers with one column of texts."""
    header = [f"c{column}" for column in range(columns)]
    rows = []
    for row, text in enumerate(texts):
        cells = [f"{row}.{column}" for column in range(columns)]
        cells[place] = text
        rows.append(cells)
    return "\n".join(separator.join(cells) for cells in [header, *rows, []])


@given(
    columns=st.integers(2, 4),
    place=st.integers(0, 3),
    first=st.integers(1, 8),
    more=st.integers(1, 8),
    separator=st.sampled_from([",", "\t"]),
)
def test_a_stray_quote_and_the_next_one_are_found_in_any_column(
    columns: int, place: int, first: int, more: int, separator: str
) -> None:
    place = min(place, columns - 1)
    texts = ["text"] * 20
    texts[first], texts[first + more] = '"open', 'shut"'
    found = read(table(texts, place=place, columns=columns, separator=separator), separator)
    assert found.num_rows == 20 - more
    assert swallowed_rows(found, separator) == (first, f"c{place}", more + 1)


@given(
    columns=st.integers(1, 4),
    place=st.integers(0, 3),
    words=st.lists(st.sampled_from(["so", "it, went", "on", "", "and, on,"]), min_size=2),
)
def test_words_in_lines_are_not(columns: int, place: int, words: list[str]) -> None:
    place = min(place, columns - 1)
    texts = ["text"] * 5
    texts[2] = '"' + "\n".join(words) + '"'
    assert swallowed_rows(read(table(texts, place=place, columns=columns)), ",") is None


def test_of_several_the_first_column_is_named() -> None:
    found = read('a,b,c\n1,x,y\n2,"open,z\n3,shut",z\n4,x,"open\n5,x,shut"\n')
    assert found.num_rows == 3
    assert swallowed_rows(found, ",") == (1, "b", 2)


def test_empty_lines_and_missing_cells_of_swallowed_rows_do_not_hide_them() -> None:
    found = read('a,b\n1,x\n2,"open\n\n,y\n4,shut"\n5,z\n')
    assert swallowed_rows(found, ",") == (1, "b", 4)


@pytest.mark.parametrize("shut", ["x", "x,y"])
def test_where_all_is_text_the_separators_tell(shut: str) -> None:
    found = read(f'a,b\nu,x\nv,"open\nw,{shut}"\n')
    assert swallowed_rows(found, ",") == ((1, "b", 2) if shut == "x" else None)
