"""Gaussian pairs: covariances of pairs and of batches, and the information they claim."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.stats import multivariate_normal, norm

from infomax.distributions import (
    DISTRIBUTIONS,
    CorrelatedGaussian,
    DependentBatchGaussian,
    PairDistribution,
)
from infomax.errors import UserError

MARGINAL = ((2.0, 0.4), (0.4, 2.0))
SHARED = ((1.0, -0.5), (-0.5, 1.0))
OWN = ((1.0, 0.9), (0.9, 1.0))

both = pytest.mark.parametrize("name", ["gaussian-iid", "gaussian-dependent"])


def batches(distribution: PairDistribution, count: int, number: int) -> NDArray[np.float64]:
    """Draw batches: shape ``(count, number, 2)``, x before y."""
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.cat(distribution.sample(number, generator), dim=1) for _ in range(count)]
    return torch.stack(drawn).double().numpy()


def moments(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return second moments about the true mean, which is zero: ``(count, 2)`` -> ``(2, 2)``."""
    return values.T @ values / len(values)


def log_density_ratio(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log p(x, y) - log p(x) - log p(y) of the paper's marginal, by SciPy."""
    joint = multivariate_normal(cov=np.array(MARGINAL)).logpdf(values)
    apart = norm(scale=math.sqrt(2)).logpdf(values)
    ratio: NDArray[np.float64] = joint - apart.sum(axis=-1)
    return ratio


@both
def test_a_pair_has_the_papers_covariance_over_many_batches(name: str) -> None:
    first_pairs = batches(DISTRIBUTIONS[name], 20_000, 2)[:, 0]
    # Four standard errors of a variance of 2 from 20,000 pairs.
    np.testing.assert_allclose(moments(first_pairs), MARGINAL, atol=4 * 2 * math.sqrt(2 / 20_000))
    np.testing.assert_allclose(first_pairs.mean(axis=0), 0, atol=4 * math.sqrt(2 / 20_000))


@both
def test_information_is_that_of_the_papers_marginal(name: str) -> None:
    truth = DISTRIBUTIONS[name].mutual_information
    assert truth == pytest.approx(-0.5 * math.log(1 - 0.04), rel=1e-12)
    assert truth == pytest.approx(0.0204, abs=5e-5)


@both
def test_information_is_the_mean_log_density_ratio_of_samples(name: str) -> None:
    ratios = log_density_ratio(batches(DISTRIBUTIONS[name], 40_000, 2)[:, 0])
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.0015
    assert ratios.mean() == pytest.approx(DISTRIBUTIONS[name].mutual_information, abs=4 * error)


def test_information_is_the_integral_of_the_log_density_ratio() -> None:
    # Beyond 8 standard deviations the density is below 1e-14, and the trapezoid rule is as good as
    # exact for what is smooth and vanishes at both ends.
    points = np.linspace(-8 * math.sqrt(2), 8 * math.sqrt(2), 401)
    pairs = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1)
    integrand = multivariate_normal(cov=np.array(MARGINAL)).pdf(pairs) * log_density_ratio(pairs)
    integral = trapezoid(trapezoid(integrand, points), points)
    for name in ("gaussian-iid", "gaussian-dependent"):
        assert DISTRIBUTIONS[name].mutual_information == pytest.approx(integral, abs=1e-10)


@pytest.mark.parametrize(
    ("name", "shared", "own"),
    [("gaussian-dependent", SHARED, OWN), ("gaussian-iid", ((0, 0), (0, 0)), MARGINAL)],
)
def test_pairs_of_a_batch_depend_on_each_other_by_what_they_share(
    name: str, shared: object, own: object
) -> None:
    count, number = 20_000, 8
    drawn = batches(DISTRIBUTIONS[name], count, number)
    expected_of_means = np.array(shared) + np.array(own) / number
    error = 4 * 2 * math.sqrt(2 / count)
    np.testing.assert_allclose(moments(drawn.mean(axis=1)), expected_of_means, atol=error)
    # Two pairs of a batch covary by Z alone, and within a batch pairs spread by epsilon alone.
    between = drawn[:, 0].T @ drawn[:, 1] / count
    np.testing.assert_allclose(between, np.array(shared), atol=error)
    within = drawn - drawn.mean(axis=1, keepdims=True)
    spread = moments(within.reshape(-1, 2)) * number / (number - 1)
    np.testing.assert_allclose(spread, np.array(own), atol=error)


def test_successive_batches_share_nothing() -> None:
    means = batches(DISTRIBUTIONS["gaussian-dependent"], 20_000, 8).mean(axis=1)
    between = means[1:].T @ means[:-1] / (len(means) - 1)
    np.testing.assert_allclose(between, 0, atol=4 * 1.2 / math.sqrt(20_000))


def test_unequal_variances_keep_their_sides() -> None:
    covariance = ((4.0, 1.0), (1.0, 0.5))
    distribution = CorrelatedGaussian("lopsided", covariance)
    drawn = batches(distribution, 1, 100_000)[0]
    np.testing.assert_allclose(moments(drawn), covariance, atol=0.1)
    assert distribution.mutual_information == pytest.approx(-0.5 * math.log(1 - 0.5))


@pytest.mark.parametrize(
    "covariance",
    [
        ((1.0, 1.0), (1.0, 1.0)),
        ((1.0, 0.2), (0.3, 1.0)),
        ((-1.0, 0.0), (0.0, -1.0)),
        ((0.0, 0.0), (0.0, 1.0)),
        ((math.inf, 0.0), (0.0, 1.0)),
        ((math.nan, 0.0), (0.0, 1.0)),
    ],
)
def test_refuses_what_is_no_covariance(
    covariance: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    with pytest.raises(UserError, match=r"the covariance of 'wrong' is .* positive definite"):
        CorrelatedGaussian("wrong", covariance)
    with pytest.raises(UserError, match="the shared covariance of 'wrong'"):
        DependentBatchGaussian("wrong", shared=covariance, own=OWN)
    with pytest.raises(UserError, match="the own covariance of 'wrong'"):
        DependentBatchGaussian("wrong", shared=SHARED, own=covariance)
