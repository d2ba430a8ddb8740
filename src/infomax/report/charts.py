"""Charts of one idea each: values over updates, and errors of estimates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator
from numpy.typing import NDArray

from infomax.report.figure import STYLE
from infomax.report.page import inline_svg
from infomax.report.text import number, whole

__all__ = ["StepCurve", "draw_errors", "estimation_errors", "mean_absolute_errors", "step_chart"]

_INCHES = (4.1, 2.3)
_INK, _QUIET = "#000000", "#333333"
_MOST_MARKERS = 21
# Labels as near to each other as this share of the height would lie on each other.
_LABEL_HEIGHT = 0.085


@dataclass(frozen=True, eq=False)
class StepCurve:
    """One curve.

    Attributes:
        label: at its end.
        steps: ``(n,)``, at least one.
        heights: values at these steps, ``(n,)``, finite.
        colour: of the palette.
        low: lower ends of intervals, ``(n,)``; ``None`` where there are none.
        high: upper ends of intervals.
        dashes: style of the line.
    """

    label: str
    steps: NDArray[np.int64]
    heights: NDArray[np.float64]
    colour: str
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    dashes: str = "-"


def step_chart(
    curves: Sequence[StepCurve],
    *,
    name: str,
    title: str,
    levels: Sequence[tuple[str, float]] = (),
    marked_step: int | None = None,
) -> Markup:
    """Draw curves over updates, with levels across and a step that is marked.

    Args:
        curves: at least one.
        name: of the drawing, unique in the page.
        title: what is drawn, for those who cannot see it.
        levels: what lines across are, and their values.
        marked_step: update whose weights are used.
    """
    points: dict[str, Sequence[str]] = {}
    with matplotlib.rc_context({**STYLE, "font.size": 9.5}):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        if marked_step is not None:
            axes.axvline(marked_step, color="#777777", linewidth=0.8, linestyle=(0, (2, 2)))
        for place, curve in enumerate(curves):
            _draw_curve(axes, curve, f"points-{place}", points)
        for _, value in levels:
            axes.axhline(value, color=_QUIET, linewidth=1.0, linestyle=(0, (4, 2)))
        _label(axes, curves, levels)
        axes.set_xlabel("updates")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    return inline_svg(figure, name=name, title=title, points=points)


def _draw_curve(axes: Axes, curve: StepCurve, gid: str, points: dict[str, Sequence[str]]) -> None:
    has_band = curve.low is not None and curve.high is not None
    if curve.low is not None and curve.high is not None:
        axes.fill_between(
            curve.steps, curve.low, curve.high, color=curve.colour, alpha=0.16, linewidth=0
        )
    axes.plot(curve.steps, curve.heights, color=curve.colour, linestyle=curve.dashes, linewidth=1.6)
    every = max(1, -(-len(curve.steps) // _MOST_MARKERS))
    shown = np.arange(len(curve.steps) - 1, -1, -every)[::-1]
    axes.plot(
        curve.steps[shown],
        curve.heights[shown],
        linestyle="none",
        marker="o",
        markersize=3.4,
        color=curve.colour,
        gid=gid,
    )
    texts = []
    for place in shown:
        said = f"{curve.label}: {number(float(curve.heights[place]), 3)}"
        if has_band and curve.low is not None and curve.high is not None:
            ends = (number(float(each[place]), 3) for each in (curve.low, curve.high))
            said += f" [{', '.join(ends)}]"
        texts.append(f"{said} after {whole(int(curve.steps[place]))} updates")
    points[gid] = texts


def _label(axes: Axes, curves: Sequence[StepCurve], levels: Sequence[tuple[str, float]]) -> None:
    """Name lines at their right ends, moved apart where they would lie on each other."""
    low, high = axes.get_ylim()
    labels: list[tuple[float, str, str]] = [
        (float(curve.heights[-1]), curve.label, curve.colour) for curve in curves
    ]
    labels += [(value, text, _QUIET) for text, value in levels]
    labels.sort(key=lambda label: label[0])
    heights = [(value - low) / (high - low) for value, _, _ in labels]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + _LABEL_HEIGHT)
    # What was pushed out at the top comes back, and pushes what is below it.
    heights[-1:] = [min(each, 1.0) for each in heights[-1:]]
    for place in range(len(heights) - 2, -1, -1):
        heights[place] = min(heights[place], heights[place + 1] - _LABEL_HEIGHT)
    style: dict[str, Any] = {"va": "center", "ha": "left", "fontsize": 9.5}
    for height, (_, text, colour) in zip(heights, labels, strict=True):
        axes.text(1.02, height, text, color=colour, transform=axes.transAxes, **style)


def estimation_errors(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each estimate: task, method, seed, truth, estimate and error, in nats.

    Args:
        records: of a benchmark of estimates.
    """
    columns = ["dataset", "method", "seed"]
    values = records.pivot_table(
        index=columns, columns="metric", values="value", sort=False, dropna=False
    ).reset_index()
    table = values.rename(columns={"dataset": "task", "mutual_information": "truth"})
    table["error"] = table["estimate"] - table["truth"]
    return table[["task", "method", "seed", "truth", "estimate", "error"]]


def mean_absolute_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the mean absolute error over seeds, in nats: a row for each task, methods beside."""
    tasks, methods = (list(dict.fromkeys(errors[name])) for name in ("task", "method"))
    absolute = errors.assign(error=errors["error"].abs())
    means = absolute.pivot_table(index="task", columns="method", values="error", dropna=False)
    return means.reindex(index=tasks, columns=methods)


def draw_errors(errors: pd.DataFrame) -> Figure:
    """Draw the mean error over seeds as a heat map, blue where too low and red where too high.

    Args:
        errors: as ``estimation_errors`` returns them.
    """
    tasks, methods = (list(dict.fromkeys(errors[name])) for name in ("task", "method"))
    means = errors.pivot_table(index="task", columns="method", values="error", dropna=False)
    means = means.reindex(index=tasks, columns=methods)
    values = means.to_numpy()
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    with matplotlib.rc_context(STYLE):
        size = (3.6 + 0.9 * len(methods), 1.4 + 0.24 * len(tasks))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(values, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        axes.set_xticks(range(len(methods)), methods, rotation=30, ha="right")
        axes.set_yticks(range(len(tasks)), tasks)
        axes.grid(visible=False)
        for row, of_task in enumerate(values):
            for place, value in enumerate(of_task):
                shown = "-" if math.isnan(value) else f"{value:+.2f}"
                colour = "white" if abs(value) > 0.6 * largest else "black"
                axes.text(place, row, shown, ha="center", va="center", color=colour, fontsize=7)
        figure.colorbar(image, label="estimate less truth (nats)", shrink=0.6)
        axes.set_title("Error of the estimate, mean over seeds")
    return figure
