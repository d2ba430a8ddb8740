"""Levels of a normal, and levels that are smoothed."""

import math

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, norm

from infomax.distributions import DiscreteContinuous, QuantizedNormal, SmoothedLevels
from infomax.errors import UserError

from .conftest import Draw

nats = pytest.mark.parametrize("information", [0.2, math.log(2), 1.0, math.log(7), 5.0])


@nats
def test_levels_of_a_normal_hold_what_is_asked_for(information: float) -> None:
    quantized = QuantizedNormal("example", information)
    assert quantized.mutual_information == pytest.approx(information, abs=1e-9)
    assert quantized.probabilities.sum() == pytest.approx(1)
    assert len(quantized.probabilities) == math.ceil(math.exp(information) - 1e-9)
    assert quantized.probabilities[-1] <= quantized.probabilities[0] * (1 + 1e-9)


def test_the_level_is_that_of_the_rank(draw: Draw) -> None:
    quantized = QuantizedNormal("example", 1.5)
    x, y = draw(quantized, 5_000)
    ends = np.append(0, quantized.probabilities.cumsum())
    ranks, levels = norm.cdf(x[:, 0]), y[:, 0].astype(int)
    assert (ends[levels] <= ranks + 1e-6).all()
    assert (ranks <= ends[levels + 1] + 1e-6).all()
    expected = 5_000 * quantized.probabilities
    assert chisquare(np.bincount(levels, minlength=len(expected)), expected).pvalue > 0.001
    assert kstest(x[:, 0], norm.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("levels", "width"), [(1, 3.0), (4, 0.5), (5, 2.0), (5, 2.7), (6, 9.5), (40, 3.25)]
)
def test_information_of_a_width_is_that_of_counting_what_is_possible(
    levels: int, width: float
) -> None:
    y = np.linspace(0, levels - 1 + width, 400_001)
    starts = np.arange(levels)
    possible = np.zeros_like(y)
    for start in starts:
        possible += (start <= y) & (y <= start + width)
    density = possible / (levels * width)
    logs = np.log(np.maximum(possible, 1))
    expected = math.log(levels) - np.trapezoid(density * logs, y)
    exact = DiscreteContinuous("example", levels, width).mutual_information
    assert exact == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("levels", "information"), [(2, 0.1), (6, 1.0), (6, 1.7), (298, 5.0)])
def test_smoothed_levels_hold_what_is_asked_for(levels: int, information: float) -> None:
    smoothed = SmoothedLevels("example", levels, information)
    assert smoothed.mutual_information == pytest.approx(information, abs=1e-9)


def test_smoothed_levels_are_uniform_above_a_level(draw: Draw) -> None:
    smoothed = SmoothedLevels("example", 6, 1.0)
    x, y = draw(smoothed, 5_000)
    assert set(np.unique(x)) == set(range(6))
    assert kstest(((y - x) / smoothed.width)[:, 0], "uniform").pvalue > 0.001


@pytest.mark.parametrize("information", [0.0, -1.0, math.inf, math.nan])
def test_refuses_information_that_levels_cannot_hold(information: float) -> None:
    with pytest.raises(UserError, match="give a positive number"):
        QuantizedNormal("wrong", information)
    with pytest.raises(UserError, match="give a positive number"):
        SmoothedLevels("wrong", 5, information)


def test_refuses_too_few_levels() -> None:
    with pytest.raises(UserError, match=r"has 7 levels for 2.0 nats: give more than 7.4"):
        SmoothedLevels("wrong", 7, 2.0)


@pytest.mark.parametrize("width", [0.0, -1.0, math.inf])
def test_refuses_a_width_that_is_none(width: float) -> None:
    with pytest.raises(UserError, match="the width of 'wrong'"):
        DiscreteContinuous("wrong", 5, width)
