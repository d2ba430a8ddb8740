"""Elliptical dependence against densities of scipy and closed forms."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, multivariate_t

from infomax.distributions import (
    MultivariateStudent,
    equicorrelation,
    paired_correlation,
)
from infomax.estimation.copula.elliptical import (
    EllipticalDependence,
    quadratic_forms,
    radial_terms,
)

from ..conftest import Array

sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (2, 1), (2, 3)])
degrees_of_freedom = pytest.mark.parametrize("degrees", [1.0, 2.5, 8.0, math.inf])


def as_it_is(values: Array) -> Array:
    return values


def squeezed(values: Array) -> Array:
    return np.asarray(np.arcsinh(values))


def random_correlation(seed: int, size: int) -> Array:
    factors = np.random.default_rng(seed).normal(size=(size, size + 2))
    covariance = factors @ factors.T
    deviations = np.sqrt(np.diag(covariance))
    correlation: Array = covariance / np.outer(deviations, deviations)
    return correlation


@degrees_of_freedom
@sizes
def test_log_ratios_are_those_of_the_densities_of_scipy(
    degrees: float, x_size: int, y_size: int
) -> None:
    correlation = random_correlation(0, x_size + y_size)
    model = EllipticalDependence(correlation, degrees, x_size, as_it_is)
    rows = 3 * np.random.default_rng(1).normal(size=(50, x_size + y_size))

    def log_density(first: int, last: int) -> Array:
        shape = correlation[first:last, first:last]
        if math.isinf(degrees):
            density: Array = multivariate_normal(cov=shape).logpdf(rows[:, first:last])
        else:
            density = multivariate_t(shape=shape, df=degrees).logpdf(rows[:, first:last])
        return density

    both, cut = x_size + y_size, x_size
    expected = log_density(0, both) - log_density(0, cut) - log_density(cut, both)
    np.testing.assert_allclose(model.log_ratios(rows), expected, rtol=1e-9, atol=1e-9)


@degrees_of_freedom
@sizes
def test_sides_give_the_form_and_the_log_ratio_of_every_pair(
    degrees: float, x_size: int, y_size: int
) -> None:
    correlation = random_correlation(0, x_size + y_size)
    model = EllipticalDependence(correlation, degrees, x_size, squeezed)
    rows = 3 * np.random.default_rng(1).normal(size=(7, x_size + y_size))
    x, y = model.sides(rows)
    forms = x[:, :-1] @ y[:, :-1].T
    for i in range(7):
        pairs = np.hstack([np.repeat(rows[i : i + 1, :x_size], 7, axis=0), rows[:, x_size:]])
        expected = quadratic_forms(squeezed(pairs), correlation)
        np.testing.assert_allclose(forms[i], expected, rtol=1e-9)
        ratios = x[i, -1] + y[:, -1] - radial_terms(expected, degrees, x_size + y_size)
        np.testing.assert_allclose(ratios, model.log_ratios(pairs), rtol=1e-9, atol=1e-9)


@degrees_of_freedom
@sizes
def test_information_is_the_mean_log_ratio_of_what_it_describes(
    degrees: float, x_size: int, y_size: int
) -> None:
    correlation = random_correlation(0, x_size + y_size)
    model = EllipticalDependence(correlation, degrees, x_size, as_it_is)
    generator = np.random.default_rng(0)
    rows = generator.multivariate_normal(np.zeros(len(correlation)), correlation, size=40_000)
    if not math.isinf(degrees):
        rows *= np.sqrt(degrees / generator.chisquare(degrees, size=(40_000, 1)))
    ratios = model.log_ratios(rows)
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.01
    assert ratios.mean() == pytest.approx(model.mutual_information, abs=4 * error)


@pytest.mark.parametrize("degrees", [1, 2, 3, 30])
@pytest.mark.parametrize(
    ("dispersion", "x_size"),
    [
        (equicorrelation(2, 0.5), 1),
        (paired_correlation(2, 3, []), 2),
        (paired_correlation(2, 3, [0.9, -0.2]), 2),
    ],
)
def test_information_of_student_is_the_formula_of_the_distribution(
    degrees: int, dispersion: tuple[tuple[float, ...], ...], x_size: int
) -> None:
    model = EllipticalDependence(np.array(dispersion), degrees, x_size, as_it_is)
    truth = MultivariateStudent("example", dispersion, x_size, degrees).mutual_information
    assert model.mutual_information == pytest.approx(truth, rel=1e-9)
    assert model.y_size == len(dispersion) - x_size


def test_gaussian_is_the_limit_of_student() -> None:
    correlation = random_correlation(0, 5)
    rows = np.random.default_rng(1).normal(size=(20, 5))
    gaussian, student = (
        EllipticalDependence(correlation, degrees, 2, as_it_is) for degrees in (math.inf, 1e7)
    )
    assert student.mutual_information == pytest.approx(gaussian.mutual_information, abs=1e-5)
    np.testing.assert_allclose(student.log_ratios(rows), gaussian.log_ratios(rows), atol=1e-4)
