"""The bimodal margin: ranks are kept, and with them the information."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import trapezoid
from scipy.stats import kstest, multivariate_normal, norm

from infomax.distributions import DISTRIBUTIONS, BimodalMargin
from infomax.errors import UserError

from .conftest import Array, Draw

# Weight of the lower mode, its mean and that of the upper one: the task's x and y.
X_MODES = (0.3, 0.0, 5.0)
Y_MODES = (0.5, -1.0, 3.0)

sides = pytest.mark.parametrize("modes", [X_MODES, Y_MODES])


def cdf(values: Array, modes: tuple[float, float, float]) -> Array:
    weight, lower, upper = modes
    mixed: Array = weight * norm.cdf(values, lower) + (1 - weight) * norm.cdf(values, upper)
    return mixed


def density(values: Array, modes: tuple[float, float, float]) -> Array:
    weight, lower, upper = modes
    mixed: Array = weight * norm.pdf(values, lower) + (1 - weight) * norm.pdf(values, upper)
    return mixed


@sides
def test_ranks_are_kept(modes: tuple[float, float, float]) -> None:
    values = torch.linspace(-8, 5, 2001, dtype=torch.float64)
    mapped = BimodalMargin(*modes)(values)
    assert (mapped.diff() > 0).all()
    np.testing.assert_allclose(cdf(mapped.numpy(), modes), norm.cdf(values.numpy()), rtol=1e-9)


@sides
def test_float32_is_mapped_as_float64_is(modes: tuple[float, float, float]) -> None:
    values = torch.linspace(-5, 5, 101)
    margin = BimodalMargin(*modes)
    assert torch.equal(margin(values), margin(values.double()).float())


def test_one_mode_is_a_shift() -> None:
    values = torch.linspace(-5, 5, 101, dtype=torch.float64)
    shifted = BimodalMargin(lower_weight=0.4, lower_mean=2.0, upper_mean=2.0)(values)
    torch.testing.assert_close(shifted, values + 2)


def test_samples_of_the_task_have_two_modes_on_each_side(draw: Draw) -> None:
    x, y = draw(DISTRIBUTIONS["1v1-bimodal-0.75"], 20_000)
    assert kstest(x.ravel(), lambda values: cdf(values, X_MODES)).pvalue > 0.001
    assert kstest(y.ravel(), lambda values: cdf(values, Y_MODES)).pvalue > 0.001


def test_information_of_the_task_is_the_integral_of_the_log_density_ratio() -> None:
    # The density of the pair is that of the normal scores times what each side is stretched by;
    # the marginals are integrated from it, not taken from the modes.
    x, y = np.linspace(-6, 11, 1201), np.linspace(-7, 9, 1201)
    x_score, y_score = norm.ppf(cdf(x, X_MODES)), norm.ppf(cdf(y, Y_MODES))
    scores = np.stack(np.meshgrid(x_score, y_score, indexing="ij"), axis=-1)
    stretched = np.outer(
        density(x, X_MODES) / norm.pdf(x_score), density(y, Y_MODES) / norm.pdf(y_score)
    )
    joint = multivariate_normal(cov=[[1, 0.75], [0.75, 1]]).pdf(scores) * stretched
    of_x, of_y = trapezoid(joint, y, axis=1), trapezoid(joint, x, axis=0)
    assert trapezoid(of_x, x) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(of_x, density(x, X_MODES), atol=1e-6)
    ratio = np.log(joint / np.outer(of_x, of_y))
    integral = trapezoid(trapezoid(joint * ratio, y), x)
    truth = DISTRIBUTIONS["1v1-bimodal-0.75"].mutual_information
    assert truth == pytest.approx(integral, abs=1e-5)
    assert truth == pytest.approx(-0.5 * math.log(1 - 0.75**2))


@pytest.mark.parametrize("weight", [0.0, 1.0, -0.1, math.nan])
def test_refuses_a_weight_that_leaves_one_mode(weight: float) -> None:
    with pytest.raises(UserError, match="give one between 0 and 1"):
        BimodalMargin(weight, 0.0, 1.0)


@pytest.mark.parametrize("lower_mean", [1.5, math.nan])
def test_refuses_modes_out_of_order(lower_mean: float) -> None:
    with pytest.raises(UserError, match="give the lower one first"):
        BimodalMargin(0.5, lower_mean, 1.0)
