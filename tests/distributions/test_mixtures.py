"""Mixtures of normals: their densities, their draws, and what is none."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from infomax.distributions import (
    GaussianMixture,
    MultivariateNormal,
    NormalComponent,
    equicorrelation,
    monte_carlo_information,
    paired_correlation,
    with_inliers,
)
from infomax.errors import UserError

from .conftest import Draw

COMPONENTS = (
    NormalComponent(0.2, (0.0, 1.0, -2.0), equicorrelation(3, 0.5)),
    NormalComponent(0.5, (3.0, 0.0, 0.0), equicorrelation(3, -0.3)),
    NormalComponent(0.3, (-3.0, 0.0, 1.0), equicorrelation(3, 0.5)),
)
MIXTURE = GaussianMixture("example", COMPONENTS, 2, 0.5, 0.1)


def density(pairs: np.ndarray, part: slice) -> np.ndarray:
    """Return the density of some values of each pair, one component after the other."""
    total = np.zeros(len(pairs))
    for each in COMPONENTS:
        covariance = np.array(each.covariance)[part, part]
        normal = multivariate_normal(np.array(each.mean)[part], covariance)
        total += each.weight * normal.pdf(pairs[:, part])
    return total


def test_log_ratio_is_that_of_the_densities(draw: Draw) -> None:
    x, y = draw(MIXTURE, 100)
    pairs = np.hstack((x, y))
    expected = density(pairs, slice(None)) / density(pairs, slice(2)) / density(pairs, slice(2, 3))
    ratios = MIXTURE.log_ratio(torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(ratios.numpy(), np.log(expected), atol=1e-9)


def test_means_and_covariances_of_draws_are_those_of_the_mixture(draw: Draw) -> None:
    pairs = np.hstack(draw(MIXTURE, 50_000))
    weights = np.array([each.weight for each in COMPONENTS])
    means = np.array([each.mean for each in COMPONENTS])
    mean = weights @ means
    within = sum(each.weight * np.array(each.covariance) for each in COMPONENTS)
    between = (weights[:, None] * (means - mean)).T @ (means - mean)
    np.testing.assert_allclose(pairs.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(pairs.T), within + between, atol=0.15)


def test_a_mixture_of_one_normal_has_its_information() -> None:
    covariance = paired_correlation(2, 3, [0.8, 0.5])
    normal = MultivariateNormal("normal", covariance, 2)
    alone = GaussianMixture("alone", (NormalComponent(1.0, (0.0,) * 5, covariance),), 2, 0.0, 0.0)
    nats, error = monte_carlo_information(alone, 40_000, torch.Generator().manual_seed(1))
    assert error < 0.01
    assert nats == pytest.approx(normal.mutual_information, abs=4 * error)


def test_inliers_leave_the_marginals_and_take_what_they_tore_apart() -> None:
    covariance = equicorrelation(4, 0.5)
    whole, torn = with_inliers(covariance, 2, 0.3)
    assert (whole.weight, torn.weight) == (0.7, 0.3)
    assert whole.covariance == covariance
    before, after = np.array(covariance), np.array(torn.covariance)
    np.testing.assert_array_equal(after[:2, :2], before[:2, :2])
    np.testing.assert_array_equal(after[2:, 2:], before[2:, 2:])
    assert not after[:2, 2:].any()
    assert not after[2:, :2].any()


def one(weight: float = 1.0, mean: tuple[float, ...] = (0.0, 0.0)) -> NormalComponent:
    return NormalComponent(weight, mean, equicorrelation(2, 0.5))


@pytest.mark.parametrize(
    ("components", "line"),
    [
        ((), "a mixture of nothing"),
        ((one(0.5), one(0.4)), "the weights of 'wrong' sum to 0.9"),
        ((one(1.5), one(-0.5)), "give positive weights"),
        ((one(0.5), one(0.5, (0.0,))), r"of \[1, 2\] values"),
        ((NormalComponent(1.0, (0.0, 0.0), equicorrelation(2, 1.0)),), "a covariance of 'wrong'"),
    ],
)
def test_refuses_what_is_no_mixture(components: tuple[NormalComponent, ...], line: str) -> None:
    with pytest.raises(UserError, match=line):
        GaussianMixture("wrong", components, 1, 0.0, 0.0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, math.nan])
def test_refuses_a_share_that_is_none(fraction: float) -> None:
    with pytest.raises(UserError, match="between 0 and 1"):
        with_inliers(equicorrelation(2, 0.5), 1, fraction)
