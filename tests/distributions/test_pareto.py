"""The bivariate Pareto distribution: its tails and its information."""

import math

import numpy as np
import pytest
from scipy.stats import kstest, lomax

from infomax.distributions import BivariatePareto
from infomax.errors import UserError

from .conftest import Array, Draw

shapes = pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 5.0])


def log_density(x: Array, y: Array, shape: float) -> Array:
    """Return log p(x, y)."""
    density: Array = math.log(shape * (shape + 1)) - (shape + 2) * np.log1p(x + y)
    return density


def log_density_ratio(x: Array, y: Array, shape: float) -> Array:
    """Return log p(x, y) - log p(x) - log p(y), the marginals by SciPy."""
    apart = lomax(shape).logpdf(x) + lomax(shape).logpdf(y)
    ratio: Array = log_density(x, y, shape) - apart
    return ratio


@shapes
def test_information_is_the_integral_of_the_log_density_ratio(shape: float) -> None:
    # Over log(1 + x) and log(1 + y), which decay like exp(-shape t) and are smooth.
    nodes, weights = np.polynomial.legendre.leggauss(400)
    longest = 40 / shape
    points, weights = longest * (nodes + 1) / 2, longest * weights / 2
    x, y = np.meshgrid(np.expm1(points), np.expm1(points), indexing="ij")
    volume = np.outer(weights * np.exp(points), weights * np.exp(points))
    mass = volume * np.exp(log_density(x, y, shape))
    assert mass.sum() == pytest.approx(1, abs=1e-9)
    integral = (mass * log_density_ratio(x, y, shape)).sum()
    truth = BivariatePareto("example", shape).mutual_information
    assert truth == pytest.approx(integral, abs=1e-9)


@shapes
def test_information_is_the_mean_log_density_ratio_of_samples(shape: float, draw: Draw) -> None:
    distribution = BivariatePareto("example", shape)
    ratios = log_density_ratio(*draw(distribution, 40_000), shape)
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.005
    assert ratios.mean() == pytest.approx(distribution.mutual_information, abs=4 * error)


@shapes
def test_samples_have_the_tails_of_the_marginals_and_of_the_sum(shape: float, draw: Draw) -> None:
    x, y = draw(BivariatePareto("example", shape), 20_000)
    assert kstest(x.ravel(), lomax(shape).cdf).pvalue > 0.001
    assert kstest(y.ravel(), lomax(shape).cdf).pvalue > 0.001

    def cdf_of_sum(total: Array) -> Array:
        # The integral of a (a + 1) s (1 + s)^-(a + 2) over the sum s.
        cdf: Array = 1 - (1 + total) ** -(shape + 1) * (1 + (shape + 1) * total)
        return cdf

    assert kstest((x + y).ravel(), cdf_of_sum).pvalue > 0.001


@pytest.mark.parametrize("shape", [0.0, -1.0, math.inf, math.nan])
def test_refuses_a_shape_that_is_not_positive(shape: float) -> None:
    with pytest.raises(UserError, match=r"the shape of 'wrong' is .* give a positive number"):
        BivariatePareto("wrong", shape)
