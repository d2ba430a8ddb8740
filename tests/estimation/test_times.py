"""Times: sorted by, and what is odd of them is said."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax import estimate_mi
from infomax.errors import UserError
from infomax.estimation.times import order_of_times
from infomax.warnings import UnevenTimeWarning


@pytest.mark.parametrize(
    "times",
    [
        np.arange(60)[::-1],
        pd.date_range("2026-01-01", periods=60, freq="h")[::-1],
        pd.date_range("2026-01-01", periods=60, freq="D", tz="Europe/Berlin")[::-1],
        [f"2026-01-01T00:{minute:02}:00" for minute in range(60)][::-1],
    ],
)
def test_numbers_and_dates_are_sorted_by(times: Any) -> None:
    order, found = order_of_times(times)
    assert order is not None
    assert order.tolist() == list(range(60))[::-1]
    assert found == []


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([0, 1, 2, 2, 3, 4], "1 rows have the time of the row before them"),
        ([0, 1, 2, 9, 10, 11], "there are 1 gaps, the longest of 7"),
        ([0, 1, 2.3, 3, 4.2, 5, 6], "of the steps are shorter or longer"),
    ],
)
def test_what_is_uneven_is_said(times: list[float], said: str) -> None:
    (warning,) = order_of_times(times)[1]
    assert said in str(warning)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ("time", "order is 'time': give 'rows' where rows are in order of time"),
        ([1.0, np.nan, 3.0], "order: 1 of 3 times are missing, the first in row 1"),
        ([1.0, np.inf, 3.0], "order: a time is infinite"),
        ([5, 5, 5], "order: all times are equal"),
        (["early", "late"], "order is neither numbers nor dates"),
    ],
)
def test_what_is_no_time_is_refused(times: Any, message: str) -> None:
    with pytest.raises(UserError) as refused:
        order_of_times(times)
    assert str(refused.value).startswith(message)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_shuffled_rows_are_estimated_as_they_were() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 300))
    shuffled = np.random.default_rng(1).permutation(300)
    in_order = estimate_mi(x, y, order="rows")
    again = estimate_mi(x[shuffled], y[shuffled], order=shuffled)
    assert (again.value, again.p_value) == (in_order.value, in_order.p_value)


def test_as_many_times_as_rows() -> None:
    with pytest.raises(UserError, match="order has 3 times for 60 rows: give one for each row"):
        estimate_mi(np.arange(60.0), np.arange(60.0), order=[1, 2, 3])


def test_rows_that_are_left_out_leave_gaps() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 200))
    x[[3, 70]] = np.nan
    with pytest.warns(UnevenTimeWarning, match="2 rows in which a value is missing are left out"):
        estimate_mi(x, y, order="rows", missing="drop", permutations=19)
