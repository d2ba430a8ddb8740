"""Independent series: near themselves, and apart from each other."""

import math

import numpy as np
import pytest
from scipy.stats import kstest, norm

from infomax.distributions import IndependentSeries
from infomax.errors import UserError

from .conftest import Draw


def test_rows_follow_the_last_one(draw: Draw) -> None:
    x, y = draw(IndependentSeries("example", 0.9), 20_000)
    for series in (x[:, 0], y[:, 0]):
        steps = (series[1:] - 0.9 * series[:-1]) / math.sqrt(1 - 0.9**2)
        assert kstest(steps, norm.cdf).pvalue > 0.001
        assert abs(np.corrcoef(steps[1:], steps[:-1])[0, 1]) < 0.03
        assert series.var() == pytest.approx(1, abs=0.15)


def test_the_two_share_nothing(draw: Draw) -> None:
    x, y = draw(IndependentSeries("example", 0.5), 20_000)
    assert abs(np.corrcoef(x[:, 0], y[:, 0])[0, 1]) < 4 * math.sqrt(1.25 / 0.75 / 20_000)
    assert IndependentSeries("example", 0.5).mutual_information == 0


@pytest.mark.parametrize("memory", [1.0, -1.0, math.nan])
def test_refuses_a_series_without_an_end_to_its_spread(memory: float) -> None:
    with pytest.raises(UserError, match="above -1 and below 1"):
        IndependentSeries("wrong", memory)
