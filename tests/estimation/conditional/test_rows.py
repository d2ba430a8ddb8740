"""Rows in time with a condition: what the condition leaves is moved, and blocks of it are drawn."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter

from infomax import estimate_mi
from infomax.distributions.conditional_cells import draw_cell
from infomax.estimation.arrays import Array
from infomax.estimation.conditional.counts import StrataCounts
from infomax.estimation.result import MIResult
from infomax.estimation.rows import RowsInTime


def _estimate(*sides: Any, **settings: Any) -> MIResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimate_mi(*sides, **settings)


def _slow(memory: float, size: int, seed: int) -> Array:
    noise = np.random.default_rng(seed).standard_normal((3, size))
    noise[:, 1:] *= math.sqrt(1 - memory**2)
    series: Array = lfilter([1], [1, -memory], noise)
    return series


def test_slow_series_that_share_nothing_beyond_a_third_are_not_called_dependent() -> None:
    small = {"rows": 0, None: 0}
    for seed in range(10):
        x, y, z = _slow(0.95, 1000, seed)
        for order in ("rows", None):
            settings = {"method": "gaussian", "given": z, "order": order, "permutations": 39}
            small[order] += _estimate(x + z, y + z, **settings).p_value < 0.05
    # Taken for independent, rows near in time make nearly all of them dependent.
    assert small["rows"] <= 2
    assert small[None] >= 7


@pytest.mark.parametrize("kinds", ["continuous", "discrete x", "discrete", "all discrete"])
def test_rows_of_any_kind_are_tested_in_time(kinds: str) -> None:
    x, y, z = _slow(0.8, 1000, 3)
    if kinds == "all discrete":
        x, y, z = (np.digitize(each, [-0.5, 0.5]) for each in (x, y, z))
    sides = [[x + z, y + z], [x + z, 0.7 * x + 0.7 * y + z]]
    for (of_x, of_y), dependent in zip(sides, (False, True), strict=True):
        first, second = of_x, of_y
        if kinds == "all discrete":
            first, second = x, (np.where(np.arange(1000) % 2, x, y) if dependent else y)
        elif kinds != "continuous":
            first = (of_x > 0).astype(int)
            second = (of_y > 0).astype(int) if kinds == "discrete" else of_y
        result = _estimate(first, second, given=z, order="rows", permutations=39)
        assert (result.p_value < 0.05) == dependent


def test_critics_test_and_draw_again_in_time() -> None:
    series = np.column_stack([_slow(0.5, 600, seed).T for seed in range(3)])
    x, y, z = series[:, :3], series[:, 3:6], series[:, 6:]
    settings = {"method": "infonce", "given": z, "order": "rows", "permutations": 39}
    result = _estimate(x + z, x + y + z, **settings)
    # 3 log 2 / 2 nats, of which critics read less.
    assert result.p_value < 0.05
    assert 0.3 < result.value < 1.5 * math.log(2)
    assert 0 < result.interval.low < result.value
    assert result.interval.high == math.inf


def test_independent_rows_in_order_are_read_as_they_are_without_one() -> None:
    cell = draw_cell("continuous-continuous", "continuous", "moderate", 800, seed=0)
    settings = {"method": "mixed-ksg-1", "given": cell.given, "permutations": 19}
    ordered, plain = (_estimate(cell.x, cell.y, order=each, **settings) for each in ("rows", None))
    assert ordered.value == plain.value
    assert ordered.interval.width == pytest.approx(plain.interval.width, rel=0.5)


def test_counts_in_time_are_those_of_rows_that_each_stand_for_several() -> None:
    generator = np.random.default_rng(0)
    x, y, z = generator.integers(2, size=(3, 500))
    once, often = (StrataCounts(*(np.repeat(each, n) for each in (x, y, z))) for n in (1, 8))
    remembers = RowsInTime(8, np.full(16, 0.2), 4.0)
    value, interval = often.in_time(once.information("plug-in"), remembers, 0.95)
    # Two degrees of freedom, one in each stratum; 4,000 rows are worth 4,000 / 7.4.
    correction = 1 / remembers.worth(4000) - 1 / 4000
    assert value == pytest.approx(once.information("plug-in") - correction)
    assert interval.low < value < interval.high
