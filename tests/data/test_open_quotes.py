"""Rows that a quote took into its cell are found, and text of several lines is none."""

import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv

from infomax.data.open_quotes import swallowed_rows


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
