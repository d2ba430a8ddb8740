"""Curves with noise: their information by other integrals, and what they refuse."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import kstest, norm

from infomax.distributions import NoisyFunction
from infomax.errors import UserError

from .conftest import Array, Draw


def ones(x: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(x)


def wider(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * (1 + x.abs())


GROWING = NoisyFunction("growing", torch.tanh, wider, of_x="normal")


@pytest.mark.parametrize("slope", [0.1, 1.0, 30.0])
def test_a_line_of_a_normal_has_the_information_of_a_normal_pair(slope: float) -> None:
    line = NoisyFunction("line", lambda x: slope * x, ones, of_x="normal", scale=2.0)
    expected = 0.5 * math.log1p((2 * slope) ** 2)
    assert line.mutual_information == pytest.approx(expected, abs=1e-9)


def test_information_is_that_of_an_adaptive_integral() -> None:
    def of_y(y: float) -> float:
        def joint(x: float) -> float:
            return float(norm.pdf(x) * norm.pdf(y, math.tanh(x), 0.5 * (1 + abs(x))))

        return float(quad(joint, -8, 0)[0] + quad(joint, 0, 8)[0])

    grid = np.linspace(-24, 24, 1201)
    density = np.array([of_y(y) for y in grid])
    entropy = -float(np.trapezoid(density * np.log(density), grid))
    spread = 2 * quad(lambda x: norm.pdf(x) * math.log(0.5 * (1 + x)), 0, 8)[0]
    expected = entropy - spread - 0.5 * math.log(2 * math.pi * math.e)
    assert GROWING.mutual_information == pytest.approx(expected, abs=1e-4)


def test_information_is_the_mean_log_density_ratio_of_samples(draw: Draw) -> None:
    sine = NoisyFunction("sine", lambda x: (3 * x).sin(), lambda x: 0.3 * ones(x), scale=2.0)
    x, y = draw(sine, 4_000)
    x_grid = np.linspace(-2, 2, 2001)

    def given(y: Array, x: Array) -> Array:
        values: Array = norm.pdf(y, np.sin(3 * x), 0.3)
        return values

    of_y = given(y, x_grid).mean(axis=1)
    ratios = np.log(given(y, x)[:, 0] / of_y)
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.02
    assert ratios.mean() == pytest.approx(sine.mutual_information, abs=4 * error)


def test_noise_has_the_spread_that_is_told(draw: Draw) -> None:
    x, y = draw(GROWING, 5_000)
    noise = (y - np.tanh(x)) / (0.5 * (1 + np.abs(x)))
    assert kstest(noise.ravel(), norm.cdf).pvalue > 0.001
    assert kstest(x.ravel(), norm.cdf).pvalue > 0.001


@pytest.mark.parametrize("scale", [0.0, -1.0, math.inf, math.nan])
def test_refuses_a_scale_that_is_none(scale: float) -> None:
    with pytest.raises(UserError, match="the scale of 'wrong'"):
        NoisyFunction("wrong", torch.tanh, ones, scale=scale)


def test_refuses_noise_that_vanishes() -> None:
    with pytest.raises(UserError, match="the spread of 'wrong' is 0 or below"):
        NoisyFunction("wrong", torch.tanh, torch.zeros_like)
