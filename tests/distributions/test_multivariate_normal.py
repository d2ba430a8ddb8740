"""The multivariate normal: its covariance, its sides and its information."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from infomax.distributions import (
    DISTRIBUTIONS,
    CorrelatedGaussian,
    MultivariateNormal,
    equicorrelation,
    paired_correlation,
)
from infomax.errors import UserError

from .conftest import Draw

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
def test_information_is_the_mean_log_density_ratio_of_samples(x_size: int, draw: Draw) -> None:
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


def test_refuses_what_is_no_covariance() -> None:
    with pytest.raises(UserError, match=r"the covariance of 'wrong' is .* positive definite"):
        MultivariateNormal("wrong", equicorrelation(4, 1.0), 2)
    with pytest.raises(UserError, match="the covariance of 'wrong' is of 4 values, of which 4"):
        MultivariateNormal("wrong", equicorrelation(4, 0.5), 4)
