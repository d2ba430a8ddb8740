"""Gaussian mixtures against densities of scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from infomax.errors import UserError
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.mixtures.gaussian_mixture import (
    GaussianMixtureDependence,
    GaussianMixtureRatio,
)

from ..conftest import Array

sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (3, 1), (2, 3)])


def as_it_is(values: Array) -> Array:
    return values


def squeezed(values: Array) -> Array:
    return np.asarray(np.arcsinh(values))


def random_mixture(components: int, x_size: int, y_size: int) -> GaussianMixtureDependence:
    generator = np.random.default_rng(components)
    size = x_size + y_size
    factors = generator.normal(size=(components, size, size + 1))
    weights = generator.dirichlet(np.full(components, 3.0))
    means = 2 * generator.normal(size=(components, size))
    covariances = factors @ factors.transpose(0, 2, 1) / size
    return GaussianMixtureDependence(weights, means, covariances, x_size, squeezed)


def log_density(mixture: GaussianMixtureDependence, rows: Array, part: slice) -> Array:
    terms = [
        math.log(weight) + multivariate_normal(mean[part], covariance[part, part]).logpdf(rows)
        for weight, mean, covariance in zip(
            mixture.weights, mixture.means, mixture.covariances, strict=True
        )
    ]
    density: Array = logsumexp(terms, axis=0)
    return density


@sizes
@pytest.mark.parametrize("components", [1, 2, 4])
def test_log_ratios_are_those_of_the_densities_of_scipy(
    components: int, x_size: int, y_size: int
) -> None:
    mixture = random_mixture(components, x_size, y_size)
    values = 3 * np.random.default_rng(1).normal(size=(50, x_size + y_size))
    rows = squeezed(values)
    x, y = slice(0, x_size), slice(x_size, x_size + y_size)
    expected = (
        log_density(mixture, rows, slice(None))
        - log_density(mixture, rows[:, x], x)
        - log_density(mixture, rows[:, y], y)
    )
    np.testing.assert_allclose(mixture.log_ratios(values), expected, rtol=1e-8, atol=1e-8)


@sizes
@pytest.mark.parametrize("padded", [None, 3, 6])
def test_scores_all_pairs_as_the_mixture_does(padded: int | None, x_size: int, y_size: int) -> None:
    mixture = random_mixture(3, x_size, y_size)
    values = 2 * np.random.default_rng(1).normal(size=(9, x_size + y_size))
    x, y = (torch.from_numpy(side).float() for side in mixture.sides(values, padded))
    scores = GaussianMixtureRatio(padded or 3)(x, y).double().numpy()
    for i in range(9):
        # Rows are x, columns are y.
        pairs = np.hstack([np.repeat(values[i : i + 1, :x_size], 9, axis=0), values[:, x_size:]])
        np.testing.assert_allclose(scores[i], mixture.log_ratios(pairs), rtol=1e-3, atol=1e-3)


def test_one_component_is_a_gaussian() -> None:
    correlation: Array = np.asarray(np.corrcoef(np.random.default_rng(0).normal(size=(5, 7))))
    values = np.random.default_rng(1).normal(size=(20, 5))
    gaussian = EllipticalDependence(correlation, math.inf, 2, squeezed)
    mixture = GaussianMixtureDependence(
        np.ones(1), np.zeros((1, 5)), correlation[None], 2, squeezed
    )
    np.testing.assert_allclose(mixture.log_ratios(values), gaussian.log_ratios(values), rtol=1e-9)


def test_the_same_component_twice_is_that_component() -> None:
    alone = random_mixture(1, 2, 2)
    twice = GaussianMixtureDependence(
        np.array([0.3, 0.7]),
        np.repeat(alone.means, 2, axis=0),
        np.repeat(alone.covariances, 2, axis=0),
        2,
        squeezed,
    )
    values = np.random.default_rng(1).normal(size=(20, 4))
    np.testing.assert_allclose(twice.log_ratios(values), alone.log_ratios(values), rtol=1e-9)


def test_components_far_apart_share_the_entropy_of_their_weights() -> None:
    means = np.array([[-9.0, -9.0], [9.0, 9.0]])
    weights = np.array([0.25, 0.75])
    mixture = GaussianMixtureDependence(
        weights, means, np.repeat(np.eye(2)[None], 2, axis=0), 1, as_it_is
    )
    np.testing.assert_allclose(mixture.log_ratios(means), -np.log(weights), atol=1e-9)


def test_mixtures_of_different_sizes_score_side_by_side() -> None:
    mixtures = [random_mixture(components, 2, 2) for components in (2, 5)]
    values = np.random.default_rng(1).normal(size=(10, 4))
    critic = GaussianMixtureRatio(5)
    sides = [
        [torch.from_numpy(side).float() for side in mixture.sides(values, 5)]
        for mixture in mixtures
    ]
    x, y = (torch.stack(side) for side in zip(*sides, strict=True))
    together = critic(x, y)
    assert together.shape == (2, 10, 10)
    for scores, mixture in zip(together, mixtures, strict=True):
        np.testing.assert_allclose(scores.diagonal(), mixture.log_ratios(values), atol=1e-3)
    torch.testing.assert_close(torch.func.vmap(critic)(x, y), together)


def test_pairs_that_no_component_can_have_are_scored_and_not_undefined() -> None:
    mixture = random_mixture(2, 1, 1)
    far = np.array([[1e6, -1e6], [-1e6, 1e6], [1e6, 1e6]])
    x, y = (torch.from_numpy(side).float() for side in mixture.sides(far, 4))
    scores = GaussianMixtureRatio(4)(x, y)
    assert scores.isfinite().all()
    assert np.isfinite(mixture.log_ratios(far)).all()


def test_fewer_components_than_the_mixture_has_are_refused() -> None:
    with pytest.raises(UserError, match="components is 2, and the mixture has 3: give at least"):
        random_mixture(3, 1, 1).sides(np.zeros((1, 2)), 2)


def test_nothing_of_the_mixture_is_trained() -> None:
    critic = GaussianMixtureRatio(3)
    assert not list(critic.parameters())
    assert repr(critic) == "GaussianMixtureRatio(components=3)"
