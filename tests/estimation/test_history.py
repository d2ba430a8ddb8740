"""The history of a series: of its own past as much as it remembers."""

import numpy as np
import pytest
from scipy.signal import lfilter

from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.history import choose_history


def _chosen(series: Array, *, discrete: bool = False, most: int = 4) -> int:
    size = len(series)
    now, *past = (
        [Column("y", series[most - lag : size - lag], discrete)] for lag in range(most + 1)
    )
    return choose_history(now, past)


@pytest.mark.parametrize(
    ("coefficients", "length"), [([0.0], 1), ([0.9], 1), ([0.3, 0.5], 2), ([0.2, 0.1, 0.5], 3)]
)
def test_an_autoregression_has_its_order(coefficients: list[float], length: int) -> None:
    found = []
    for seed in range(5):
        noise = np.random.default_rng(seed).standard_normal(1500)
        found.append(_chosen(lfilter([1], [1, *(-np.array(coefficients))], noise)))
    assert sorted(found)[2] == length
    assert min(found) == length


def test_a_curve_that_no_line_sees_is_remembered() -> None:
    noise = np.random.default_rng(0).standard_normal(2000)
    series = noise.copy()
    for row in range(2, len(series)):
        # Of the row before last, with which it hardly correlates.
        series[row] = abs(series[row - 2]) - 1 + noise[row]
    assert abs(np.corrcoef(series[2:], series[:-2])[0, 1]) < 0.3
    assert _chosen(series) == 2


@pytest.mark.parametrize("order", [1, 2])
def test_a_chain_has_its_order(order: int) -> None:
    generator = np.random.default_rng(0)
    series = np.zeros(2000)
    for row in range(2, len(series)):
        same = series[row - 1] if order == 1 else abs(series[row - 1] - series[row - 2])
        series[row] = same if generator.random() < 0.8 else 1 - same
    assert _chosen(series, discrete=True) == order
