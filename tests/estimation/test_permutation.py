"""The test for any dependence: exact where there is none, and sharp where there is some."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from infomax.estimation.permutation import (
    DependenceTest,
    permute_and_repeat,
    permute_scores,
    variance_of_broken_pairs,
)

from .conftest import Array, NormalPairs


def covariance(x: Array, y: Array) -> float:
    return abs(float(np.cov(x[:, 0], y[:, 0])[0, 1]))


@given(
    observed=st.integers(-3, 3),
    null_values=st.lists(st.integers(-3, 3), min_size=1, max_size=30),
)
def test_p_value_agrees_with_a_naive_count(observed: int, null_values: list[int]) -> None:
    # Of the values with the data's own among them; those that are equal count.
    together = [observed, *null_values]
    expected = sum(value >= observed for value in together) / len(together)
    found = DependenceTest(float(observed), np.array(null_values, dtype=np.float64)).p_value
    assert found == pytest.approx(expected)
    assert found > 0


def test_statistic_is_the_mean_score_of_partners() -> None:
    generator = np.random.default_rng(0)
    scores = generator.normal(size=(7, 7))
    test = permute_scores(scores, 20, np.random.default_rng(1))
    assert test.observed == pytest.approx(sum(scores[i, i] for i in range(7)) / 7)
    again = np.random.default_rng(1)
    for found in test.null_values:
        partners = again.permutation(7)
        assert found == pytest.approx(sum(scores[i, partners[i]] for i in range(7)) / 7)


def test_all_permutations_are_equally_likely() -> None:
    # Scores from which the permutation can be read.
    scores = np.array([[0, 3, 6], [0, 30, 60], [0, 300, 600]], dtype=np.float64)
    test = permute_scores(scores, 6_000, np.random.default_rng(0))
    values, counts = np.unique(test.null_values, return_counts=True)
    assert len(values) == 6
    assert chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("permutations", [1, 19])
def test_is_exact_where_nothing_depends(permutations: int) -> None:
    # Each of the possible p-values has the same probability, for scores of whatever critic.
    generator = np.random.default_rng(0)
    p_values = []
    for _ in range(2_000):
        x, y = generator.standard_normal((2, 20))
        scores = np.multiply.outer(x, y) + x[:, None] ** 2 - 3 * y
        p_values.append(permute_scores(scores, permutations, generator).p_value)
    values, counts = np.unique(np.round(p_values, 9), return_counts=True)
    np.testing.assert_allclose(values, np.arange(1, permutations + 2) / (permutations + 1))
    assert chisquare(counts).pvalue > 0.001


def test_repeating_is_exact_where_nothing_depends() -> None:
    generator = np.random.default_rng(0)
    p_values = []
    for _ in range(1_000):
        x, y = generator.normal(size=(2, 20, 1))
        p_values.append(permute_and_repeat(covariance, x, y, 9, generator).p_value)
    _, counts = np.unique(np.round(p_values, 9), return_counts=True)
    assert len(counts) == 10
    assert chisquare(counts).pvalue > 0.001


def test_repeating_is_not_too_sure_where_values_are_often_equal() -> None:
    # Few different tables of two levels: what is equal but for rounding is no evidence.
    generator = np.random.default_rng(0)
    p_values = []
    for _ in range(1_000):
        x, y = generator.integers(0, 2, size=(2, 20, 1)).astype(np.float64)
        p_values.append(permute_and_repeat(covariance, x, y, 9, generator).p_value)
    for level in (0.1, 0.3):
        rejected = sum(p_value <= level + 1e-9 for p_value in p_values)
        assert binomtest(rejected, len(p_values), level, alternative="greater").pvalue > 0.001


def test_is_sharp_where_pairs_depend(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 200, correlation=0.6)
    by_scores = permute_scores(x @ y.T, 199, np.random.default_rng(0))
    repeated = permute_and_repeat(covariance, x, y, 199, np.random.default_rng(0))
    for test in (by_scores, repeated):
        assert len(test.null_values) == 199
        assert test.p_value == pytest.approx(1 / 200)
        assert test.observed > test.null_values.max()


def test_what_belongs_to_one_side_alone_is_no_dependence() -> None:
    generator = np.random.default_rng(0)
    pairs = generator.normal(size=(30, 30))
    sides = 100 * generator.normal(size=(30, 1)) + 100 * generator.normal(size=30)
    # Sums over rows and columns stay the same under permutation.
    alone, beside = (
        permute_scores(scores, 99, np.random.default_rng(1)) for scores in (pairs, pairs + sides)
    )
    assert alone.p_value == beside.p_value
    np.testing.assert_allclose(
        alone.null_values - alone.observed, beside.null_values - beside.observed, atol=1e-10
    )


def test_repeats_on_at_most_a_thousand_pairs_that_stay_together() -> None:
    x = np.arange(1_500.0)[:, None]
    seen: list[tuple[Array, Array]] = []

    def estimate(x: Array, y: Array) -> float:
        seen.append((x, y))
        return 0.0

    permute_and_repeat(estimate, x, 2 * x, 5, np.random.default_rng(0))
    assert len(seen) == 6
    chosen = {float(value) for value in seen[0][0][:, 0]}
    assert len(chosen) == 1_000
    together = 0
    for of_x, of_y in seen:
        assert set(of_x[:, 0]) == chosen
        assert {value / 2 for value in of_y[:, 0]} == chosen
        together += int((2 * of_x == of_y).all())
    # Once the pairs as they are, which are no first thousand.
    assert together == 1
    assert max(chosen) > 1_400


@pytest.mark.parametrize("number", [400, 4_000])
def test_variance_when_broken_is_that_of_independent_pairs_of_all_rows(number: int) -> None:
    # The correlation of independent pairs has the variance 1 / (N - 1), however strong it was.
    x = np.random.default_rng(0).normal(size=(number, 1))

    def correlation(x: Array, y: Array) -> float:
        return float(np.corrcoef(x[:, 0], y[:, 0])[0, 1])

    generator = np.random.default_rng(1)
    found = [variance_of_broken_pairs(correlation, x, x, generator) for _ in range(40)]
    assert np.mean(found) == pytest.approx(1 / number, rel=0.25)
