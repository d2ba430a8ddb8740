"""Fits of Gaussian mixtures on data of known information."""

import math

import numpy as np
import pytest

from infomax.estimation.copula.elliptical import CopulaRatio
from infomax.estimation.copula.fits import fit_gaussian
from infomax.estimation.copula.margins import NormalScores, StandardScores
from infomax.estimation.mixtures.canonical import CanonicalScores
from infomax.estimation.mixtures.gaussian_mixture import (
    GaussianMixtureDependence,
    GaussianMixtureRatio,
)
from infomax.estimation.mixtures.gaussian_mixture_fit import fit_gaussian_mixture
from infomax.estimation.mixtures.held_out import held_out_information

from ..conftest import Array, NormalPairs

FITTED, HELD_OUT, TESTED = slice(0, 1500), slice(1500, 2000), slice(2000, None)


def as_it_is(values: Array) -> Array:
    return values


def fitted(x: Array, y: Array, *, seed: int = 0) -> GaussianMixtureDependence:
    return fit_gaussian_mixture(x[FITTED], y[FITTED], x[HELD_OUT], y[HELD_OUT], seed=seed)


def information_of_tested(mixture: GaussianMixtureDependence, x: Array, y: Array) -> float:
    sides = mixture.sides(np.hstack([x, y])[TESTED])
    return held_out_information(GaussianMixtureRatio(mixture.components), *sides)


def inliers(seed: int, number: int) -> tuple[GaussianMixtureDependence, Array, Array]:
    """Return the mixture of correlated and other pairs, and pairs of it."""
    correlated = np.eye(4)
    correlated[[0, 1, 2, 3], [2, 3, 0, 1]] = 0.95
    truth = GaussianMixtureDependence(
        np.array([0.7, 0.3]), np.zeros((2, 4)), np.stack([correlated, np.eye(4)]), 2, as_it_is
    )
    generator = np.random.default_rng(seed)
    rows = generator.multivariate_normal(np.zeros(4), correlated, size=number)
    others = generator.random(number) > 0.7
    rows[others] = generator.standard_normal((others.sum(), 4))
    return truth, rows[:, :2], rows[:, 2:]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_share_of_pairs_without_correlation_is_told_from_the_others(seed: int) -> None:
    truth, x, y = inliers(seed, 4000)
    mixture = fitted(x, y)
    assert 2 <= mixture.components <= 5
    best = information_of_tested(truth, x, y)
    assert best > 1.05
    assert best - 0.06 < information_of_tested(mixture, x, y) <= best + 0.02


def test_balls_inside_each_other_are_found_without_clusters() -> None:
    generator = np.random.default_rng(0)
    scales = generator.choice([0.2, 1.0, 5.0], size=(4000, 1))
    x, y = scales * generator.standard_normal((2, 4000, 2))
    covariances = np.array([scale**2 * np.eye(4) for scale in (0.2, 1, 5)])
    truth = GaussianMixtureDependence(np.full(3, 1 / 3), np.zeros((3, 4)), covariances, 2, as_it_is)
    best = information_of_tested(truth, x, y)
    assert best > 0.4
    assert information_of_tested(fitted(x, y), x, y) > best - 0.04


@pytest.mark.parametrize(("columns", "correlation"), [(1, 0.0), (1, 0.9), (4, 0.6), (10, 0.3)])
def test_gaussians_are_not_said_to_share_more_than_they_do(
    normal_pairs: NormalPairs, columns: int, correlation: float
) -> None:
    x, y = normal_pairs(0, 4000, columns, columns, correlation=correlation)
    truth = -0.5 * columns * math.log(1 - correlation**2)
    ratios = fitted(x, y).log_ratios(np.hstack([x, y])[TESTED])
    error = ratios.std() / math.sqrt(len(ratios))
    assert truth - 0.1 - 3 * error < ratios.mean() < truth + 3 * error + 1e-9


def test_scaling_is_chosen_by_held_out_pairs(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 4000, 2, 2, correlation=0.8)
    assert isinstance(fitted(np.exp(2 * x), y**3).margins, NormalScores)
    generator = np.random.default_rng(0)
    centres = generator.choice([-1.0, 1.0], size=(4000, 2)) * np.array([[1.0, 3.0]])
    x, y = (centres + 0.3 * generator.standard_normal((4000, 2)) for _ in range(2))
    assert isinstance(fitted(x, y).margins, StandardScores)


def test_same_seed_same_bits_and_another_fit_lends_scaling_and_number() -> None:
    _, x, y = inliers(0, 2500)
    first, again = fitted(x, y, seed=3), fitted(x, y, seed=3)
    np.testing.assert_array_equal(first.covariances, again.covariances)
    rows = np.hstack([x, y])
    like = fit_gaussian_mixture(x[500:], y[500:], x[:500], y[:500], like=first)
    assert like.components == first.components
    assert type(like.margins) is type(first.margins)
    assert like.sides(rows)[0].shape == first.sides(rows)[0].shape


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_columns_that_repeat_or_are_constant_or_discrete_break_nothing(scale: float) -> None:
    generator = np.random.default_rng(0)
    levels = generator.integers(3, size=800)
    x = np.column_stack([levels == 1, levels == 2, np.full(800, 7.0), levels == 1]) * scale
    y = np.column_stack([levels + 0.1 * generator.standard_normal(800), levels == 0]) * scale
    mixture = fit_gaussian_mixture(x[:400], y[:400], x[400:600], y[400:600])
    sides = mixture.sides(np.hstack([x, y])[600:])
    found = held_out_information(GaussianMixtureRatio(mixture.components), *sides)
    assert found == pytest.approx(math.log(3), abs=0.05)


def test_fewer_rows_than_components_need_are_fitted_by_fewer(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 60, 2, 2, correlation=0.9)
    mixture = fit_gaussian_mixture(x[:30], y[:30], x[30:], y[30:])
    assert mixture.components <= 3
    assert np.isfinite(mixture.log_ratios(np.hstack([x, y]))).all()


def test_what_few_of_many_columns_share_is_found_in_canonical_coordinates() -> None:
    _, x, y = inliers(0, 4000)
    generator = np.random.default_rng(1)
    narrow = information_of_tested(fitted(x, y), x, y)
    x, y = (np.hstack([side, generator.standard_normal((4000, 16))]) for side in (x, y))
    mixture = fitted(x, y)
    assert isinstance(mixture.margins, CanonicalScores)
    assert (mixture.x_size, mixture.y_size) == (2, 2)
    rows = np.hstack([x, y])
    gaussian = fit_gaussian(x[FITTED], y[FITTED])
    critic = CopulaRatio(gaussian, gaussian=True)
    of_gaussian = held_out_information(critic, *gaussian.sides(rows[TESTED]))
    found = information_of_tested(mixture, x, y)
    # Axes that 1,500 rows tell are not exact: what they cost is less than what the mixture gains.
    assert of_gaussian < narrow - 0.5
    assert (of_gaussian + narrow) / 2 < found < narrow + 0.02
    like = fit_gaussian_mixture(x[1000:], y[1000:], x[:1000], y[:1000], like=mixture)
    assert like.sides(rows)[0].shape == mixture.sides(rows)[0].shape
