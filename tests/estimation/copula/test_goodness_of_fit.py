"""A copula is claimed after a test that could fail: it fails where it should, and seldom else."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from infomax.estimation.copula.fits import fit_elliptical_copula
from infomax.estimation.copula.goodness_of_fit import GoodnessOfFit, goodness_of_fit

from ..conftest import Array


def fit_of(x: Array, y: Array, seed: int = 0) -> GoodnessOfFit:
    return goodness_of_fit(fit_elliptical_copula(x, y), x, y, np.random.default_rng(seed))


@pytest.mark.parametrize("degrees", [2, 6, np.inf])
@pytest.mark.parametrize(("rows", "columns"), [(300, 2), (1000, 2), (1000, 5), (2000, 12)])
def test_what_is_elliptical_behind_its_margins_is_not_contradicted(
    rows: int, columns: int, degrees: float
) -> None:
    generator = np.random.default_rng(0)
    for _ in range(3):
        mixed = generator.standard_normal((rows, 2 * columns)) @ generator.standard_normal(
            (2 * columns, 2 * columns)
        )
        if np.isfinite(degrees):
            mixed /= np.sqrt(generator.chisquare(degrees, (rows, 1)) / degrees)
        x, y = np.arcsinh(mixed[:, :columns]), mixed[:, columns:] ** 3
        assert fit_of(x, y).agrees


def test_a_row_in_the_middle_of_every_column_has_no_direction() -> None:
    half = np.random.default_rng(0).normal(size=(500, 4))
    rows = np.vstack([half, -half, np.zeros((1, 4))])
    assert fit_of(rows[:, :2], rows[:, 2:]).agrees


def test_rounded_values_are_not_contradicted() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 2000, 2))
    assert fit_of((2 * x).round(), (2 * x + noise).round()).agrees


def test_rows_of_middle_ranks_have_no_direction_and_are_tested_all_the_same() -> None:
    x = np.tile(np.arange(-7.0, 8.0), 40)[:, None]
    y = x.copy()
    y[:300] = np.random.default_rng(0).permutation(y[:300])
    scores = fit_elliptical_copula(x, y).margins(np.hstack([x, y]))
    assert (scores == 0).all(axis=1).any()
    assert np.isfinite(fit_of(x, y).jointly)


def coupled(values: Array, layers: int) -> Array:
    """Send columns through layers that move half of them by sines of the others: a bijection."""
    generator = np.random.default_rng(0)
    moved: Array = (values - values.mean(axis=0)) / values.std(axis=0)
    halves = np.array_split(np.arange(values.shape[1]), 2)
    for layer in range(layers):
        held, shifted = halves if layer % 2 == 0 else halves[::-1]
        weights = generator.standard_normal((len(held), len(shifted)))
        moved[:, shifted] += 3 * np.sin(4 * moved[:, held] @ weights)
    return moved


@pytest.mark.parametrize("layers", [0, 2, 8])
def test_halves_of_digits_are_of_no_copula_whatever_bijection_hides_one(layers: int) -> None:
    pixels = load_digits().data
    x, y = (PCA(6).fit_transform(half) for half in np.hsplit(pixels, 2))
    found = fit_of(coupled(x, layers), y)
    assert not found.agrees
    assert found.of_y > 10


@pytest.mark.parametrize(("rows", "columns"), [(1000, 5), (4000, 20)])
def test_noise_that_grows_is_seen_in_both_together_where_each_side_is_normal(
    rows: int, columns: int
) -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, rows, columns))
    found = fit_of(x, np.tanh(x) + 0.5 * (1 + np.abs(x)) * noise)
    assert not found.agrees
    assert found.sides_agree


def test_a_turn_that_grows_with_the_length_of_x_is_seen() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 3000, 6))
    y = x + 0.5 * noise
    angle = (x**2).sum(axis=1) / 4
    turned = x.copy()
    turned[:, 0] = np.cos(angle) * x[:, 0] - np.sin(angle) * x[:, 1]
    turned[:, 1] = np.sin(angle) * x[:, 0] + np.cos(angle) * x[:, 1]
    assert not fit_of(turned, y).agrees


def test_of_one_column_there_is_nothing_to_test_by_itself() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 500, 1))
    found = fit_of(x, x + noise)
    assert found.of_x == found.of_y == 0


def test_says_what_contradicts_most() -> None:
    assert str(GoodnessOfFit(7.0, 1.0, 6.0)) == (
        "x by itself is 7.0 standard deviations from its samples"
    )
