"""What ranks take off strong dependence is measured, and corrected where it is a part."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from infomax import estimate_mi
from infomax.estimation.copula.attenuation import attenuation_by_ranks
from infomax.estimation.copula.fits import fit_elliptical_copula, fit_with_known_degrees


def strong_pairs(nats: float, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw normal pairs of one column each that share so many nats."""
    correlation = math.sqrt(-math.expm1(-2 * nats))
    x, noise = np.random.default_rng(seed).standard_normal((2, size, 1))
    return x, correlation * x + math.sqrt(1 - correlation**2) * noise


@pytest.mark.parametrize(("nats", "size"), [(0.2, 500), (0.8, 1000)])
def test_of_weak_dependence_nothing_is_taken_off_and_nothing_drawn(nats: float, size: int) -> None:
    generator = np.random.default_rng(0)
    copula = fit_elliptical_copula(*strong_pairs(nats, size, 0))
    assert attenuation_by_ranks(copula, size, generator) == 0
    assert generator.random() == np.random.default_rng(0).random()


@pytest.mark.parametrize(("nats", "size"), [(3.0, 300), (5.0, 1000)])
def test_it_is_what_ranks_take_off_samples_of_known_margins(nats: float, size: int) -> None:
    taken, measured = [], []
    for seed in range(12):
        x, y = strong_pairs(nats, size, seed)
        copula = fit_elliptical_copula(x, y)
        known = fit_with_known_degrees(np.hstack([x, y]), 1, math.inf, by_ranks=False)
        taken.append(copula.mutual_information - known.mutual_information)
        measured.append(attenuation_by_ranks(copula, size, np.random.default_rng(seed)))
    assert np.mean(taken) < -0.05
    assert np.mean(measured) == pytest.approx(np.mean(taken), rel=0.3)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize("map_of", [lambda values: values, np.exp])
def test_a_strong_copula_is_read_as_strong_as_it_is(
    map_of: Callable[[np.ndarray], np.ndarray],
) -> None:
    x, y = strong_pairs(5.0, 4000, 1)
    result = estimate_mi(map_of(x), y, "elliptical-copula", permutations=0)
    assert result.value == pytest.approx(5.0, abs=0.05)
    assert 5.0 in result.interval
