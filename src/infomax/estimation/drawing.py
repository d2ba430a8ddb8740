"""An estimate as a figure."""

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from infomax.estimation.result import MIResult
from infomax.information import joined

__all__ = ["draw_result"]

_ESTIMATE, _WITHOUT, _TRAIN = "#1f77b4", "#999999", "#ff7f0e"


def draw_result(result: MIResult, source: str = "") -> Figure:
    """Draw the estimate, the test for any dependence and, where there was any, the training.

    Args:
        result: to draw.
        source: what its columns are of, for the title.
    """
    panels: list[Callable[[Axes, MIResult], None]] = []
    if math.isfinite(result.value):
        panels.append(_draw_value)
    if len(result.null_values):
        panels.append(_draw_test)
    if len(result.history):
        panels.append(_draw_history)
    # Not by pyplot, which would keep every figure for ever.
    figure = Figure(figsize=(4 * max(len(panels), 1), 3.2), layout="constrained")
    for place, draw in enumerate(panels, start=1):
        draw(figure.add_subplot(1, len(panels), place), result)
    if not panels:
        words = figure.text(0.5, 0.5, result.reason, ha="center", va="center", wrap=True)
        words.set_parse_math(False)
    columns = f"{joined(result.x_columns)} with {joined(result.y_columns)}"
    figure.suptitle(f"{columns}, {source}" if source else columns, fontsize=11, parse_math=False)
    return figure


def _draw_value(axes: Axes, result: MIResult) -> None:
    # The interval as it is, which may be beside the value.
    axes.plot([0, 0], list(result.interval), marker="_", markersize=12, color=_ESTIMATE)
    axes.plot([0], [result.value], "o", color=_ESTIMATE)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlim(-1, 1)
    axes.set_xticks([])
    axes.set_ylabel("mutual information (nats)")
    at_least = "at least " if result.at_least else ""
    axes.set_title(
        f"{at_least}{result.value:.{result.decimals}f} nats {result.interval_told}\n"
        f"{result.method}",
        fontsize=10,
    )


def _draw_test(axes: Axes, result: MIResult) -> None:
    counts, edges = result.null_histogram()
    axes.stairs(counts, edges, fill=True, color=_WITHOUT, label="pairs permuted")
    axes.axvline(result.observed, color=_ESTIMATE, label="pairs as given")
    axes.set_xlabel("test statistic")
    axes.set_ylabel("permutations")
    axes.set_title(f"any dependence at all?\n{result.verdict}", fontsize=10)
    axes.legend(fontsize=8)


def _draw_history(axes: Axes, result: MIResult) -> None:
    for split, colour in (("train", _TRAIN), ("validation", _ESTIMATE)):
        curves = result.history.pivot_table(index="step", columns="refit", values=split)
        for place, refit in enumerate(curves.columns):
            label = split if place == 0 else None
            axes.plot(curves.index, curves[refit], color=colour, linewidth=1, label=label)
    axes.axhline(result.value, color="black", linewidth=0.8, linestyle="--", label="estimate")
    validation = result.history["validation"].to_numpy(float)
    axes.set_ylim(bottom=validation[np.isfinite(validation)].min(initial=0.0))
    axes.set_xlabel("updates")
    axes.set_ylabel("bound (nats)")
    axes.set_title("training of the refits", fontsize=10)
    axes.legend(fontsize=8)
