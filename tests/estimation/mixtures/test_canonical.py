"""Canonical coordinates against eigenvalues and independent sides."""

import numpy as np
import pytest

from infomax.estimation.copula.margins import NormalScores, StandardScores
from infomax.estimation.mixtures.canonical import (
    CanonicalScores,
    canonical_axes,
    significant_correlations,
)

from ..conftest import Array, NormalPairs


def test_correlations_are_the_roots_of_eigenvalues(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 500, 3, 2, correlation=0.7)
    rows = np.hstack([x @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.3], [0.2, 0.0, 1.0]]), y])
    covariance = np.cov(rows.T, bias=True)
    between = covariance[:3, 3:]
    product = np.linalg.inv(covariance[:3, :3]) @ between @ np.linalg.inv(covariance[3:, 3:])
    expected = np.sqrt(np.sort(np.linalg.eigvals(product @ between.T).real)[::-1][:2])
    x_axes, correlations, y_axes = canonical_axes(rows, 3)
    np.testing.assert_allclose(correlations, expected, atol=1e-3)
    coordinates = np.hstack([rows[:, :3] @ x_axes, rows[:, 3:] @ y_axes])
    found: Array = np.asarray(np.corrcoef(coordinates.T))
    np.testing.assert_allclose(np.diagonal(found[:2, 2:]), correlations, atol=1e-3)
    np.testing.assert_allclose(found[:2, 2:], np.diag(correlations), atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_independent_sides_have_none_that_is_significant(
    normal_pairs: NormalPairs, seed: int
) -> None:
    rows = np.hstack(normal_pairs(seed, 1000, 20, 30))
    _, correlations, _ = canonical_axes(rows, 20)
    # The edge is that of the limit of many columns, beyond which few lie by little.
    assert significant_correlations(0.97 * correlations, rows, 20) == 0
    assert significant_correlations(1.5 * correlations, rows, 20) > 0


def test_as_many_columns_as_rows_have_none() -> None:
    rows = np.random.default_rng(0).standard_normal((20, 20))
    assert significant_correlations(np.ones(10), rows, 10) == 0


def test_what_correlates_is_found_behind_a_scaling(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 2000, 12, 9)
    y[:, :2] += 2 * x[:, 3:5]
    values = np.hstack([np.exp(3 * x), y])
    scores = CanonicalScores(values, 12, NormalScores)
    assert scores.size == 2
    coordinates = scores(values)
    assert coordinates.shape == (2000, 4)
    found: Array = np.asarray(np.corrcoef(coordinates.T))
    np.testing.assert_allclose(found[:2, 2:], 2 / 5**0.5 * np.eye(2), atol=0.03)
    of_other_rows = scores(values[:5])
    np.testing.assert_array_equal(of_other_rows, coordinates[:5])
    assert CanonicalScores(values, 12, StandardScores, size=5)(values).shape == (2000, 10)


def test_constant_and_repeated_columns_break_nothing(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 500, 2, 2, correlation=0.9)
    values = np.hstack([x, x[:, :1], np.full((500, 1), 3.0), y, y])
    scores = CanonicalScores(values, 4, StandardScores)
    assert scores.size == 2
    assert np.isfinite(scores(values)).all()
