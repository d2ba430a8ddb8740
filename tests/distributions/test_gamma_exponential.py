"""Logarithms of gamma and exponential variables."""

import math

import numpy as np
import pytest
from scipy.stats import expon, gamma, kstest

from infomax.distributions import LogGammaExponential
from infomax.errors import UserError

from .conftest import Draw


@pytest.mark.parametrize("information", [0.05, 0.5, 1.0, 5.0, 10.0])
def test_holds_what_is_asked_for(information: float) -> None:
    pairs = LogGammaExponential("example", information)
    assert pairs.mutual_information == pytest.approx(information, abs=1e-9)


@pytest.mark.parametrize("information", [0.3, 2.0])
def test_information_is_the_mean_log_density_ratio_of_samples(
    information: float, draw: Draw
) -> None:
    pairs = LogGammaExponential("example", information)
    x, y = (side[:, 0] for side in draw(pairs, 20_000))
    # Of G and E / G, of which these are logarithms: the latter is Pareto of the shape a.
    rate, wait = np.exp(x), np.exp(y)
    of_wait = pairs.shape / (1 + wait) ** (pairs.shape + 1)
    with np.errstate(divide="ignore"):
        ratios = x - rate * wait - np.log(of_wait)
    kept = ratios[np.isfinite(ratios)]
    error = kept.std() / math.sqrt(len(kept))
    assert len(kept) > 19_900
    assert kept.mean() == pytest.approx(information, abs=4 * error + 0.01)


def test_are_logarithms_of_a_gamma_and_of_an_exponential_variable(draw: Draw) -> None:
    pairs = LogGammaExponential("example", 1.0)
    x, y = (side[:, 0] for side in draw(pairs, 10_000))
    assert kstest(np.exp(x), gamma(pairs.shape).cdf).pvalue > 0.001
    assert kstest(np.exp(x + y), expon.cdf).pvalue > 0.001
    assert abs(np.corrcoef(x, x + y)[0, 1]) < 0.05


@pytest.mark.parametrize("information", [0.0, -1.0, math.inf, math.nan])
def test_refuses_information_that_is_none(information: float) -> None:
    with pytest.raises(UserError, match="give a positive number"):
        LogGammaExponential("wrong", information)
