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
    MultivariateNormal,
    PairDistribution,
    equicorrelation,
    paired_correlation,
    staircase_gaussian,
)
from infomax.errors import UserError

from .conftest import Draw

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
def test_information_of_scalars_is_the_mean_log_density_ratio_of_samples(name: str) -> None:
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


# No two entries alike, so that a side or a row taken for another shows.
UNEQUAL = ((4.0, 1.0, 0.6, -0.9), (1.0, 2.0, 0.3, 0.2), (0.6, 0.3, 1.0, 0.1), (-0.9, 0.2, 0.1, 3.0))


@pytest.mark.parametrize("x_size", [1, 2, 3])
def test_pairs_have_the_covariance_and_no_mean(x_size: int, draw: Draw) -> None:
    number = 40_000
    x, y = draw(MultivariateNormal("unequal", UNEQUAL, x_size), number)
    assert x.shape == (number, x_size)
    pairs = np.hstack((x, y))
    # Four standard errors of the variance of 4, the largest.
    np.testing.assert_allclose(
        pairs.T @ pairs / number, UNEQUAL, atol=4 * 4 * math.sqrt(2 / number)
    )
    np.testing.assert_allclose(pairs.mean(axis=0), 0, atol=4 * 2 / math.sqrt(number))


@pytest.mark.parametrize("x_size", [1, 2, 3])
def test_information_of_vectors_is_the_mean_log_density_ratio_of_samples(
    x_size: int, draw: Draw
) -> None:
    distribution = MultivariateNormal("unequal", UNEQUAL, x_size)
    x, y = draw(distribution, 40_000)
    covariance = np.array(UNEQUAL)
    ratios = (
        multivariate_normal(cov=covariance).logpdf(np.hstack((x, y)))
        - multivariate_normal(cov=covariance[:x_size, :x_size]).logpdf(x)
        - multivariate_normal(cov=covariance[x_size:, x_size:]).logpdf(y)
    )
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.003
    assert ratios.mean() == pytest.approx(distribution.mutual_information, abs=4 * error)


def test_information_of_canonical_correlations_adds_up() -> None:
    correlations = [0.9, -0.5, 0.1]
    distribution = MultivariateNormal("paired", paired_correlation(3, 5, correlations), 3)
    expected = -0.5 * sum(math.log(1 - each**2) for each in correlations)
    assert distribution.mutual_information == pytest.approx(expected, rel=1e-12)


def test_information_of_two_scalars_is_that_of_the_scalar_family() -> None:
    covariance = ((2.0, 0.4), (0.4, 2.0))
    general = MultivariateNormal("general", covariance, 1).mutual_information
    scalar = CorrelatedGaussian("scalar", covariance).mutual_information
    assert general == pytest.approx(scalar, rel=1e-12)


@pytest.mark.parametrize("size", [1, 5, 25])
def test_independent_values_share_no_information(size: int, draw: Draw) -> None:
    distribution = DISTRIBUTIONS[f"independent-normal-{size}-{size}"]
    assert distribution.mutual_information == 0
    x, y = draw(distribution, 10_000)
    # Five standard errors: the largest of up to 625 is within 4.5 in all but one case in 200.
    np.testing.assert_allclose(x.T @ y / 10_000, 0, atol=0.05)


def test_information_without_correlation_is_not_below_zero() -> None:
    # Rounding in the two factors need not cancel where the sides are no identity matrices.
    of_side = np.array(equicorrelation(7, 0.37))
    covariance = np.block([[of_side, np.zeros((7, 7))], [np.zeros((7, 7)), 1.3 * of_side]])
    distribution = MultivariateNormal("apart", tuple(map(tuple, covariance.tolist())), 7)
    assert 0 <= distribution.mutual_information < 1e-12


def test_refuses_what_is_no_covariance_of_vectors() -> None:
    with pytest.raises(UserError, match=r"the covariance of 'wrong' is .* positive definite"):
        MultivariateNormal("wrong", equicorrelation(4, 1.0), 2)
    with pytest.raises(UserError, match="the covariance of 'wrong' is of 4 values, of which 4"):
        MultivariateNormal("wrong", equicorrelation(4, 0.5), 4)


stairs = pytest.mark.parametrize("nats", [2, 4, 6, 8, 10])


@stairs
def test_a_stair_holds_what_its_name_says(nats: int) -> None:
    stair = DISTRIBUTIONS[f"staircase-gaussian-20-{nats}"]
    assert (stair.x_size, stair.y_size) == (20, 20)
    assert stair.mutual_information == pytest.approx(nats, rel=1e-12)


@stairs
def test_the_pairs_share_it_evenly(nats: int, draw: Draw) -> None:
    number = 20_000
    x, y = draw(DISTRIBUTIONS[f"staircase-gaussian-20-{nats}"], number)
    correlation = math.sqrt(1 - math.exp(-nats / 10))
    # Five standard errors: the largest of 400 is within 4.4 in all but one case in 200.
    np.testing.assert_allclose(
        x.T @ y / number, correlation * np.eye(20), atol=5 * math.sqrt(2 / number)
    )


def test_a_stair_without_information_is_independent() -> None:
    assert staircase_gaussian("flat", pairs=3, information=0).mutual_information == 0


@pytest.mark.parametrize("information", [-1.0, math.inf, math.nan])
def test_refuses_information_that_is_no_number_of_nats(information: float) -> None:
    with pytest.raises(UserError, match=r"'wrong' is to hold .* nats"):
        staircase_gaussian("wrong", pairs=20, information=information)


def test_refuses_to_have_no_pair() -> None:
    with pytest.raises(UserError, match="'wrong' has 0 pairs"):
        staircase_gaussian("wrong", pairs=0, information=2.0)
