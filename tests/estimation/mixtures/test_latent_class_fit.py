"""Fits of latent classes on data of known information."""

import math

import numpy as np
import pytest

from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.mixtures.held_out import held_out_information
from infomax.estimation.mixtures.latent_class_fit import fit_latent_classes
from infomax.estimation.mixtures.latent_classes import (
    LatentClassDependence,
    LatentClassRatio,
    SideClasses,
)

from ..conftest import Array, NormalPairs

CLUSTERS, AGREEING = 10, 0.8
AGREEMENT_TABLE = AGREEING * np.eye(CLUSTERS) / CLUSTERS + (1 - AGREEING) / CLUSTERS**2
FITTED, HELD_OUT, TESTED = slice(0, 3000), slice(3000, 4000), slice(4000, None)


def as_it_is(values: Array) -> Array:
    return values


def clusters(seed: int, number: int) -> tuple[LatentClassDependence, Array, Array]:
    """Return clusters that agree in four fifths of the pairs, and pairs of them."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(0, 2.5, (2, CLUSTERS, 30))
    first = generator.integers(CLUSTERS, size=number)
    others = generator.integers(CLUSTERS, size=number)
    second = np.where(generator.random(number) < AGREEING, first, others)
    x, y = (
        side[chosen] + generator.standard_normal((number, 30))
        for side, chosen in zip(centres, (first, second), strict=True)
    )
    sides = [SideClasses(side, np.ones_like(side), as_it_is) for side in centres]
    return LatentClassDependence(sides[0], sides[1], AGREEMENT_TABLE), x, y


def fitted(x: Array, y: Array) -> LatentClassDependence:
    return fit_latent_classes(x[FITTED], y[FITTED], x[HELD_OUT], y[HELD_OUT])


def information_of_tested(dependence: LatentClassDependence, x: Array, y: Array) -> float:
    sides = dependence.sides(np.hstack([x, y])[TESTED])
    return held_out_information(LatentClassRatio(), *sides)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_clusters_that_agree_in_most_pairs_are_found(seed: int) -> None:
    truth, x, y = clusters(seed, 5000)
    dependence = fitted(x, y)
    assert dependence.table.shape[0] >= CLUSTERS
    best = information_of_tested(truth, x, y)
    assert best > 1.3
    assert best - 0.05 < information_of_tested(dependence, x, y) < best + 0.02


@pytest.mark.parametrize(("columns", "correlation"), [(1, 0.0), (3, 0.0), (3, 0.7)])
def test_gaussians_are_not_said_to_share_more_than_they_do(
    normal_pairs: NormalPairs, columns: int, correlation: float
) -> None:
    x, y = normal_pairs(0, 5000, columns, columns, correlation=correlation)
    truth = -0.5 * columns * math.log(1 - correlation**2)
    ratios = fitted(x, y).log_ratios(np.hstack([x, y])[TESTED])
    error = ratios.std() / math.sqrt(len(ratios))
    assert truth / 3 - 0.02 < ratios.mean() < truth + 3 * error + 1e-9


def test_same_seed_same_bits_and_another_fit_lends_scaling_and_number() -> None:
    _, x, y = clusters(0, 1500)
    first, again = (
        fit_latent_classes(x[:1000], y[:1000], x[1000:], y[1000:], seed=3) for _ in range(2)
    )
    np.testing.assert_array_equal(first.table, again.table)
    like = fit_latent_classes(x[500:], y[500:], x[:500], y[:500], like=first)
    assert like.table.shape == first.table.shape
    assert type(like.x_classes.margins) is type(first.x_classes.margins)


def test_a_heavy_tail_is_ranked(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 5000, 2, 2, correlation=0.9)
    assert isinstance(fitted(np.exp(3 * x), np.sinh(3 * y)).x_classes.margins, NormalScores)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_columns_that_repeat_or_are_constant_or_discrete_break_nothing(scale: float) -> None:
    generator = np.random.default_rng(0)
    levels = generator.integers(3, size=800)
    x = np.column_stack([levels == 1, levels == 2, np.full(800, 7.0), levels == 1]) * scale
    y = np.column_stack([levels + 0.1 * generator.standard_normal(800), levels == 0]) * scale
    dependence = fit_latent_classes(x[:400], y[:400], x[400:600], y[400:600])
    sides = dependence.sides(np.hstack([x, y])[600:])
    found = held_out_information(LatentClassRatio(), *sides)
    assert found == pytest.approx(math.log(3), abs=0.05)
