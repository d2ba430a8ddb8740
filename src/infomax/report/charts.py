"""Charts that show one thing each: values over updates, an estimate, a ranking, errors."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator
from numpy.typing import NDArray

from infomax.information import NATS_OF, SIGNIFICANT, Interval, joined
from infomax.report.drawing import STYLE, spread
from infomax.report.page import inline_svg
from infomax.report.text import format_count, format_interval, format_number, shortened

if TYPE_CHECKING:
    import pandas as pd

    from infomax.estimation import MIResult

__all__ = [
    "StepCurve",
    "chart",
    "draw_amount",
    "draw_errors",
    "draw_null",
    "draw_ranking",
    "draw_steps",
]

_INCHES = (3.6, 2.7)
_INK, _QUIET, _GREY = "#000000", "#333333", "#777777"
_BLUE = "#0072b2"
_MOST_MARKERS = 21
# Labels as near to each other as this share of the height would lie on each other.
_LABEL_HEIGHT = 0.085


@contextmanager
def chart(inches: tuple[float, float] = _INCHES) -> Iterator[tuple[Figure, Axes]]:
    """Yield an empty chart, to draw on within a ``with`` block and to show in a page."""
    # Each text takes from the style, when it is made, that its dollar signs are no mathematics.
    with matplotlib.rc_context({**STYLE, "font.size": 9.5}):
        figure = Figure(figsize=inches, layout="constrained")
        yield figure, figure.add_subplot()


@dataclass(frozen=True, eq=False)
class StepCurve:
    """Values over updates.

    Attributes:
        label: at the end of the curve.
        steps: numbers of updates, ``(n,)``, at least one.
        heights: values after these, ``(n,)``, finite.
        colour: colour of the palette.
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

    def point_text(self, index: int) -> str:
        """Return one of its points in words."""
        value = format_number(float(self.heights[index]), 3)
        if self.low is not None and self.high is not None:
            value += f" {format_interval(float(self.low[index]), float(self.high[index]), 3)}"
        return f"{self.label}: {value} after {format_count(int(self.steps[index]))} updates"


def draw_steps(
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
        name: name of the drawing, unique in the page.
        title: what is drawn, for those who cannot see it.
        levels: what lines across are, and their values.
        marked_step: update whose weights are used.
    """
    points: dict[str, Sequence[str]] = {}
    with chart((4.1, 2.3)) as (figure, axes):
        if marked_step is not None:
            axes.axvline(marked_step, color=_GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        for index, curve in enumerate(curves):
            gid = f"points-{index}"
            points[gid] = [curve.point_text(each) for each in _draw_curve(axes, curve, gid)]
        for _, value in levels:
            axes.axhline(value, color=_QUIET, linewidth=1.0, linestyle=(0, (4, 2)))
        labels = [(float(curve.heights[-1]), curve.label, curve.colour) for curve in curves]
        _write_at_ends(axes, [*labels, *((value, text, _QUIET) for text, value in levels)])
        axes.set_xlabel("updates")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    return inline_svg(figure, name=name, title=title, points=points)


def _draw_curve(axes: Axes, curve: StepCurve, gid: str) -> Sequence[int]:
    """Draw a curve with its band, and return the indices of the points that are marked."""
    steps, heights, colour = curve.steps, curve.heights, curve.colour
    if curve.low is not None and curve.high is not None:
        axes.fill_between(steps, curve.low, curve.high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(steps, heights, color=colour, linestyle=curve.dashes, linewidth=1.6)
    every = max(1, -(-len(steps) // _MOST_MARKERS))
    marked = range(len(steps) - 1, -1, -every)[::-1]
    axes.plot(steps[marked], heights[marked], "o", markersize=3.4, color=colour, gid=gid)
    return marked


def _write_at_ends(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Name lines at their right ends, moved apart where they would lie on each other."""
    low, high = axes.get_ylim()
    wanted = np.array([(value - low) / (high - low) for value, _, _ in labels])
    for height, (_, text, colour) in zip(spread(wanted, _LABEL_HEIGHT), labels, strict=True):
        axes.text(1.02, height, text, color=colour, transform=axes.transAxes, va="center")


def draw_amount(result: "MIResult", unit: str) -> Markup:
    """Draw an estimate with its interval, beside all that y holds where that is known."""
    scale = NATS_OF[unit]
    value, low, high = (each / scale for each in (result.value, *result.interval))
    held = result.entropy_of_y / scale
    with chart() as (figure, axes):
        axes.barh([0], [value], height=0.5, color=_BLUE, alpha=0.75)
        _draw_interval(axes, Interval(low, high), value, row=0, size=10)
        names = ["shared"]
        if not math.isnan(held):
            axes.barh([1], [held], height=0.5, color=_GREY, alpha=0.45)
            names.append(shortened(f"all of {joined(result.y_columns)}"))
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(-0.9, len(names) - 0.1)
        axes.set_xlim(left=0)
        axes.set_xlabel(unit)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.grid(visible=False, axis="y")
    return inline_svg(figure, name="amount", title=result.answer(unit))


def _draw_interval(axes: Axes, interval: Interval, value: float, *, row: int, size: int) -> None:
    """Draw an interval as it is, which may be beside the value; without an end, as an arrow."""
    low, high = interval
    open_ended = math.isinf(high)
    end = value + max(value - low, 0.06 * value) if open_ended else high
    axes.plot([low, end], [row, row], color=_INK, linewidth=1.1)
    for at, marker in ((low, "|"), (end, ">" if open_ended else "|")):
        axes.plot([at], [row], marker=marker, markersize=size, color=_INK)


def draw_null(result: "MIResult") -> Markup:
    """Draw the dependence of the pairs beside that of pairs that were shuffled."""
    with chart() as (figure, axes):
        counts, edges = result.null_histogram()
        axes.stairs(counts, edges, fill=True, color=_GREY, alpha=0.6)
        axes.axvline(result.observed, color=_BLUE, linewidth=1.8)
        axes.text(
            result.observed,
            1.02,
            "pairs as they are",
            color=_BLUE,
            ha="center",
            transform=axes.get_xaxis_transform(),
        )
        axes.set_xlabel("measure of dependence")
        axes.set_ylabel("shuffles")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(nbins=5))
    return inline_svg(figure, name="test", title=f"Test for any dependence: {result.verdict}")


