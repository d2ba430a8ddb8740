"""Mean and spread of fitted Gaussian information: by simulation, and against Wilks' lambda."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from infomax.estimation.copula.wishart import expected_optimism, variance_at_independence

from ..conftest import Array

sizes = st.integers(1, 30)


def fitted_information(
    generator: np.random.Generator, degrees: int, canonical: Array, draws: int
) -> Array:
    """Return -1/2 log det R / det Rx det Ry of draws of a scatter matrix."""
    size = len(canonical)
    x, noise = generator.standard_normal((2, draws, degrees, size))
    y = canonical * x + np.sqrt(1 - canonical**2) * noise
    rows = np.concatenate([x, y], axis=-1)
    scatter = rows.mT @ rows
    of_x, of_y = scatter[:, :size, :size], scatter[:, size:, size:]
    both, first, second = (np.linalg.slogdet(part)[1] for part in (scatter, of_x, of_y))
    information: Array = -0.5 * (both - first - second)
    return information


@pytest.mark.parametrize("degrees", [14, 40])
@pytest.mark.parametrize("canonical", [[0.0] * 5, [0.9, 0.5, 0.0, 0.0, 0.0], [0.95] * 5])
def test_optimism_is_exact_by_simulation_whatever_the_correlations(
    degrees: int, canonical: list[float]
) -> None:
    known = np.array(canonical)
    fitted = fitted_information(np.random.default_rng(0), degrees, known, 4_000)
    excess = fitted + 0.5 * np.log1p(-(known**2)).sum()
    error = fitted.std() / math.sqrt(len(fitted))
    assert error < 0.05 * expected_optimism(degrees, 5, 5)
    assert excess.mean() == pytest.approx(expected_optimism(degrees, 5, 5), abs=4 * error)


@pytest.mark.parametrize("degrees", [14, 40])
def test_variance_without_dependence_is_that_of_simulation(degrees: int) -> None:
    fitted = fitted_information(np.random.default_rng(0), degrees, np.zeros(5), 4_000)
    assert fitted.var() == pytest.approx(variance_at_independence(degrees, 5, 5), rel=0.1)


@given(degrees=st.integers(60, 10_000), x_size=sizes, y_size=sizes)
def test_moments_are_those_of_the_beta_variables_of_wilks_lambda(
    degrees: int, x_size: int, y_size: int
) -> None:
    # -1/2 log lambda, a product of independent betas, whose logarithms are log-gammas' differences.
    mean = variance = 0.0
    for index in range(y_size):
        whole = (degrees - index) / 2
        left = stats.loggamma(whole - x_size / 2), stats.loggamma(whole)
        mean += (left[1].mean() - left[0].mean()) / 2
        variance += (left[0].var() - left[1].var()) / 4
    assert expected_optimism(degrees, x_size, y_size) == pytest.approx(mean, rel=1e-6)
    assert variance_at_independence(degrees, x_size, y_size) == pytest.approx(variance, rel=1e-6)


@given(degrees=st.floats(62, 1e6), x_size=sizes, y_size=sizes)
def test_sides_may_change_places_and_more_rows_leave_less(
    degrees: float, x_size: int, y_size: int
) -> None:
    for moment in (expected_optimism, variance_at_independence):
        value = moment(degrees, x_size, y_size)
        assert value == pytest.approx(moment(degrees, y_size, x_size), rel=1e-5)
        assert 0 < moment(2 * degrees, x_size, y_size) < value


@given(x_size=sizes, y_size=sizes)
def test_with_many_rows_they_are_those_of_wilks(x_size: int, y_size: int) -> None:
    rows = 1e5
    correlations = x_size * y_size
    assert expected_optimism(rows, x_size, y_size) == pytest.approx(
        correlations / (2 * rows), rel=2e-3
    )
    assert variance_at_independence(rows, x_size, y_size) == pytest.approx(
        correlations / (2 * rows**2), rel=2e-3
    )


@pytest.mark.parametrize("degrees", [3, 9])
def test_with_no_more_rows_than_columns_a_fit_says_nothing(degrees: int) -> None:
    assert expected_optimism(degrees, 5, 5) == math.inf
    assert variance_at_independence(degrees, 5, 5) == math.inf
