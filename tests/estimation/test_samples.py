"""Paired measurements: what is refused and by which line, what is kept, what is noticed."""

import datetime
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from infomax.errors import UserError
from infomax.estimation.samples import PairedSamples, read_samples
from infomax.warnings import DiscreteColumnWarning

ROWS = np.random.default_rng(0).normal(size=(60, 3))
Y = ROWS[:, 2]


def with_value(value: Any, *rows: int) -> Any:
    changed = ROWS[:, 0].astype(object if value is None else float)
    changed[list(rows)] = value
    return changed


def refusal(x: Any, y: Any = Y, discrete: list[str] | None = None) -> str:
    with pytest.raises(UserError) as refused:
        read_samples(x, y, discrete=discrete)
    message = str(refused.value)
    assert "\n" not in message
    return message


def column_of(values: Any, discrete: list[str] | None = None) -> Any:
    return read_samples(values, Y, discrete=discrete).x[0]


def test_keeps_every_row_and_value_of_arrays() -> None:
    samples = read_samples(ROWS[:, :2], Y)
    assert isinstance(samples, PairedSamples)
    assert len(samples) == 60
    assert [column.name for column in samples.columns] == ["x0", "x1", "y0"]
    x, y = samples.arrays()
    assert x.dtype == y.dtype == np.float64
    np.testing.assert_array_equal(x, ROWS[:, :2])
    np.testing.assert_array_equal(y, ROWS[:, 2:])
    assert not samples.discrete
    assert samples.warnings == ()


@pytest.mark.parametrize(
    "same",
    [
        ROWS[:, 0].tolist(),
        tuple(ROWS[:, 0]),
        ROWS[:, :1].tolist(),
        pd.Series(ROWS[:, 0], dtype="Float64"),
        pd.DataFrame({"a": ROWS[:, 0]}),
        ROWS[:, 0].astype(object),
    ],
    ids=lambda given: type(given).__name__,
)
def test_takes_whatever_holds_numbers(same: Any) -> None:
    np.testing.assert_array_equal(column_of(same).measured, ROWS[:, 0])


def test_keeps_the_names_of_tables() -> None:
    table = pd.DataFrame(ROWS[:, :2], columns=["pressure", 7])
    named, unnamed = pd.Series(Y, name="yield"), pd.Series(Y)
    assert [column.name for column in read_samples(table, named).columns] == [
        "pressure",
        "7",
        "yield",
    ]
    assert [column.name for column in read_samples(unnamed, unnamed).columns] == ["x", "y"]


def test_takes_rows_by_their_place_and_leaves_the_table_as_it_was() -> None:
    series = pd.Series(ROWS[:, 0], index=np.arange(60)[::-1] + 5)
    before = series.copy()
    np.testing.assert_array_equal(column_of(series).measured, ROWS[:, 0])
    pd.testing.assert_series_equal(series, before)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (ROWS[:59, 0], "x has 59 rows and y has 60: give as many, row i of x measured together"),
        (np.float64(3), "x has shape (): expected (N,) or (N, columns)"),
        (ROWS[None], "x has shape (1, 60, 3): expected (N,) or (N, columns)"),
        (ROWS[:, :0], "x has no columns: give at least one"),
        (pd.DataFrame(index=range(60)), "x has no columns: give at least one"),
        (
            pd.DataFrame(ROWS[:, :2], columns=["a", "a"]),
            "x has two columns named 'a': give each a name of its own",
        ),
    ],
)
def test_refuses_what_is_no_table_of_as_many_rows(x: Any, message: str) -> None:
    assert refusal(x).startswith(message)


def test_refuses_fewer_than_fifty_rows() -> None:
    assert len(read_samples(ROWS[:50, 0], ROWS[:50, 1])) == 50
    message = refusal(ROWS[:49, 0], ROWS[:49, 1])
    assert message == "there are 49 rows: an estimate needs at least 50"