def draw_ranking(bars: "pd.DataFrame", unit: str) -> Markup:
    """Draw a bar for each column of a ranking, the largest on top; infinite ones are cut.

    Args:
        bars: rows of a table of `infomax.rank_columns`.
        unit: unit that amounts are told in.
    """
    scale = NATS_OF[unit]
    finite = bars["value_nats"][bars["value_nats"] < math.inf]
    most = float(finite.max()) if len(finite) and finite.max() > 0 else scale
    points: dict[str, Sequence[str]] = {}
    with chart((4.6, 0.7 + 0.22 * len(bars))) as (figure, axes):
        for index, (name, row) in enumerate(bars.iterrows()):
            value, p_value = float(row["value_nats"]), row["corrected_p_value"]
            end = min(value, most) / scale
            colour = _BLUE if p_value <= SIGNIFICANT or math.isnan(p_value) else _GREY
            axes.barh([index], [end], height=0.62, color=colour, alpha=0.7)
            text = f"{name}: infinite"
            if math.isfinite(value):
                of_row = Interval(float(row["low_nats"]), float(row["high_nats"]))
                of_row = Interval(*(each / scale for each in of_row))
                _draw_interval(axes, of_row, value / scale, row=index, size=5)
                shown = f"{value / scale:z.{of_row.decimals}f}"
                text = f"{name}: {shown} {unit} {of_row.told(unit)}"
            else:
                axes.text(end, index, " ∞", va="center", ha="left")
            points[f"unseen-{index}"] = [text]
            axes.plot([end], [index], "o", markersize=2.5, color=_INK, gid=f"unseen-{index}")
        axes.set_yticks(range(len(bars)), [shortened(str(name)) for name in bars.index])
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(unit)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.grid(visible=False, axis="y")
    title = f"Columns by the {unit} that they share, the largest first"
    return inline_svg(figure, name="ranking", title=title, points=points)


def draw_errors(means: "pd.DataFrame") -> Figure:
    """Draw errors as a heat map, blue where too low and red where too high.

    Args:
        means: mean error of estimates in nats, a row for each task and a column for each method.
    """
    values = means.to_numpy()
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0)) or 1.0
    with matplotlib.rc_context(STYLE):
        size = (3.6 + 0.9 * len(means.columns), 1.4 + 0.24 * len(means))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(values, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
        axes.set_xticks(range(len(means.columns)), list(means.columns), rotation=30, ha="right")
        axes.set_yticks(range(len(means)), list(means.index))
        axes.grid(visible=False)
        for (row, column), value in np.ndenumerate(values):
            text = "-" if math.isnan(value) else f"{value:+z.2f}"
            colour = "white" if abs(value) > 0.6 * largest else "black"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=7)
        figure.colorbar(image, label="estimate less truth (nats)", shrink=0.6)
        axes.set_title("Error of the estimate, mean over seeds")
    return figure
