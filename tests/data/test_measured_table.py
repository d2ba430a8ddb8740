"""Which columns a user means."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.data.measured_table import MeasuredTable, chosen_columns
from infomax.errors import UserError

ANY_NAMES = st.lists(st.text(alphabet="ab,-0 19é\n", max_size=6), unique=True, min_size=1)
PLAIN_NAMES = st.lists(
    st.text(alphabet="abc_0189é", min_size=1, max_size=6), unique=True, min_size=1
)


def table(*columns: str, **arrays: list[str]) -> MeasuredTable:
    return MeasuredTable("table.csv", pd.DataFrame([[0.0] * len(columns)], columns=columns), arrays)


@given(columns=ANY_NAMES, data=st.data())
def test_every_name_given_by_itself_is_that_column(columns: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.lists(st.sampled_from(columns), unique=True))
    assert chosen_columns(meant, columns) == meant


@given(columns=PLAIN_NAMES, data=st.data())
def test_names_between_commas_are_those_columns(columns: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.lists(st.sampled_from(columns), unique=True, min_size=1))
    spaces = data.draw(st.sampled_from([",", ", ", " , "]))
    assert chosen_columns([spaces.join(meant)], columns) == meant


@given(columns=ANY_NAMES, given_values=st.lists(st.text(alphabet="ab,-0 19é\n", max_size=9)))
def test_whatever_is_given_it_is_columns_each_once_or_a_mistake_that_is_named(
    columns: list[str], given_values: list[str]
) -> None:
    try:
        chosen = chosen_columns(given_values, columns)
    except UserError as error:
        assert str(error).startswith("unknown column")  # noqa: PT017 - most values are mistakes
    else:
        assert set(chosen) <= set(columns)
        assert len(chosen) == len(set(chosen))


@given(number=st.integers(1, 30), data=st.data())
def test_a_range_is_all_places_from_its_first_to_its_last(number: int, data: st.DataObject) -> None:
    columns = [str(place) for place in range(number)]
    first = data.draw(st.integers(0, number - 1))
    last = data.draw(st.integers(first, number - 1))
    assert chosen_columns([f"{first}-{last}"], columns) == columns[first : last + 1]


@pytest.mark.parametrize("value", ["2-1", "0-3", "-1", "1-", "a-b"])
def test_a_range_beyond_the_columns_or_backwards_is_no_name(value: str) -> None:
    with pytest.raises(UserError, match=f"unknown column '{value}'"):
        chosen_columns([value], ["0", "1", "2"])


def test_a_name_that_looks_like_a_range_or_a_list_is_that_column() -> None:
    columns = ["0", "1", "2", "0-2", "0,1"]
    assert chosen_columns(["0-2", "0,1"], columns) == ["0-2", "0,1"]


def test_an_array_means_all_of_its_columns() -> None:
    pixels = table("pixels0", "pixels1", "age", pixels=["pixels0", "pixels1"])
    assert pixels.chosen(["age,pixels", "pixels1"]) == ["age", "pixels0", "pixels1"]
    assert pixels.names("pixels")
    assert pixels.names("age")
    assert not pixels.names("pixel")


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r"unknown column 'ag': did you mean 'age'\? choose one of"):
        table("age", "sex").chosen(["sex,ag"])


def test_all_others() -> None:
    assert table("a", "b", "c").all_but(["b"]) == ["a", "c"]
    with pytest.raises(UserError, match=r"table\.csv: holds no other columns"):
        table("a").all_but(["a"])


def test_a_column_without_a_name_is_not_taken_for_a_measurement() -> None:
    numbered = table("", "a", "b")
    with pytest.raises(UserError, match="column 0, counted from 0, has no name"):
        numbered.all_but(["a"])
    assert numbered.chosen(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("columns", "arrays", "told"),
    [
        (("a", "a"), {}, "two columns are named 'a'"),
        (("a0", "a1"), {"a0": ["a1"]}, "two columns are named 'a0'"),
        ((), {}, "holds no columns"),
    ],
)
def test_names_that_mean_nothing_or_two_things_are_refused(
    columns: tuple[str, ...], arrays: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        table(*columns, **arrays)
