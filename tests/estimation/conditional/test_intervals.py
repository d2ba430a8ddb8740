import warnings

import numpy as np
import pytest

from infomax import estimate_mi
from infomax.distributions.conditional_cells import draw_cell
from infomax.estimation.arrays import Array
from infomax.estimation.conditional.intervals import error_left, interval_with_error_left
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask
from infomax.information import Interval

_SAMPLES = read_samples(np.arange(60.0), np.arange(60.0))
_TASK = EstimationTask(_SAMPLES, EstimationSettings(neighbours=5))


@pytest.mark.parametrize(("size", "parts"), [(400, 4), (36, 2)])
def test_an_error_that_falls_with_the_root_of_the_rows_is_told_in_full(
    size: int, parts: int
) -> None:
    sizes = set()

    def estimate(x: Array, _y: Array, _given: Array) -> float:
        sizes.add(len(x))
        return float(1.0 - 2.0 / np.sqrt(len(x)))

    points = tuple(np.zeros((3, size, 1)))
    value = 1.0 - 2.0 / np.sqrt(size)
    left = error_left(estimate, points, value, _TASK, np.random.default_rng(0))  # type: ignore[arg-type]
    assert sizes == {size // parts}
    assert left == pytest.approx(2.0 / np.sqrt(size))


def test_of_too_few_rows_nothing_is_told_to_be_left() -> None:
    points = tuple(np.zeros((3, 19, 1)))
    left = error_left(lambda *_: 9.0, points, 1.0, _TASK, np.random.default_rng(0))  # type: ignore[arg-type]
    assert left == 0


def test_only_the_side_of_the_error_is_longer() -> None:
    interval = Interval(0.9, 1.1)
    assert tuple(interval_with_error_left(interval, 1.0, 0.0)) == pytest.approx((0.9, 1.1))
    assert tuple(interval_with_error_left(interval, 1.0, -1.0)) == pytest.approx(
        (1.0 - np.hypot(0.1, 1.0), 1.1)
    )


def test_intervals_hold_strong_dependence_that_neighbours_read_too_low() -> None:
    held, above = [], []
    for seed in range(6):
        cell = draw_cell("discrete-continuous", "continuous", "strong", 500, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = estimate_mi(cell.x, cell.y, given=cell.given, permutations=0)
        held.append(cell.truth in result.interval)
        above.append(cell.truth - result.value)
    # All of them read too low, by more than their terms scatter.
    assert min(above) > 0.03
    assert sum(held) >= 5
