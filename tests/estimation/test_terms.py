"""Intervals of means of terms: they hold what they say as often as they say, and shrink."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from infomax.estimation.terms import interval_of_terms


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
