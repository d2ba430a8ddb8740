"""Rows in time: broken, drawn again and split so that what follows each other stays together."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from infomax import estimate_mi
from infomax.estimation.rows import IndependentRows, RowsInTime
from infomax.estimation.samples import read_samples
from infomax.estimation.split import split_blocks

from .conftest import Array


def series(seed: int, memory: float, number: int, correlation: float = 0.0) -> tuple[Array, Array]:
    steps = np.random.default_rng(seed).standard_normal((2, number)) * (1 - memory**2) ** 0.5
    steps[:, 0] /= (1 - memory**2) ** 0.5
    x, y = lfilter([1.0], [1.0, -memory], steps)
    return x, correlation * x + (1 - correlation**2) ** 0.5 * y


def rows_of(memory: float, number: int = 5000) -> RowsInTime:
    return RowsInTime.of(read_samples(*series(0, memory, number)))


@given(number=st.integers(50, 3000), memory=st.integers(0, 300), seed=st.integers(0, 99))
def test_what_is_near_in_time_is_on_one_side_of_a_split(
    number: int, memory: int, seed: int
) -> None:
    split = split_blocks(number, memory, np.random.default_rng(seed))
    gap = min(memory, len(split.test) // 4)
    assert (np.diff(split.test) == 1).all()
    validated: list[int] = []
    for refit in split.refits:
        assert len(refit.train) == len(split.refits[0].train) > 0
        for others in (split.test, refit.validation):
            apart = np.abs(refit.train[:, None] - others)
            assert np.minimum(apart, number - apart).min() > gap
        apart = np.abs(split.test[:, None] - refit.validation)
        assert np.minimum(apart, number - apart).min() > gap
        validated += refit.validation.tolist()
    assert len(validated) == len(set(validated))


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_a_mean_scatters_as_the_means_of_many_series_do(memory: float) -> None:
    rows = rows_of(memory)
    many = [series(seed, memory, 2000)[0] for seed in range(300)]
    spreads = [rows.spread(each).variance / 2000 for each in many[:50]]
    assert np.mean(spreads) == pytest.approx(np.var([each.mean() for each in many]), rel=0.3)


def test_the_variance_is_that_of_very_many_draws() -> None:
    rows, (terms, _) = rows_of(0.9), series(1, 0.9, 1000)
    counts = rows.counts(terms, 4000, np.random.default_rng(0))
    assert (counts.sum(axis=1) == 1000).all()
    means = counts @ terms / 1000
    assert means.var() == pytest.approx(rows.spread(terms).variance / 1000, rel=0.1)


def test_each_side_keeps_its_course_where_pairs_are_broken() -> None:
    rows, every = rows_of(0.9), np.arange(5000)
    broken = list(rows.partners(every, 5000, 99, np.random.default_rng(0)))
    assert all((np.diff(each) % 5000 == 1).all() for each in broken)
    shifts = {int(each[0]) for each in broken}
    # No shift is so short that a row meets what it still resembles.
    assert min(shift for shift in shifts if shift) > 10
    assert len(shifts) > 90


@pytest.mark.parametrize("memory", [0.5, 0.9])
def test_rows_are_worth_what_bartlett_says(memory: float) -> None:
    worth = 5000 * (1 - memory**2) / (1 + memory**2)
    assert rows_of(memory).worth(5000) == pytest.approx(worth, rel=0.25)


def test_independent_rows_are_worth_themselves() -> None:
    terms = np.random.default_rng(0).standard_normal(500)
    independent = IndependentRows()
    assert independent.worth(500) == 500
    assert independent.spread(terms) == (terms.var(), math.inf)
    assert independent.spread(terms).quantile(0.975) == pytest.approx(1.96, abs=0.001)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_series_that_share_nothing_are_not_called_dependent() -> None:
    drawn = [series(seed, 0.9, 1500) for seed in range(12)]
    in_time, free = (
        [estimate_mi(x, y, permutations=39, order=order).p_value for x, y in drawn]
        for order in ("rows", None)
    )
    assert sum(p <= 0.05 for p in in_time) <= 2
    assert sum(p <= 0.05 for p in free) >= 6


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_intervals_hold_what_series_share() -> None:
    truth = -0.5 * math.log(1 - 0.6**2)
    results = [
        estimate_mi(*series(seed, 0.9, 1500, 0.6), order="rows", permutations=39)
        for seed in range(12)
    ]
    assert sum(truth in result.interval for result in results) >= 10
    assert all(result.p_value <= 0.05 for result in results)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize("method", ["infonce-symmetric", "smile", "chao-wang-jost"])
def test_other_methods_take_rows_in_time(method: str) -> None:
    x, y = series(3, 0.8, 1500, 0.7)
    if method == "chao-wang-jost":
        x, y = ((side > 0).astype(np.float64) for side in (x, y))
    free, in_time = (
        estimate_mi(x, y, method, order=order, permutations=39) for order in (None, "rows")
    )
    if free.at_least:
        assert in_time.interval.low < free.interval.low
    else:
        assert in_time.interval.width > free.interval.width
    assert in_time.p_value <= 0.05
