"""Draw a study: estimators side by side, what was measured below each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from infomax.report.axis_limits import Limits, limits_of
from infomax.report.configurations import levels, trained
from infomax.report.layouts import Layout, Panel
from infomax.report.palette import NEUTRAL
from infomax.report.references import Reference, references
from infomax.report.traces import Trace, traces

__all__ = ["STYLE", "StudyFigure", "draw_study"]

STYLE: dict[Any, Any] = {
    # Text stays text in SVG; the fonts named are those of common systems.
    "svg.fonttype": "none",
    "svg.hashsalt": "infomax",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica", "sans-serif"],
    "font.size": 9.0,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#777777",
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
    # A name out of a records file may hold a dollar sign, which is not mathematics.
    "text.parse_math": False,
}
"""Settings of matplotlib under which a figure is drawn and saved."""

_MARKERS = ("o", "s", "^", "D", "P", "X")
_MOST_MARKERS = 8
_COLUMN_INCHES, _ROW_INCHES, _LEGEND_INCHES = 3.7, 2.9, 2.0


@dataclass(frozen=True)
class StudyFigure:
    """A drawn study.

    Attributes:
        figure: to be saved under ``STYLE``.
        layout: what it was drawn by.
        traces: everything drawn in it.
        off_axis: traces with points below the axis, which are marked at its edge.
    """

    figure: Figure
    layout: Layout
    traces: tuple[Trace, ...]
    off_axis: tuple[Trace, ...]


def draw_study(
    records: pd.DataFrame,
    layout: Layout,
    *,
    batch_size: int | None,
    colours: Mapping[str, str],
) -> StudyFigure:
    """Draw one study.

    Args:
        records: of the finished runs of one study, and of raw pixels.
        layout: of the study.
        batch_size: pairs in a batch; ``None`` if it is not recorded.
        colours: of the levels of the layout's coloured factor.
    """
    runs = trained(records)
    estimators = levels(runs, "estimator")
    rows, columns = len(layout.panels), len(estimators)
    drawn: list[Trace] = []
    off_axis: list[Trace] = []
    with matplotlib.rc_context(STYLE):
        figure = Figure(
            figsize=(_COLUMN_INCHES * columns + _LEGEND_INCHES, _ROW_INCHES * rows),
            layout="constrained",
        )
        grid = figure.subplots(rows, columns, sharex=True, sharey="row", squeeze=False)
        for row, panel in enumerate(layout.panels):
            in_row = [trace for each in panel.quantities for trace in traces(runs, layout, each)]
            read_by = {
                estimator: references(
                    panel, records, estimator, batch_size=batch_size, colours=colours
                )
                for estimator in estimators
            }
            markers = _markers(in_row)
            limits = limits_of(
                in_row, [each.value for lines in read_by.values() for each in lines], panel.floor
            )
            for column, estimator in enumerate(estimators):
                axes: Axes = grid[row, column]
                _draw_references(axes, read_by[estimator])
                for trace in in_row:
                    if trace.estimator == estimator:
                        _draw_trace(axes, trace, colours[trace.level], markers, limits)
                if row == 0:
                    axes.set_title(estimator, loc="left", fontweight="bold")
                if row == rows - 1:
                    axes.set_xlabel("Training steps")
            grid[row, 0].set_ylim(limits.low, limits.high)
            grid[row, 0].set_ylabel(panel.axis)
            _draw_legend(
                grid[row, columns - 1],
                panel,
                in_row,
                [each for lines in read_by.values() for each in lines],
                colours=colours,
                markers=markers,
                with_levels=row == 0,
            )
            drawn += in_row
            off_axis += [trace for trace in in_row if bool(limits.below(trace.mean).any())]
        _label_steps(grid[0, 0], drawn)
    return StudyFigure(figure, layout, tuple(drawn), tuple(off_axis))


def _draw_trace(
    axes: Axes, trace: Trace, colour: str, markers: Mapping[str, str], limits: Limits
) -> None:
    quantity = trace.quantity
    mean, below = limits.clipped(trace.mean), limits.below(trace.mean)
    axes.plot(
        trace.steps,
        mean,
        color=colour,
        linestyle=quantity.dashes,
        linewidth=quantity.width,
        marker=markers[trace.marker_label],
        markersize=4.5 if quantity.width > 1 else 3,
        markerfacecolor=colour if quantity.filled else "white",
        markeredgewidth=0.9,
        markevery=max(1, -(-len(trace.steps) // _MOST_MARKERS)),
    )
    if quantity.band:
        lower, upper = trace.band
        axes.fill_between(
            trace.steps,
            limits.clipped(lower),
            limits.clipped(upper),
            where=~below,
            color=colour,
            alpha=0.18,
            linewidth=0,
        )
    if below.any():
        axes.plot(
            trace.steps[below],
            np.full(int(below.sum()), limits.low),
            linestyle="none",
            marker="v",
            markersize=6,
            color=colour,
            markerfacecolor=colour if quantity.filled else "white",
            clip_on=False,
            zorder=5,
        )


def _draw_references(axes: Axes, lines: Iterable[Reference]) -> None:
    for line in lines:
        axes.axhline(
            line.value, color=line.colour, linestyle=line.dashes, linewidth=1.1, zorder=1.5
        )


def _draw_legend(
    axes: Axes,
    panel: Panel,
    in_row: Sequence[Trace],
    lines: Sequence[Reference],
    *,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    with_levels: bool,
) -> None:
    entries: dict[str, Line2D] = {}
    if with_levels:
        for trace in in_row:
            entries[trace.colour_label] = Line2D([], [], color=colours[trace.level], linewidth=3)
        for label, marker in markers.items():
            if label:
                entries[label] = Line2D(
                    [], [], color=NEUTRAL, linestyle="none", marker=marker, markersize=5
                )
    present = {trace.quantity for trace in in_row}
    for quantity in panel.quantities:
        if quantity in present:
            entries[quantity.label] = Line2D(
                [],
                [],
                color=NEUTRAL,
                linestyle=quantity.dashes,
                linewidth=quantity.width,
                marker="o",
                markersize=4,
                markerfacecolor=NEUTRAL if quantity.filled else "white",
            )
    for line in lines:
        entries.setdefault(
            line.label, Line2D([], [], color=line.colour, linestyle=line.dashes, linewidth=1.1)
        )
    axes.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0.0,
        handlelength=2.8,
        labelspacing=0.6,
    )


def _markers(in_row: Sequence[Trace]) -> dict[str, str]:
    labels = dict.fromkeys(trace.marker_label for trace in in_row)
    return {label: _MARKERS[place % len(_MARKERS)] for place, label in enumerate(labels)}


def _label_steps(axes: Axes, drawn: Sequence[Trace]) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    steps = {int(step) for trace in drawn for step in trace.steps}
    # One evaluated step has no width of its own.
    margin = 0.04 * (max(steps) - min(steps)) or 1.0
    axes.set_xlim(min(steps) - margin, max(steps) + margin)
