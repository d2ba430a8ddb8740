"""Maps of single values: their definitions, and that they only ever increase."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from infomax.distributions import InjectiveMap, half_cube, normal_cdf, wiggly_x, wiggly_y

GRID = torch.linspace(-6, 6, 4001, dtype=torch.float64)


@pytest.mark.parametrize("scalar_map", [half_cube, normal_cdf, wiggly_x, wiggly_y, torch.asinh])
def test_increases_everywhere(scalar_map: InjectiveMap) -> None:
    assert (scalar_map(GRID).diff() > 0).all()


@pytest.mark.parametrize(("wiggly", "smallest"), [(wiggly_x, 0.161), (wiggly_y, 0.533)])
def test_wiggles_have_the_slope_that_is_stated(wiggly: InjectiveMap, smallest: float) -> None:
    slopes = wiggly(GRID).diff() / GRID.diff()
    assert slopes.min() >= smallest
    # They do wiggle: a slope both well below and well above 1.
    assert slopes.min() < 0.8
    assert slopes.max() > 1.1


def test_half_cube_keeps_the_sign_and_raises_the_size_to_one_and_a_half() -> None:
    expected = np.sign(GRID.numpy()) * np.abs(GRID.numpy()) ** 1.5
    np.testing.assert_allclose(half_cube(GRID).numpy(), expected, rtol=1e-12, atol=0)


def test_normal_cdf_is_that_of_scipy_far_below_zero_too() -> None:
    values = torch.linspace(-12, 6, 101, dtype=torch.float64)
    np.testing.assert_allclose(normal_cdf(values).numpy(), norm.cdf(values.numpy()), rtol=1e-12)


def test_keep_shape_and_dtype() -> None:
    values = torch.zeros(2, 3, 4)
    for scalar_map in (half_cube, normal_cdf, wiggly_x, wiggly_y):
        mapped = scalar_map(values)
        assert (mapped.shape, mapped.dtype) == (values.shape, values.dtype)
