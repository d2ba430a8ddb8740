"""Scaling of single coordinates: what scores are, and that they see only what they were given."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, rankdata
from scipy.stats import t as student_t
from sklearn.preprocessing import StandardScaler

from infomax.errors import UserError
from infomax.estimation.copula.margins import (
    SCALINGS,
    NormalScores,
    Scaling,
    StandardScores,
    StudentScores,
    fitted_scaling,
)

from ..conftest import Array

few_values = given(
    seed=st.integers(0, 2**32 - 1), number=st.integers(1, 20), columns=st.integers(1, 3)
)
INCREASING: tuple[Callable[[Array], Array], ...] = (
    lambda values: values**3,
    np.exp,
    lambda values: 1e6 * values - 1,
    np.arctan,
)


@few_values
@settings(max_examples=30)
def test_scores_of_the_fitted_rows_are_those_of_van_der_waerden(
    seed: int, number: int, columns: int
) -> None:
    # Rounded, so that values repeat: scipy's average rank is the mid-rank.
    values = np.random.default_rng(seed).normal(size=(number, columns)).round()
    shares = rankdata(values, axis=0) / (number + 1)
    np.testing.assert_allclose(NormalScores(values)(values), norm.ppf(shares), atol=1e-12)
    for degrees in (0.8, 3.0):
        np.testing.assert_allclose(
            StudentScores(values, degrees)(values), student_t.ppf(shares, degrees), rtol=1e-9
        )


@few_values
@settings(max_examples=30)
def test_share_below_agrees_with_a_naive_count(seed: int, number: int, columns: int) -> None:
    generator = np.random.default_rng(seed)
    fitted = generator.integers(0, 6, size=(number, columns)).astype(np.float64)
    asked = generator.integers(-2, 16, size=(7, columns)) / 2
    scores = NormalScores(fitted)
    found = scores.probabilities(scores.doubled_ranks(asked))
    for row in range(7):
        for column in range(columns):
            rank = sum(
                1.0 if value < asked[row, column] else 0.5 * (value == asked[row, column])
                for value in fitted[:, column]
            )
            assert found[row, column] == pytest.approx((rank + 0.5) / (number + 1))
    assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize("increasing", INCREASING)
@pytest.mark.parametrize("make", [NormalScores, lambda rows: StudentScores(rows, 2.0)])
def test_an_increasing_map_of_a_column_leaves_its_scores_as_they_are(
    make: Callable[[Array], Scaling], increasing: Callable[[Array], Array]
) -> None:
    fitted, asked = np.random.default_rng(0).normal(size=(2, 60, 2))
    np.testing.assert_array_equal(make(increasing(fitted))(increasing(asked)), make(fitted)(asked))


def test_values_beyond_the_fitted_ones_get_the_score_of_the_outermost_gap() -> None:
    fitted = np.arange(9.0)[:, None]
    scores = NormalScores(fitted)(np.array([[-1e9], [-0.1], [8.1], [1e9]]))[:, 0]
    expected = norm.ppf(9.5 / 10)
    np.testing.assert_allclose(scores, [-expected, -expected, expected, expected])


def test_student_scores_of_many_degrees_are_normal_scores() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2))
    normal = NormalScores(values)(values)
    np.testing.assert_allclose(StudentScores(values, 1e7)(values), normal, atol=1e-5)
    assert np.abs(StudentScores(values, 5)(values) - normal).max() > 0.1


def test_standard_scores_are_those_of_scikit_learn() -> None:
    fitted, asked = np.random.default_rng(0).normal(3, 7, size=(2, 40, 3))
    fitted[:, 1] = -2
    expected = StandardScaler().fit(fitted).transform(asked)
    np.testing.assert_allclose(StandardScores(fitted)(asked), expected)
    np.testing.assert_array_equal(StandardScores(fitted)(fitted)[:, 1], np.zeros(40))


@pytest.mark.parametrize("exponent", [-1070, -700, 0, 700, 1020])
def test_standard_scores_of_values_of_any_size_are_the_same(exponent: int) -> None:
    values = np.random.default_rng(0).integers(-8, 9, size=(40, 2)).astype(np.float64)
    scores = StandardScores(np.ldexp(values, exponent))(np.ldexp(values, exponent))
    np.testing.assert_array_equal(scores, StandardScores(values)(values))
    np.testing.assert_allclose(scores.std(axis=0), 1)


@pytest.mark.parametrize("name", SCALINGS)
def test_a_scaling_is_fitted_on_what_it_is_given_and_nothing_else(name: str) -> None:
    fitted, asked, others = np.random.default_rng(0).normal(size=(3, 40, 2))
    scaling = fitted_scaling(name, fitted)
    alone = scaling(asked)
    together = scaling(np.vstack([asked, 100 * others]))
    np.testing.assert_array_equal(together[:40], alone)
    assert isinstance(scaling, SCALINGS[name])


def test_refuses_a_scaling_that_there_is_not() -> None:
    with pytest.raises(
        UserError, match="unknown scaling 'minmax': choose one of rank-gaussian, standard"
    ):
        fitted_scaling("minmax", np.zeros((3, 1)))
