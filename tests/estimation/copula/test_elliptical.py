"""Elliptical dependence against densities of scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal, multivariate_t
from torch import Tensor

from infomax.distributions import (
    MultivariateStudent,
    equicorrelation,
    paired_correlation,
)
from infomax.estimation.copula.elliptical import (
    CopulaRatio,
    EllipticalDependence,
    quadratic_forms,
    radial_terms,
)
from infomax.estimation.copula.fits import fit_elliptical_copula

from ..conftest import Array, NormalPairs

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


ratio_degrees = pytest.mark.parametrize("degrees", [1.0, 4.5, math.inf])
ratio_sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (3, 2)])


def copula_of(degrees: float, x_size: int, y_size: int) -> EllipticalDependence:
    factors = np.random.default_rng(0).normal(size=(x_size + y_size, x_size + y_size + 2))
    correlation: Array = np.asarray(np.corrcoef(factors))
    return EllipticalDependence(correlation, degrees, x_size, as_it_is)


def sides_of(copula: EllipticalDependence, number: int) -> tuple[Tensor, Tensor]:
    rows = np.random.default_rng(1).normal(size=(number, len(copula.correlation)))
    x, y = (torch.from_numpy(side).float() for side in copula.sides(rows))
    return x, y


@ratio_degrees
@ratio_sizes
def test_scores_all_pairs_as_the_copula_does(degrees: float, x_size: int, y_size: int) -> None:
    copula = copula_of(degrees, x_size, y_size)
    generator = np.random.default_rng(1)
    x, y = 2 * generator.normal(size=(9, x_size)), 2 * generator.normal(size=(9, y_size))
    critic = CopulaRatio(copula, gaussian=math.isinf(degrees))
    scores = critic.of_arrays(*copula.sides(np.hstack([x, y])))
    assert scores.dtype == np.float64
    for i in range(9):
        # Rows are x, columns are y.
        expected = copula.log_ratios(np.hstack([np.repeat(x[i : i + 1], 9, axis=0), y]))
        np.testing.assert_allclose(scores[i], expected, rtol=1e-3, atol=1e-3)
    of_partners = copula.log_ratios(np.hstack([x, y]))
    np.testing.assert_allclose(np.diagonal(scores), of_partners, rtol=1e-3, atol=1e-3)


def test_scores_of_fitted_copulas_are_of_values_behind_their_margins(
    normal_pairs: NormalPairs,
) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.8)
    copula = fit_elliptical_copula(np.exp(x), y)
    rows = np.hstack([np.exp(x), y])
    critic = CopulaRatio(copula, gaussian=math.isinf(copula.degrees_of_freedom))
    np.testing.assert_allclose(
        np.diagonal(critic.of_arrays(*copula.sides(rows))), copula.log_ratios(rows), atol=1e-3
    )


@ratio_sizes
def test_the_general_path_scores_a_gaussian_as_the_short_one_does(x_size: int, y_size: int) -> None:
    copula = copula_of(math.inf, x_size, y_size)
    x, y = sides_of(copula, 20)
    short, general = (CopulaRatio(copula, gaussian=gaussian) for gaussian in (True, False))
    torch.testing.assert_close(general(x, y), short(x, y), rtol=1e-5, atol=1e-5)


def test_a_gaussian_beside_a_student_is_scored_as_it_is_alone() -> None:
    copulas = [copula_of(degrees, 2, 2) for degrees in (math.inf, 3.0)]
    critics = [CopulaRatio(copula, gaussian=False) for copula in copulas]
    sides = [sides_of(copula, 10) for copula in copulas]
    x, y = (torch.stack(side) for side in zip(*sides, strict=True))
    buffers = {
        name: torch.stack([dict(critic.named_buffers())[name] for critic in critics])
        for name, _ in critics[0].named_buffers()
    }

    def call(of_one: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        result: Tensor = torch.func.functional_call(critics[0], of_one, (x, y))
        return result

    together = torch.func.vmap(call)(buffers, x, y)
    for place, critic in enumerate(critics):
        torch.testing.assert_close(together[place], critic(x[place], y[place]))


@ratio_degrees
@pytest.mark.parametrize("gaussian", [False, True])
def test_gradients_of_the_copula_are_finite(degrees: float, gaussian: bool) -> None:
    copula = copula_of(degrees, 2, 1)
    x, y = (side.requires_grad_() for side in sides_of(copula, 5))
    CopulaRatio(copula, gaussian=gaussian)(x, y).sum().backward()
    for side in (x, y):
        assert side.grad is not None
        assert side.grad.isfinite().all()


def test_nothing_of_the_copula_is_trained() -> None:
    assert not list(CopulaRatio(copula_of(3.0, 2, 2), gaussian=False).parameters())
