"""Tests of all rows: as sure as chance allows where something depends, and no surer elsewhere."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binomtest

from infomax.estimation import estimate_mi
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.permutation import DependenceTest, combine_tests
from infomax.estimation.row_tests import run_row_tests
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask

from .conftest import Array


def row_tests_of(x: Array, y: Array, permutations: int, seed: int) -> list[DependenceTest]:
    samples = read_samples(x, y, discrete=["x0"] if len(np.unique(x)) == 2 else [])
    generator = np.random.default_rng(seed)
    task = EstimationTask(samples, EstimationSettings(permutations=permutations))
    return run_row_tests(task, *neighbour_space(samples, generator), generator)


def shifted(seed: int) -> tuple[Array, Array]:
    """Return 50 rows of 50,000 that are shifted by four standard deviations."""
    generator = np.random.default_rng(seed)
    x = np.zeros(50_000)
    x[generator.choice(len(x), 50, replace=False)] = 1
    return x, generator.standard_normal(len(x)) + 4 * x


@pytest.mark.parametrize("seed", range(20))
def test_fifty_shifted_rows_of_fifty_thousand_are_as_sure_as_permutations_allow(seed: int) -> None:
    # Beside them, as in an estimate, stands a test of too few rows to see anything.
    blind = DependenceTest(0.0, np.random.default_rng(seed).standard_normal(199))
    tests = row_tests_of(*shifted(seed), 199, seed)
    assert combine_tests([blind, *tests]).p_value == 0.005


def test_what_an_estimate_says_of_few_shifted_rows_is_of_one_mind() -> None:
    x, y = shifted(0)
    result = estimate_mi(x, y, discrete=["x0"])
    assert result.p_value == 0.005
    assert "any dependence at all: yes (p = 0.005)" in str(result)
    assert 0 < result.interval.low < result.value < result.interval.high
    assert not result.warnings


@pytest.mark.parametrize(
    "curve", [lambda x: np.sin(30 * x), lambda x: x**2, lambda x: np.sign(np.sin(9 * x))]
)
def test_a_curve_that_correlates_with_nothing_simple_is_shown(
    curve: Callable[[Array], Array],
) -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 2000))
    tests = row_tests_of(x, curve(x) + 0.1 * noise, 99, 0)
    assert combine_tests(tests).p_value == pytest.approx(0.01)


def test_what_two_columns_say_only_together_is_shown() -> None:
    x = np.random.default_rng(0).standard_normal((2000, 2))
    noise = np.random.default_rng(1).standard_normal(2000)
    assert combine_tests(row_tests_of(x, np.sign(x[:, 0] * x[:, 1]) + noise, 99, 0)).p_value <= 0.02


def test_more_rows_bring_more_power() -> None:
    shown = {}
    for rows in (1_000, 10_000):
        found = 0
        for seed in range(5):
            x, noise = np.random.default_rng(seed).standard_normal((2, rows))
            found += combine_tests(row_tests_of(x, 0.07 * x + noise, 39, seed)).p_value <= 0.05
        shown[rows] = found
    assert shown[10_000] == 5
    assert shown[1_000] < 4


def test_is_not_too_sure_where_nothing_depends() -> None:
    p_values = []
    for seed in range(150):
        generator = np.random.default_rng(seed)
        columns = (1, 2, 12)[seed % 3]
        x, y = generator.standard_normal((2, 120, columns))
        x = np.where(x > 1, 1.0, 0.0)[:, :1] if seed % 4 == 0 else x
        p_values.append(combine_tests(row_tests_of(x, y, 39, seed)).p_value)
    for level in (0.05, 0.2):
        small = sum(p_value <= level for p_value in p_values)
        assert binomtest(small, len(p_values), level, alternative="greater").pvalue > 0.01


def test_of_levels_that_never_repeat_there_is_nothing_to_test() -> None:
    names = np.arange(60.0)
    samples = read_samples(names, names, discrete=["x0", "y0"])
    points = neighbour_space(samples, np.random.default_rng(0))
    task = EstimationTask(samples, EstimationSettings())
    assert run_row_tests(task, *points, np.random.default_rng(0)) == []


@pytest.mark.parametrize("most_permuted", [0, 10**9])
def test_rows_that_are_moved_break_pairs_as_well_as_rows_that_are_permuted(
    most_permuted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infomax.estimation.rows._MOST_PERMUTED", most_permuted)
    small, null_means = 0, []
    for seed in range(60):
        x, y = np.random.default_rng(seed).standard_normal((2, 300))
        tests = row_tests_of(x, y, 19, seed)
        small += combine_tests(tests).p_value <= 0.1
        null_means.append(tests[0].null_values.mean())
    assert binomtest(small, 60, 0.1).pvalue > 0.01
    # Squared correlations of 36 pairs of functions without dependence, times the rows.
    assert np.mean(null_means) == pytest.approx(1, abs=0.05)
    assert combine_tests(row_tests_of(x, x + y, 199, 0)).p_value == 0.005
