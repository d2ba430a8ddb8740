"""Fits of elliptical dependence against CCA, and what the data were drawn from."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_t
from sklearn.cross_decomposition import CCA

from infomax.distributions import (
    MultivariateNormal,
    MultivariateStudent,
    equicorrelation,
    paired_correlation,
)
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.copula.fits import (
    fit_correlation,
    fit_elliptical_copula,
    fit_gaussian,
    fit_gaussian_copula,
    fit_shrunken_copula,
)
from infomax.estimation.copula.margins import StandardScores

from ..conftest import Array, Draw, NormalPairs

Fit = Callable[[Array, Array], EllipticalDependence]

every_fit = pytest.mark.parametrize(
    "fit", [fit_gaussian, fit_gaussian_copula, fit_elliptical_copula]
)
sizes = pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (2, 1), (2, 3)])


@sizes
def test_gaussian_information_is_that_of_the_canonical_correlations_of_numpy(
    x_size: int, y_size: int, normal_pairs: NormalPairs
) -> None:
    x, y = normal_pairs(0, 500, x_size, y_size, correlation=0.7)
    y = y @ np.random.default_rng(1).normal(size=(y_size, y_size)) + 3
    # Hotelling (1936): singular values between orthonormal bases of both sides.
    of_x, of_y = (np.linalg.qr(side - side.mean(axis=0))[0] for side in (x, y))
    canonical = np.linalg.svd(of_x.T @ of_y, compute_uv=False)
    expected = -0.5 * np.log1p(-(canonical**2)).sum()
    assert fit_gaussian(x, y).mutual_information == pytest.approx(expected, rel=1e-4)


def test_gaussian_information_is_that_of_the_canonical_correlations_of_scikit_learn(
    normal_pairs: NormalPairs,
) -> None:
    x, y = normal_pairs(0, 500, 2, 2, correlation=0.6)
    of_x, of_y = CCA(n_components=2, max_iter=5_000, tol=1e-10).fit_transform(x, y)
    canonical = [np.corrcoef(of_x[:, k], of_y[:, k])[0, 1] for k in range(2)]
    expected = -0.5 * np.log1p(-np.square(canonical)).sum()
    assert fit_gaussian(x, y).mutual_information == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("degrees", [1, 2, 5])
def test_finds_correlation_and_degrees_of_a_student_behind_any_margins(
    degrees: int, draw: Draw
) -> None:
    dispersion = ((1.0, 0.3, 0.6), (0.3, 1.0, -0.2), (0.6, -0.2, 1.0))
    distribution = MultivariateStudent("example", dispersion, 2, degrees)
    x, y = draw(distribution, 8_000)
    model = fit_elliptical_copula(np.arcsinh(x), np.cbrt(y))
    assert 1 / model.degrees_of_freedom == pytest.approx(1 / degrees, abs=0.1 / degrees**0.5)
    np.testing.assert_allclose(model.correlation, dispersion, atol=0.05)
    assert model.mutual_information == pytest.approx(distribution.mutual_information, abs=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_finds_that_there_are_no_tails_in_gaussians(seed: int, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(seed, 3_000, 2, 1, correlation=0.7)
    model = fit_elliptical_copula(x, y)
    assert model.degrees_of_freedom > 30
    truth = MultivariateNormal("example", paired_correlation(2, 1, [0.7]), 2).mutual_information
    assert model.mutual_information == pytest.approx(truth, abs=0.06)
    np.testing.assert_allclose(model.correlation, fit_gaussian_copula(x, y).correlation, atol=0.01)


@pytest.mark.parametrize("degrees", [1.0, 4.0])
def test_correlation_is_that_of_most_likelihood(degrees: int, draw: Draw) -> None:
    distribution = MultivariateStudent("example", equicorrelation(3, 0.4), 1, int(degrees))
    x, y = draw(distribution, 2_000)
    model = fit_elliptical_copula(x, y)
    rows = model.margins(np.hstack([x, y]))

    def likelihood(correlation: Array) -> float:
        density = multivariate_t(shape=correlation, df=model.degrees_of_freedom)
        return float(density.logpdf(rows).sum())

    # Scale is part of the fit and not of what it returns: compared at the best scale of each.
    def best(correlation: Array) -> float:
        return max(likelihood(size * correlation) for size in np.linspace(0.8, 1.2, 41))

    for row, column in ((0, 1), (0, 2), (1, 2)):
        for change in (0.03, -0.03):
            other = model.correlation.copy()
            other[row, column] += change
            other[column, row] += change
            assert best(other) < best(model.correlation)


@pytest.mark.parametrize("fit", [fit_gaussian_copula, fit_elliptical_copula])
def test_increasing_maps_of_columns_change_nothing(fit: Fit, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400, 2, 2, correlation=0.6)
    before = fit(x, y)
    mapped = np.column_stack([np.exp(x[:, 0]), x[:, 1] ** 3]), np.arctan(y)
    after = fit(*mapped)
    np.testing.assert_array_equal(before.correlation, after.correlation)
    assert before.degrees_of_freedom == after.degrees_of_freedom
    np.testing.assert_array_equal(
        before.log_ratios(np.hstack([x, y])), after.log_ratios(np.hstack(mapped))
    )


def test_linear_maps_of_a_side_change_nothing_of_a_gaussian(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400, 2, 2, correlation=0.6)
    mixing = np.array([[2.0, 1.0], [-1.0, 3.0]])
    before, after = fit_gaussian(x, y), fit_gaussian(x @ mixing + 5, y)
    assert after.mutual_information == pytest.approx(before.mutual_information, rel=1e-4)


@every_fit
def test_sides_may_change_places(fit: Fit, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.6)
    one, other = fit(x, y), fit(y, x)
    assert other.mutual_information == pytest.approx(one.mutual_information, abs=1e-6)
    np.testing.assert_allclose(
        one.log_ratios(np.hstack([x, y])), other.log_ratios(np.hstack([y, x])), atol=1e-6
    )


@pytest.mark.parametrize("correlation", [0.0, 0.8])
@pytest.mark.parametrize(("number", "x_size", "y_size"), [(200, 1, 1), (60, 3, 2), (60, 15, 10)])
def test_optimism_is_by_how_much_fits_of_gaussians_are_too_high(
    correlation: float, number: int, x_size: int, y_size: int, normal_pairs: NormalPairs
) -> None:
    truth = -min(x_size, y_size) / 2 * math.log1p(-(correlation**2))
    models = [
        fit_gaussian(*normal_pairs(seed, number, x_size, y_size, correlation=correlation))
        for seed in range(400)
    ]
    excess = np.array([model.mutual_information for model in models]) - truth
    error = excess.std() / math.sqrt(len(excess))
    assert excess.mean() == pytest.approx(models[0].optimism(number), abs=4 * error)


@pytest.mark.parametrize("degrees", [2.0, 5.0])
@pytest.mark.parametrize(("number", "size"), [(100, 2), (80, 12)])
def test_optimism_is_by_how_much_scatters_of_students_are_too_high(
    degrees: float, number: int, size: int
) -> None:
    generator = np.random.default_rng(0)
    excess = []
    for _ in range(200):
        rows = generator.standard_normal((number, 2 * size))
        rows /= np.sqrt(generator.chisquare(degrees, (number, 1)) / degrees)
        correlation = fit_correlation(rows, degrees)
        model = EllipticalDependence(correlation, degrees, size, StandardScores(rows))
        independent = EllipticalDependence(np.eye(2 * size), degrees, size, StandardScores(rows))
        excess.append(model.mutual_information - independent.mutual_information)
    error = float(np.std(excess)) / math.sqrt(len(excess))
    # Rows as many as a Student's are worth are so only for many.
    assert np.mean(excess) == pytest.approx(model.optimism(number), abs=4 * error, rel=0.02)


@pytest.mark.parametrize(("number", "x_size", "y_size"), [(200, 2, 2), (120, 25, 15)])
def test_a_copula_of_independent_columns_reads_0_on_average(
    number: int, x_size: int, y_size: int, normal_pairs: NormalPairs
) -> None:
    found = []
    for seed in range(60):
        x, y = normal_pairs(seed, number, x_size, y_size)
        model = fit_elliptical_copula(np.exp(x), y**3)
        found.append(model.mutual_information - model.optimism(number))
    error = float(np.std(found)) / math.sqrt(len(found))
    assert np.mean(found) == pytest.approx(0, abs=4 * error)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("number", "size"), [(200, 3), (100, 15)])
def test_the_variance_of_an_estimate_is_that_of_many(
    correlation: float, number: int, size: int, normal_pairs: NormalPairs
) -> None:
    estimates, variances = [], []
    for seed in range(400):
        x, y = normal_pairs(seed, number, size, size, correlation=correlation)
        model = fit_gaussian(x, y)
        estimates.append(model.mutual_information)
        terms = model.log_ratios(np.hstack([x, y]))
        variances.append(model.variance(float(terms.var()), len(terms)))
    # Of 400 draws a variance is known within 14 % (two standard errors). At independence it is
    # larger than need be, since what is fitted to chance is cut at 0.
    assert 0.8 < np.mean(variances) / np.var(estimates) < (1.3 if correlation else 1.6)


@every_fit
def test_nearly_the_same_column_twice_leaves_it_finite(fit: Fit, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.6)
    alone = fit(x, y).mutual_information
    for again in (x[:, :1] + 1e-13, x[:, :1] * (1 + 1e-15), -x[:, :1]):
        model = fit(np.hstack([x, again]), y)
        # Another column to fit, but no other information.
        assert model.mutual_information == pytest.approx(alone, abs=0.05)
        assert np.isfinite(model.log_ratios(np.hstack([x, again, y]))).all()


@pytest.mark.parametrize("degrees", [1, 2])
def test_nearly_the_same_column_twice_leaves_heavy_tails_finite(degrees: int, draw: Draw) -> None:
    x, y = draw(MultivariateStudent("example", equicorrelation(2, 0.5), 1, degrees), 500)
    alone = fit_elliptical_copula(x, y)
    for again in (x + 1e-13, -x):
        model = fit_elliptical_copula(np.hstack([x, again]), y)
        assert np.isfinite(model.log_ratios(np.hstack([x, again, y]))).all()
        assert math.isfinite(model.mutual_information)
        assert model.mutual_information == pytest.approx(alone.mutual_information, abs=0.3)


@every_fit
def test_a_side_that_determines_the_other_leaves_it_finite(
    fit: Fit, normal_pairs: NormalPairs
) -> None:
    x, _ = normal_pairs(0, 300, 2)
    model = fit(x, x[:, :1])
    assert 5 < model.mutual_information < 10
    assert np.isfinite(model.log_ratios(np.hstack([x, x[:, :1]]))).all()


@every_fit
def test_a_column_of_one_value_adds_nothing(fit: Fit, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 300, correlation=0.6)
    constant = np.full((300, 1), 3.0)
    alone, beside = fit(x, y), fit(np.hstack([x, constant]), y)
    assert beside.mutual_information == pytest.approx(alone.mutual_information, abs=0.01)


@given(seed=st.integers(0, 2**32 - 1), x_size=st.integers(1, 3), y_size=st.integers(1, 3))
@settings(max_examples=20)
def test_correlation_of_a_gaussian_is_that_of_numpy(seed: int, x_size: int, y_size: int) -> None:
    values = np.random.default_rng(seed).normal(size=(40, x_size + y_size)) * 7 + 2
    model = fit_gaussian(values[:, :x_size], values[:, x_size:])
    np.testing.assert_allclose(model.correlation, np.corrcoef(values.T), atol=2e-6)
    assert isinstance(model.margins, StandardScores)


def test_drawn_correlations_say_no_less_of_new_pairs_than_nothing() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((2, 900, 30))
    dependent = 0.8 * x + 0.6 * y
    for other, least in ((y, -0.05), (dependent, 2.0)):
        drawn = fit_shrunken_copula(x[:150], other[:150], x[150:300], other[150:300])
        new = np.hstack([x[300:], other[300:]])
        as_fitted = fit_gaussian_copula(x[:150], other[:150])
        assert drawn.log_ratios(new).mean() > least
        assert drawn.log_ratios(new).mean() > as_fitted.log_ratios(new).mean() + 1


def test_with_many_pairs_correlations_are_hardly_drawn() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 4000, 2))
    y = 0.75 * x + (1 - 0.75**2) ** 0.5 * noise  # 0.827 nats
    drawn = fit_shrunken_copula(x[:3000], y[:3000], x[3000:], y[3000:])
    assert drawn.mutual_information == pytest.approx(
        fit_gaussian_copula(x, y).mutual_information, abs=0.05
    )
