"""A uniform scalar with uniform noise, small and large."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chisquare, kstest, uniform

from infomax.distributions import AdditiveUniform, DiscreteContinuous
from infomax.errors import UserError

from .conftest import Array, Draw

noises = pytest.mark.parametrize("noise", [0.1, 0.5, 0.75, 3.0])


def density_under_noise(y: Array | float, noise: float) -> Array:
    """Return the density of y: the length of the x that may have led there, over that of noise."""
    return (np.minimum(np.add(y, noise), 1) - np.maximum(np.subtract(y, noise), 0)) / (2 * noise)


@noises
def test_information_is_the_entropy_that_noise_does_not_explain(noise: float) -> None:
    def surprise(y: float) -> float:
        density = float(density_under_noise(y, noise))
        return -density * math.log(density) if density > 0 else 0.0

    corners = sorted({-noise, 1 - noise, noise, 1 + noise})
    entropy_of_y = sum(quad(surprise, low, high)[0] for low, high in pairwise(corners))
    entropy_of_noise = math.log(2 * noise)
    truth = AdditiveUniform("example", noise).mutual_information
    assert truth == pytest.approx(entropy_of_y - entropy_of_noise, abs=1e-7)


@noises
def test_information_of_added_noise_is_the_mean_log_density_ratio_of_samples(
    noise: float, draw: Draw
) -> None:
    distribution = AdditiveUniform("example", noise)
    _, y = draw(distribution, 40_000)
    ratios = -math.log(2 * noise) - np.log(density_under_noise(y, noise))
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.005
    assert ratios.mean() == pytest.approx(distribution.mutual_information, abs=4 * error)


@noises
def test_noise_is_uniform_and_apart_from_x(noise: float, draw: Draw) -> None:
    x, y = draw(AdditiveUniform("example", noise), 20_000)
    added = (y - x).ravel()
    assert kstest(x.ravel(), uniform(0, 1).cdf).pvalue > 0.001
    assert kstest(added, uniform(-noise, 2 * noise).cdf).pvalue > 0.001
    assert abs(np.corrcoef(x.ravel(), added)[0, 1]) < 4 / math.sqrt(20_000)


@pytest.mark.parametrize("noise", [0.0, -0.1, math.inf, math.nan])
def test_refuses_noise_that_has_no_size(noise: float) -> None:
    with pytest.raises(UserError, match=r"the noise of 'wrong' is .* give a positive number"):
        AdditiveUniform("wrong", noise)


levels_of_x = pytest.mark.parametrize("levels", [1, 2, 5, 10])


def density_above_whole_numbers(y: Array, levels: int) -> Array:
    """Return the density of y: 1 / (2 m) for each x that it may have started from."""
    starts = np.arange(levels)
    possible = (starts <= y) & (y <= starts + 2)
    density: Array = possible.sum(axis=1) / (2 * levels)
    return density


@levels_of_x
def test_information_is_the_integral_of_the_log_density_ratio(levels: int) -> None:
    # The density of y is constant between whole numbers, and one half given x.
    middles = np.arange(levels + 1, dtype=np.float64)[:, np.newaxis] + 0.5
    of_y = density_above_whole_numbers(middles, levels)
    assert of_y.sum() == pytest.approx(1)
    truth = DiscreteContinuous("example", levels).mutual_information
    assert truth == pytest.approx((of_y * np.log(0.5 / of_y)).sum(), abs=1e-12)


@pytest.mark.parametrize("levels", [2, 5, 10])
def test_information_of_a_whole_number_is_the_mean_log_density_ratio_of_samples(
    levels: int, draw: Draw
) -> None:
    distribution = DiscreteContinuous("example", levels)
    _, y = draw(distribution, 40_000)
    ratios = np.log(0.5 / density_above_whole_numbers(y, levels))
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.002
    assert ratios.mean() == pytest.approx(distribution.mutual_information, abs=4 * error)


@levels_of_x
def test_x_is_a_uniform_whole_number_and_y_uniform_from_there(levels: int, draw: Draw) -> None:
    x, y = draw(DiscreteContinuous("example", levels), 20_000)
    values, counts = np.unique(x, return_counts=True)
    np.testing.assert_array_equal(values, np.arange(levels))
    above = y - x
    assert kstest(above.ravel(), uniform(0, 2).cdf).pvalue > 0.001
    if levels > 1:
        assert chisquare(counts).pvalue > 0.001
        assert abs(np.corrcoef(x.ravel(), above.ravel())[0, 1]) < 4 / math.sqrt(20_000)


def test_refuses_to_have_no_level() -> None:
    with pytest.raises(UserError, match="'wrong' has 0 levels"):
        DiscreteContinuous("wrong", 0)