@pytest.mark.parametrize("discrete", [None, ["x0"]])
@pytest.mark.parametrize("missing", [np.nan, None, pd.NA, pd.NaT])
def test_refuses_missing_values_and_says_where_they_are(
    missing: Any, discrete: list[str] | None
) -> None:
    given = np.array(ROWS[:, 0], dtype=object)
    given[[4, 17]] = missing
    assert refusal(given, discrete=discrete) == (
        "column x0 has 2 missing value(s) (NaN), in row(s) 4, 17 counted from 0: fill them, or "
        "leave these rows out (missing='drop'); none is dropped unasked"
    )


def test_names_at_most_three_rows() -> None:
    assert "in row(s) 2, 5, 9 counted" in refusal(with_value(np.nan, 2, 5, 9))
    assert "4 missing value(s) (NaN), in row(s) 2, 5, 9, ... counted" in refusal(
        with_value(np.nan, 2, 5, 9, 30)
    )


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_refuses_infinite_values_and_says_where_they_are(infinite: float) -> None:
    message = refusal(ROWS[:, :1], pd.Series(with_value(infinite, 7), name="yield"))
    assert message.startswith("column yield has 1 infinite value(s), in row(s) 7 counted from 0")


def test_rows_are_left_out_and_keep_their_numbers() -> None:
    x = pd.DataFrame({"a": with_value(np.nan, 4, 17), "b": ROWS[:, 1]})
    samples = read_samples(x, with_value(np.nan, 17, 30), missing="drop")
    kept = np.setdiff1d(np.arange(60), [4, 17, 30])
    assert (len(samples), samples.rows_left_out) == (57, 3)
    np.testing.assert_array_equal(samples.x[1].measured, ROWS[kept, 1])
    np.testing.assert_array_equal(samples.y[0].measured, ROWS[kept, 0])
    assert read_samples(ROWS, Y, missing="drop").rows_left_out == 0
    infinite = with_value(np.nan, 4)
    infinite[40] = np.inf
    with pytest.raises(UserError, match=r"1 infinite value\(s\), in row\(s\) 40 counted"):
        read_samples(infinite, Y, missing="drop")
    text = pd.Series(["1.5", None, *["red"] * 58], name="t")
    with pytest.raises(UserError, match="such as 'red' in row 2"):
        read_samples(text, Y, missing="drop")


def test_whole_numbers_keep_their_digits_beside_a_missing_one() -> None:
    given = pd.Series([None, *(2**60 + row % 2 for row in range(59))], name="id", dtype="Int64")
    column = read_samples(given, Y, discrete=["id"], missing="drop").x[0]
    assert column.different == 2
    with pytest.raises(UserError, match=r"declare it discrete \(discrete=\['id'\]\)"):
        read_samples(given, Y, missing="drop")


def test_truth_values_beside_a_missing_one_are_discrete() -> None:
    samples = read_samples(pd.Series([None, *[True, False] * 29, True]), Y, missing="drop")
    assert samples.x[0].discrete
    assert samples.warnings == ()


def test_few_rows_that_are_left_are_told_with_those_that_are_not() -> None:
    with pytest.raises(UserError) as refused:
        read_samples(with_value(np.nan, *range(20)), Y, missing="drop")
    assert str(refused.value) == (
        "there are 40 rows without the 20 in which a value is missing: an estimate needs at "
        "least 50"
    )
    with pytest.raises(
        UserError, match=r"unknown choice of missing 'fill': choose one of refuse, d"
    ):
        read_samples(ROWS, Y, missing="fill")


@pytest.mark.parametrize("discrete", [3, b"x0", 2.5, object()])
def test_declared_columns_are_names(discrete: Any) -> None:
    assert refusal(ROWS, discrete=discrete).startswith("discrete is ")


def test_takes_what_is_masked_as_missing() -> None:
    masked = np.ma.masked_array(ROWS[:, 0], mask=np.arange(60) == 12)
    assert refusal(masked).startswith("column x0 has 1 missing value(s) (NaN), in row(s) 12")


def test_refuses_complex_numbers_of_which_half_would_be_dropped() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal(ROWS[:, 0] + 1j).startswith("column x0 holds complex numbers")


