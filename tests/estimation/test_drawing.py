"""An estimate as a figure: whatever the numbers are, they are drawn as they are."""

import math
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from infomax.estimation import Interval
from tests.estimation.test_result import result


def saved(figure: Figure) -> Figure:
    figure.savefig(BytesIO(), format="png")
    return figure


@pytest.mark.parametrize("interval", [(0.5, 0.6), (0.1, 0.2), (0.3, 0.3)])
def test_an_interval_beside_the_value_is_drawn_as_it_is(interval: tuple[float, float]) -> None:
    drawn = saved(result(value=0.4, interval=Interval(*interval), history=()).plot())
    lines = [np.asarray(line.get_ydata()).tolist() for line in drawn.axes[0].lines]
    assert list(interval) in lines
    assert [0.4] in lines


def test_an_interval_without_an_end_is_an_arrow_from_where_it_begins() -> None:
    drawn = saved(result(value=0.4, interval=Interval(0.3, math.inf), history=()).plot())
    arrow, tip = (line for line in drawn.axes[0].lines if line.get_marker() in ("_", "^"))
    assert np.asarray(arrow.get_ydata()).tolist() == pytest.approx([0.3, 0.5])
    assert np.asarray(tip.get_ydata()).tolist() == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("values", "bins"),
    [
        (0.1 + np.array([0.0, 1e-17, 2e-17, 1.5e-17] * 5), 1),
        (1e17 * (1 + np.array([0, 3e-16] * 10)), 1),
        (np.zeros(19), 1),
        (np.array([0.2, 0.3, math.inf, math.nan]), 30),
        (np.array([math.inf, math.nan]), 1),
        (np.linspace(0, 1, 99), 30),
    ],
)
def test_permuted_values_are_drawn_however_alike_they_are(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], bins: int
) -> None:
    estimate = result(null_values=values, history=())
    counts, edges = estimate.null_histogram()
    assert len(counts) == bins == len(edges) - 1
    assert counts.sum() == np.isfinite(values).sum()
    saved(estimate.plot())


@pytest.mark.parametrize(
    ("validation", "lowest"), [([math.nan, math.nan], 0.0), ([-math.inf, -0.5], -0.5)]
)
def test_training_that_failed_is_drawn_as_far_as_it_went(
    validation: list[float], lowest: float
) -> None:
    history = pd.DataFrame({"refit": 0, "step": [0, 10], "train": 1.0, "validation": validation})
    drawn = saved(result(history=history).plot())
    assert drawn.axes[-1].get_ylim()[0] == lowest
