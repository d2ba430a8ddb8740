"""The multivariate Student: tails that a pair shares, and what they tell."""

import math

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import kstest, lomax, multivariate_t
from scipy.stats import t as student_t

from infomax.distributions import (
    BivariatePareto,
    Covariance,
    MultivariateNormal,
    MultivariateStudent,
    equicorrelation,
    paired_correlation,
)
from infomax.errors import UserError

from .conftest import Array, Draw

cases = pytest.mark.parametrize(
    ("dispersion", "x_size", "degrees"),
    [
        (paired_correlation(1, 1, []), 1, 1),
        (paired_correlation(2, 3, []), 2, 1),
        (paired_correlation(5, 5, []), 5, 2),
        (equicorrelation(3, 0.5), 1, 3),
        (((4.0, 1.0, 0.6), (1.0, 2.0, 0.3), (0.6, 0.3, 1.0)), 2, 7),
    ],
)


@cases
def test_information_of_student_is_the_mean_log_density_ratio_of_samples(
    dispersion: Covariance, x_size: int, degrees: int, draw: Draw
) -> None:
    distribution = MultivariateStudent("example", dispersion, x_size, degrees)
    x, y = draw(distribution, 40_000)
    shape = np.array(dispersion)
    ratios = (
        multivariate_t(shape=shape, df=degrees).logpdf(np.hstack((x, y)))
        - multivariate_t(shape=shape[:x_size, :x_size], df=degrees).logpdf(x)
        - multivariate_t(shape=shape[x_size:, x_size:], df=degrees).logpdf(y)
    )
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.005
    assert ratios.mean() == pytest.approx(distribution.mutual_information, abs=4 * error)


@cases
def test_all_values_of_a_pair_share_one_tail(
    dispersion: Covariance, x_size: int, degrees: int, draw: Draw
) -> None:
    x, y = draw(MultivariateStudent("example", dispersion, x_size, degrees), 20_000)
    pairs = np.hstack((x, y))
    of_first = student_t(df=degrees, scale=math.sqrt(dispersion[0][0]))
    assert kstest(pairs[:, 0], of_first.cdf).pvalue > 0.001
    # Were the tails of x and y drawn apart, the lengths of x and y together would be no F.
    size = len(dispersion)
    lengths = (pairs @ np.linalg.inv(dispersion) * pairs).sum(axis=1) / size
    assert kstest(lengths, f_distribution(size, degrees).cdf).pvalue > 0.001


@pytest.mark.parametrize("degrees", [1, 2, 3, 8])
def test_information_of_two_planes_is_that_of_their_squared_lengths(degrees: int) -> None:
    # Without correlation only lengths inform, and squared lengths of planes are bivariate Pareto.
    student = MultivariateStudent("planes", paired_correlation(2, 2, []), 2, degrees)
    pareto = BivariatePareto("lengths", shape=degrees / 2)
    assert student.mutual_information == pytest.approx(pareto.mutual_information, rel=1e-9)


def test_information_approaches_that_of_the_normal_with_the_degrees_of_freedom() -> None:
    dispersion = equicorrelation(5, 0.5)
    normal = MultivariateNormal("normal", dispersion, 2).mutual_information
    excess = [
        MultivariateStudent("student", dispersion, 2, degrees).mutual_information - normal
        for degrees in (1, 10, 100, 1000)
    ]
    assert excess == sorted(excess, reverse=True)
    assert 0 < excess[-1] < 1e-5


def test_refuses_less_than_one_degree_of_freedom() -> None:
    with pytest.raises(UserError, match="'wrong' has 0 degrees of freedom"):
        MultivariateStudent("wrong", equicorrelation(2, 0.5), 1, 0)


def test_refuses_what_is_no_dispersion() -> None:
    with pytest.raises(UserError, match=r"the dispersion of 'wrong' is .* positive definite"):
        MultivariateStudent("wrong", equicorrelation(4, 1.0), 2, 1)
    with pytest.raises(UserError, match="the dispersion of 'wrong' is of 4 values, of which 0"):
        MultivariateStudent("wrong", equicorrelation(4, 0.5), 0, 1)


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
def test_information_of_pareto_is_the_mean_log_density_ratio_of_samples(
    shape: float, draw: Draw
) -> None:
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
