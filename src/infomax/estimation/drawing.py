"""Panels of an estimate's figure: the value, the test for any dependence, and the training."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from infomax.estimation.arrays import Array, Indices
from infomax.information import Interval

__all__ = ["draw_curve", "draw_panels", "draw_test", "draw_training", "draw_value"]

_ESTIMATE, _WITHOUT, _TRAIN = "#1f77b4", "#999999", "#ff7f0e"


def draw_panels(panels: Sequence[Callable[[Axes], None]], title: str, instead: str) -> Figure:
    """Draw panels beside each other.

    Args:
        panels: each draws on axes of its own.
        title: above all of them.
        instead: words that stand where there is no panel.
    """
    # Not by pyplot, which would keep every figure for ever.
    figure = Figure(figsize=(4 * max(len(panels), 1), 3.2), layout="constrained")
    for index, draw in enumerate(panels, start=1):
        draw(figure.add_subplot(1, len(panels), index))
    if not panels:
        words = figure.text(0.5, 0.5, instead, ha="center", va="center", wrap=True)
        words.set_parse_math(False)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def draw_value(axes: Axes, value: float, interval: Interval, title: str) -> None:
    """Draw an estimate and its interval, in nats."""
    # The interval as it is, which may be beside the value. One without an end is an arrow.
    low, high = interval
    if np.isfinite(high):
        axes.plot([0, 0], [low, high], marker="_", markersize=12, color=_ESTIMATE)
    else:
        top = value + max(value - low, 0.1 * abs(value), 0.01)
        axes.plot([0, 0], [low, top], marker="_", markevery=[0], markersize=12, color=_ESTIMATE)
        axes.plot([0], [top], marker="^", markersize=8, color=_ESTIMATE)
    axes.plot([0], [value], "o", color=_ESTIMATE)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlim(-1, 1)
    axes.set_xticks([])
    axes.set_ylabel("mutual information (nats)")
    axes.set_title(title, fontsize=10)


def draw_test(axes: Axes, counts: Indices, edges: Array, observed: float, verdict: str) -> None:
    """Draw a histogram of the statistic of permuted pairs, and that of the pairs as given."""
    axes.stairs(counts, edges, fill=True, color=_WITHOUT, label="pairs permuted")
    axes.axvline(observed, color=_ESTIMATE, label="pairs as given")
    axes.set_xlabel("test statistic")
    axes.set_ylabel("permutations")
    axes.set_title(f"any dependence at all?\n{verdict}", fontsize=10)
    axes.legend(fontsize=8)


def draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """Draw the estimate against the number of pairs that it was made from."""
    axes.plot(curve["pairs"], curve["value"], "o-", color=_ESTIMATE)
    axes.set_xscale("log", base=2)
    axes.set_xticks(curve["pairs"], [f"{pairs:,}" for pairs in curve["pairs"]])
    axes.minorticks_off()
    axes.set_xlabel("pairs")
    axes.set_ylabel("estimate (nats)")
    axes.set_title("does it still rise with more pairs?", fontsize=10)


def draw_training(axes: Axes, history: pd.DataFrame, value: float) -> None:
    """Draw the bound of each refit on its training and validation pairs, beside the estimate."""
    for split, colour in (("train", _TRAIN), ("validation", _ESTIMATE)):
        curves = history.pivot_table(index="step", columns="refit", values=split)
        for index, refit in enumerate(curves.columns):
            label = split if index == 0 else None
            axes.plot(curves.index, curves[refit], color=colour, linewidth=1, label=label)
    axes.axhline(value, color="black", linewidth=0.8, linestyle="--", label="estimate")
    validation = history["validation"].to_numpy(float)
    axes.set_ylim(bottom=validation[np.isfinite(validation)].min(initial=0.0))
    axes.set_xlabel("updates")
    axes.set_ylabel("bound (nats)")
    axes.set_title("training of the refits", fontsize=10)
    axes.legend(fontsize=8)
