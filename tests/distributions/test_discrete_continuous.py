"""A whole number and a real one."""

import math

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, uniform

from infomax.distributions import DiscreteContinuous
from infomax.errors import UserError

from .conftest import Array, Draw

levels_of_x = pytest.mark.parametrize("levels", [1, 2, 5, 10])


def density_of_y(y: Array, levels: int) -> Array:
    """Return the density of y: 1 / (2 m) for each x that it may have started from."""
    starts = np.arange(levels)
    possible = (starts <= y) & (y <= starts + 2)
    density: Array = possible.sum(axis=1) / (2 * levels)
    return density


@levels_of_x
def test_information_is_the_integral_of_the_log_density_ratio(levels: int) -> None:
    # The density of y is constant between whole numbers, and one half given x.
    middles = np.arange(levels + 1, dtype=np.float64)[:, np.newaxis] + 0.5
    of_y = density_of_y(middles, levels)
    assert of_y.sum() == pytest.approx(1)
    truth = DiscreteContinuous("example", levels).mutual_information
    assert truth == pytest.approx((of_y * np.log(0.5 / of_y)).sum(), abs=1e-12)


@pytest.mark.parametrize("levels", [2, 5, 10])
def test_information_is_the_mean_log_density_ratio_of_samples(levels: int, draw: Draw) -> None:
    distribution = DiscreteContinuous("example", levels)
    _, y = draw(distribution, 40_000)
    ratios = np.log(0.5 / density_of_y(y, levels))
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
