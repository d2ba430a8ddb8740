"""Intervals of few rows: the equation that their ends solve, and how often they hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.few_rows import (
    error_of_few_rows,
    interval_of_few_rows,
    reach_of_neighbours,
)
from infomax.estimation.sample_size import SampleSizeCurve

TWO_SIDED = (0.025, 0.975)


@given(
    value=st.floats(-0.1, 5),
    error=st.floats(1e-4, 1),
    rows=st.integers(50, 999),
    x_size=st.integers(1, 5),
    y_size=st.integers(1, 5),
)
def test_the_upper_end_is_as_far_as_its_own_spread_allows(
    value: float, error: float, rows: int, x_size: int, y_size: int
) -> None:
    low, high = interval_of_few_rows(value, error, TWO_SIDED, rows, (x_size, y_size))
    wider, degrees = error_of_few_rows(error, rows, x_size + y_size)
    equal = min(x_size, y_size)

    def variance(information: float) -> float:
        return equal * (1 - math.exp(-2 * max(information, 0) / equal))

    quantile = stats.t(degrees).ppf(0.975)
    grown = wider**2 + (variance(high) - variance(value)) / degrees
    assert high - value == pytest.approx(quantile * math.sqrt(grown), rel=1e-6, abs=1e-9)
    assert value - low == pytest.approx(quantile * wider)
    assert wider > error


def test_an_interval_of_few_rows_without_a_tail_has_no_end() -> None:
    low, high = interval_of_few_rows(0.3, 0.1, (0.05, 1.0), 100, (1, 1))
    assert 0.11 < low < 0.13
    assert high == math.inf


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_intervals_of_sixty_rows_hold_the_truth(correlation: float) -> None:
    truth, held = -0.5 * math.log(1 - correlation**2), 0
    for seed in range(150):
        x, noise = np.random.default_rng((seed, 1)).standard_normal((2, 60))
        y = correlation * x + (1 - correlation**2) ** 0.5 * noise
        held += truth in estimate_mi(x, y, "elliptical-copula", permutations=0).interval
    # Without what few rows need it is 88 % and less.
    assert 0.90 <= held / 150 <= 0.99


def test_neighbours_reach_beyond_what_they_read_where_they_still_rise() -> None:
    rising = SampleSizeCurve((25, 50, 100), (0.1, 0.2, 0.25), (0.0, 0.03, 0.0))
    falling = SampleSizeCurve((25, 50, 100), (0.4, 0.3, 0.25), (0.0, 0.03, 0.0))
    ever_faster = SampleSizeCurve((25, 50, 100), (0.1, 0.2, 0.4), (0.0, 0.03, 0.0))
    # Of an error that falls as a root of the pairs, as much is left as it fell by.
    assert rising.drift(0.04) == pytest.approx(0.15) == -falling.drift(0.04)
    normal = 0.25 + stats.norm.ppf(0.975) * 0.05
    assert reach_of_neighbours(falling, 0.04, 0.975) == pytest.approx(normal)
    assert reach_of_neighbours(rising, 0.04, 0.975) == pytest.approx(normal + 0.15)
    assert reach_of_neighbours(ever_faster, 0.04, 0.975) == math.inf
    assert reach_of_neighbours(ever_faster, 0.2, 0.975) < math.inf


def test_few_rows_that_a_copula_is_claimed_of_leave_room_for_other_families() -> None:
    x, y = draw_pairs("1v1-additive-0.75", 100, seed=1)
    claimed = estimate_mi(x, y, permutations=0)
    copula = estimate_mi(x, y, "elliptical-copula", permutations=0)
    assert (claimed.method, claimed.value) == (copula.method, copula.value)
    assert claimed.interval.low == copula.interval.low
    assert claimed.interval.high > copula.interval.high
    assert "few rows" in claimed.reason
    assert DISTRIBUTIONS["1v1-additive-0.75"].mutual_information in claimed.interval


@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
def test_a_sine_of_few_rows_is_no_less_than_it_is() -> None:
    generator = np.random.default_rng(0)
    x = generator.uniform(-2, 2, 60)
    result = estimate_mi(x, np.sin(3 * x) + 0.3 * generator.standard_normal(60), permutations=0)
    assert 0.863 in result.interval
