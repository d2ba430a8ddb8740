"""Saturation: seen where one side determines the other, and not where dependence is only strong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation.neighbours.saturation import (
    measure_lost_dimensions,
    measure_saturated_share,
)
from infomax.estimation.samples import read_samples

from ..conftest import Array, Draw

Relation = Callable[[Array], Array]


def share(x: Any, y: Any) -> float:
    return measure_saturated_share(read_samples(x, y, discrete=[]), np.random.default_rng(0))


def lost(x: Any, y: Any) -> float:
    return measure_lost_dimensions(read_samples(x, y), np.random.default_rng(0))


def normal(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


RELATIONS: dict[str, tuple[int, Relation]] = {
    "sum of 2": (2, lambda x: x.sum(axis=1)),
    "product": (2, lambda x: x[:, 0] * x[:, 1]),
    "square": (1, lambda x: x[:, 0] ** 2),
    "wave": (1, lambda x: np.sin(2 * x[:, 0])),
}


@pytest.mark.parametrize("number", [200, 2_000])
@pytest.mark.parametrize("relation", RELATIONS)
def test_one_side_that_determines_the_other_is_seen(relation: str, number: int) -> None:
    size, of_x = RELATIONS[relation]
    x = normal(0, number, size)
    y = of_x(x)
    assert share(x, y) > 0.3
    assert share(y, x) > 0.3


@pytest.mark.parametrize("number", [1_001, 10_001])
def test_a_curve_over_a_regular_grid_is_seen(number: int) -> None:
    x = np.linspace(-1, 1, number)
    assert share(x, x**2) > 0.3
    assert share(x**2, x) > 0.3


@pytest.mark.parametrize("waves", [5, 30])
def test_fast_waves_are_seen_as_far_as_rows_follow_them_and_not_below_noise(waves: int) -> None:
    x, noise = normal(0, 2, 5_000)
    assert share(x, np.sin(waves * x)) > 0.3
    assert share(x, np.sin(waves * x) + 0.1 * noise) < 0.1


def test_strong_dependence_by_itself_is_none(draw: Draw) -> None:
    assert share(*draw(DISTRIBUTIONS["1v1-additive-0.1"], 1_000, 0)) < 0.1


@pytest.mark.parametrize(("x_size", "y_size"), [(1, 1), (2, 1), (1, 2)])
def test_nothing_is_seen_in_independent_sides(x_size: int, y_size: int) -> None:
    shares = [
        share(normal(seed, 200, x_size), normal(100 + seed, 200, y_size)) for seed in range(5)
    ]
    assert max(map(abs, shares)) < 0.1


def test_in_many_columns_nothing_is_said() -> None:
    x = normal(0, 200, 3)
    assert share(x, x.sum(axis=1)) == 0


def test_more_rows_tell_noise_from_determination() -> None:
    x, noise = normal(0, 4_000, 2), normal(1, 4_000)
    y = x.sum(axis=1) + 0.3 * noise
    assert share(x[:100], y[:100]) > 0.3
    assert share(x, y) < 0.1


def test_levels_determine_nothing_but_levels() -> None:
    level = np.arange(300) % 3
    x = level + 0.1 * normal(0, 300)
    assert share(level, x) == share(x, level / 2 + 0.1) == 0


@pytest.mark.parametrize("turns", [(1, 1), (3, 2)])
def test_curves_on_which_neither_side_determines_the_other_are_seen(turns: tuple[int, int]) -> None:
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 1_000)
    x, y = np.cos(turns[0] * angle), np.sin(turns[1] * angle)
    assert lost(x, y) > 0.45
    assert lost(np.exp(x), y**3) > 0.45  # Increasing maps of a column change nothing.
    assert lost(x + 0.1 * normal(1, 1_000), y) < 0.3


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.99])
def test_pairs_that_fill_the_plane_lose_no_dimension(correlation: float) -> None:
    for seed in range(20):
        x, noise = normal(seed, 2, 200)
        assert lost(x, correlation * x + (1 - correlation**2) ** 0.5 * noise) < 0.45


def test_of_several_columns_and_of_levels_no_dimension_is_told() -> None:
    x = normal(0, 200, 2)
    codes = np.random.default_rng(0).integers(200, size=500)
    assert lost(x, x[:, 0]) == lost(x[:, 0], x[:, 0].round(1)) == lost(codes, codes**2) == 0
