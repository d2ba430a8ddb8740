"""Means of terms: histograms against a naive loop, and intervals that hold what they say."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import mutual_info_score

from infomax.errors import UserError
from infomax.estimation.terms import histogram_terms, interval_of_terms

from .conftest import Array, NormalPairs


@pytest.mark.parametrize(("confidence", "deviations"), [(0.95, 1.959964), (0.6827, 1.0)])
def test_of_terms_is_the_value_and_so_many_standard_errors(
    confidence: float, deviations: float
) -> None:
    terms = np.random.default_rng(0).normal(size=400)
    interval = interval_of_terms(0.7, terms, confidence)
    error = math.sqrt(((terms - terms.mean()) ** 2).mean() / 400)
    assert interval.low == pytest.approx(0.7 - deviations * error, rel=1e-4)
    assert interval.high == pytest.approx(0.7 + deviations * error, rel=1e-4)


def test_of_terms_that_are_all_the_same_is_of_second_order() -> None:
    interval = interval_of_terms(0.1, np.full(50, 3.0), 0.95, second_order=0.04)
    assert interval.width / 2 == pytest.approx(1.959964 * 0.2)
    assert interval_of_terms(0.1, np.full(50, 3.0), 0.95).width == 0
    both = interval_of_terms(0.1, np.tile([-1.0, 1.0], 25), 0.95, second_order=0.04)
    assert both.width / 2 == pytest.approx(1.959964 * math.sqrt(1 / 50 + 0.04))


@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_of_terms_covers_a_mean_as_often_as_it_says(confidence: float) -> None:
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(1_000):
        terms = 0.4 + generator.exponential(size=200) - 1
        covered += 0.4 in interval_of_terms(float(terms.mean()), terms, confidence)
    assert binomtest(covered, 1_000, confidence).pvalue > 0.001


def test_of_terms_shrinks_with_the_root_of_their_number() -> None:
    terms = np.random.default_rng(0).normal(size=100)
    few, many = (interval_of_terms(0.0, np.tile(terms, times), 0.95).width for times in (1, 16))
    assert few / many == pytest.approx(4)


def naive_terms(x: Array, y: Array) -> list[float]:
    number, columns = len(x), x.shape[1] + y.shape[1]
    bins = 2
    while 5 * (bins + 1) ** columns <= number:
        bins += 1

    def cell(side: Array, i: int) -> tuple[int, ...]:
        return tuple(
            bins
            * (sum(side[:, k] < side[i, k]) + sum(side[:, k] <= side[i, k]) - 1)
            // (2 * number)
            for k in range(side.shape[1])
        )

    cells = [(cell(x, i), cell(y, i)) for i in range(number)]
    in_both, in_x, in_y = (
        Counter(cells),
        Counter(of_x for of_x, _ in cells),
        Counter(of_y for _, of_y in cells),
    )
    correction = (len(in_both) - len(in_x) - len(in_y) + 1) / (2 * number)
    return [
        math.log(number * in_both[of_x, of_y] / (in_x[of_x] * in_y[of_y])) - correction
        for of_x, of_y in cells
    ]


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(5, 90),
    x_size=st.integers(1, 3),
    y_size=st.integers(1, 2),
    rounded=st.booleans(),
)
@settings(max_examples=30)
def test_agrees_with_a_naive_loop(
    seed: int, number: int, x_size: int, y_size: int, rounded: bool
) -> None:
    y_size = min(y_size, 4 - x_size)
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(number, x_size)), generator.normal(size=(number, y_size))
    y[:, 0] += x[:, 0]
    if rounded:
        x, y = x.round(), y.round()
    np.testing.assert_allclose(histogram_terms(x, y), naive_terms(x, y), atol=1e-12)


@pytest.mark.parametrize(("number", "columns", "bins"), [(320, 3, 4), (1_715, 3, 7), (405, 4, 3)])
def test_as_many_bins_as_leave_five_pairs_in_a_cell(number: int, columns: int, bins: int) -> None:
    # Roots of whole powers, which come out of floating point a little below or above.
    assert number == 5 * bins**columns
    x = np.random.default_rng(0).permutation(number)[:, None].astype(np.float64)
    found = histogram_terms(x, np.hstack([x] * (columns - 1))).mean()
    # All columns are the same: log of the bins, less what Miller corrects.
    assert found == pytest.approx(math.log(bins) + (bins - 1) / (2 * number), abs=1e-2)


def test_of_two_levels_is_the_plug_in_value_with_the_correction_of_miller() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 2, size=500)
    y = np.where(generator.random(500) < 0.3, 1 - x, x)
    found = histogram_terms(x[:, None].astype(np.float64), y[:, None].astype(np.float64))
    # (K_xy - K_x - K_y + 1) / 2N = (4 - 2 - 2 + 1) / 1000
    assert found.mean() == pytest.approx(mutual_info_score(x, y) - 0.001, abs=1e-12)


def test_correction_takes_the_bias_of_independent_pairs_away(normal_pairs: NormalPairs) -> None:
    values = np.array([histogram_terms(*normal_pairs(seed, 500)).mean() for seed in range(150)])
    error = values.std() / math.sqrt(len(values))
    # Without it the plug-in value is (K_x - 1)(K_y - 1) / 2N = 0.081 nats too high.
    assert values.mean() == pytest.approx(0, abs=0.01 + 4 * error)
    assert error < 0.005


def test_finds_the_information_of_gaussians(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 20_000, correlation=0.7)
    assert histogram_terms(x, y).mean() == pytest.approx(-math.log1p(-0.49) / 2, abs=0.03)


def test_increasing_maps_of_columns_change_nothing(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.7)
    np.testing.assert_array_equal(histogram_terms(np.exp(x), y**3), histogram_terms(x, y))


@pytest.mark.parametrize(("x_size", "y_size"), [(4, 1), (2, 3), (1, 4)])
def test_refuses_more_than_four_columns(x_size: int, y_size: int) -> None:
    with pytest.raises(UserError, match="a histogram of 5 columns: give at most 4 in all"):
        histogram_terms(np.zeros((100, x_size)), np.zeros((100, y_size)))