def test_refuses_text_that_was_not_declared_discrete() -> None:
    table = pd.DataFrame({"colour": ["red", "blue"] * 30})
    assert refusal(table) == (
        "column colour holds text or objects, such as 'red' in row 0: declare it discrete "
        "(discrete=['colour']), or turn it into numbers"
    )
    assert refusal(table, discrete=[]) == refusal(table)


@pytest.mark.parametrize(
    "given", [np.array(["00501", "00502"] * 30), pd.Series(["1.5", "2.5"] * 30, name="x0")]
)
def test_numbers_that_are_text_are_text(given: Any) -> None:
    assert refusal(given).startswith("column x0 holds text or objects, such as '")
    assert column_of(given, discrete=["x0"]).discrete


def test_objects_that_are_numbers_are_numbers() -> None:
    mixed: list[Any] = [Decimal("0.1"), 0.1, Fraction(1, 3), np.float32(2.5), 7, np.True_] * 10
    column = column_of(np.array(mixed, dtype=object))
    np.testing.assert_allclose(column.measured[:6], [0.1, 0.1, 1 / 3, 2.5, 7, 1])


@pytest.mark.parametrize("kind", ["datetime64[s]", "timedelta64[h]"])
def test_refuses_dates_and_times(kind: str) -> None:
    assert refusal(np.arange(60).astype(kind)).startswith("column x0 holds dates or times: turn")


@pytest.mark.parametrize(
    "given",
    [
        [datetime.date(2026, 1, 1)] * 60,
        [datetime.time(9, 30)] * 60,
        pd.Series(pd.period_range("2026-01", periods=60, freq="M"), name="x0"),
    ],
    ids=["date", "time", "period"],
)
def test_dates_of_any_type_are_dates(given: Any) -> None:
    assert refusal(given).startswith("column x0 holds dates or times: turn")


@pytest.mark.parametrize(
    "written", ["2026-01-31", "31.01.2026", "1/31/26", "09:30", "2026-01-31T09"]
)
def test_dates_written_as_text_get_the_advice_of_dates(written: str) -> None:
    assert refusal([written] * 60) == (
        f"column x0 holds dates or times as text, such as {written!r} in row 0: turn it into "
        "numbers, such as days since the first one"
    )


@pytest.mark.parametrize("written", ["?", "n/a", "0x10"])
def test_the_value_that_is_no_number_is_named_and_its_row(written: str) -> None:
    given = [str(value) for value in Y]
    given[42] = written
    assert refusal(given).startswith(
        f"column x0 holds text or objects, such as {written!r} in row 42 ("
    )


@pytest.mark.parametrize("discrete", [None, ["x"]])
@pytest.mark.parametrize(
    "given",
    [
        pd.Series([[1, 2]] * 60),
        pd.Series([{"a": 1}] * 60),
        pd.Series([np.arange(2)] * 60),
        pd.Series([[1, 2]] * 60, dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
    ],
    ids=["list", "struct", "array", "arrow"],
)
def test_cells_of_several_values_are_named(given: Any, discrete: list[str] | None) -> None:
    message = refusal(given, discrete=discrete)
    assert message.endswith("in row 0: give a column for each of the values in a cell")


@pytest.mark.parametrize(
    "given",
    [
        2**60 + np.arange(60),
        np.uint64(2**63) + np.arange(60, dtype=np.uint64),
        np.array([10**20 + place for place in range(60)], dtype=object),
    ],
    ids=["int64", "uint64", "object"],
)
def test_refuses_whole_numbers_that_floating_point_would_make_equal(given: Any) -> None:
    assert refusal(given).startswith(
        "column x0 holds whole numbers that floating point cannot tell"
    )
    np.testing.assert_array_equal(column_of(given - given.min()).measured, np.arange(60))


def test_whole_numbers_beyond_all_floating_point_are_infinite() -> None:
    given = np.array([*range(59), 10**400], dtype=object)
    assert refusal(given).startswith("column x0 has 1 infinite value(s), in row(s) 59")


def test_refuses_records_and_what_is_no_array_yet() -> None:
    records = np.zeros(60, dtype=[("a", float), ("b", float)])
    assert refusal(records) == "x is an array of records: give a table, pandas.DataFrame(x)"
    message = refusal(torch.zeros(60, requires_grad=True))
    assert message.startswith("x cannot be taken as an array: Can't call numpy()")


def test_columns_that_numbers_name_are_declared_by_them() -> None:
    table = pd.DataFrame({0: ["a", "b"] * 30, 1: ROWS[:, 0]})
    discrete: Any = [0]
    assert read_samples(table, Y, discrete=discrete).x[0].discrete
    assert refusal(table, discrete=["2"]).startswith("unknown discrete column '2': choose one of 0")


def test_numbers_the_levels_of_declared_columns_in_order() -> None:
    table = pd.DataFrame({"colour": ["red", "blue", "green"] * 20, "size": [2.5, 1.5, 9.0] * 20})
    samples = read_samples(table, Y, discrete=["colour", "size"])
    assert samples.discrete
    assert samples.warnings == ()
    for column in samples.x:
        assert column.discrete
        np.testing.assert_array_equal(
            column.measured[:3], [2, 0, 1] if column.name == "colour" else [1, 0, 2]
        )
    assert not samples.y[0].discrete


@pytest.mark.parametrize("discrete", [None, []])
@pytest.mark.parametrize(
    "given",
    [
        np.array([True, False] * 30),
        pd.Series([True, False] * 30, dtype="boolean"),
        pd.Series(["b", "a"] * 30, dtype="category"),
    ],
    ids=["bool", "boolean", "category"],
)
def test_truth_values_and_categories_are_discrete_in_any_case(
    given: Any, discrete: list[str] | None
) -> None:
    samples = read_samples(given, Y, discrete=discrete)
    assert samples.x[0].discrete
    assert samples.warnings == ()
    np.testing.assert_array_equal(samples.x[0].measured, [1.0, 0.0] * 30)


@pytest.mark.parametrize(
    ("given", "levels"), [(np.arange(60) % 20, 20), (np.array([-1.0, 5.0] * 30), 2)]
)
def test_few_whole_numbers_are_taken_as_discrete_and_it_says_so(given: Any, levels: int) -> None:
    samples = read_samples(given, Y)
    assert samples.x[0].discrete
    np.testing.assert_array_equal(np.unique(samples.x[0].measured), np.arange(levels))
    (caution,) = samples.warnings
    assert isinstance(caution, DiscreteColumnWarning)
    assert str(caution).startswith(
        f"column x0 has {levels} levels, all whole numbers: taken as discrete; say discrete=[]"
    )


def test_columns_of_one_kind_are_told_of_once() -> None:
    table = pd.DataFrame({f"q{place}": np.arange(60) % (2 + place % 3) for place in range(10)})
    (caution,) = read_samples(table, Y).warnings
    assert str(caution).startswith(
        "columns q0, q1, q2, q3, q4, ... (10 in all) have 2 to 4 levels, all whole numbers: taken"
    )


@pytest.mark.parametrize("given", [np.arange(60) % 21, np.array([0.5, 1.0] * 30), np.full(60, 3.0)])
def test_other_numbers_are_not_taken_as_discrete(given: Any) -> None:
    samples = read_samples(given, Y)
    assert not samples.x[0].discrete
    assert samples.warnings == ()
    np.testing.assert_array_equal(samples.x[0].measured, given)


def test_whoever_declares_has_the_last_word() -> None:
    both = np.column_stack([np.arange(60) % 3, np.arange(60) % 4])
    for discrete, expected in (([], [False, False]), (["x1"], [False, True])):
        samples = read_samples(both, Y, discrete=discrete)
        assert [column.discrete for column in samples.x] == expected
        assert samples.warnings == ()
        np.testing.assert_array_equal(samples.arrays()[0], both)


def test_refuses_to_declare_a_column_that_there_is_not() -> None:
    message = refusal(ROWS[:, :2], discrete=["x0", "colour"])
    assert message.startswith("unknown discrete column 'colour'")
    assert message.endswith("choose one of x0, x1, y0")


@pytest.mark.parametrize(("given", "constant"), [(np.full(60, 3.0), True), (Y, False)])
def test_knows_a_constant(given: Any, constant: bool) -> None:
    assert column_of(given).constant is constant
