"""Draw a figure: estimators or panels side by side, each with what it is read by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
    StrMethodFormatter,
)

from infomax.report import legends
from infomax.report.axis_limits import Limits, limits_of, logarithmic_limits_of
from infomax.report.configurations import levels, trained
from infomax.report.drawing import draw_fan, draw_references, draw_trace, markers_of
from infomax.report.formatting import power_of_ten
from infomax.report.layouts import Layout
from infomax.report.names import level_name
from infomax.report.panels import Panel
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

_COLUMN_INCHES, _ROW_INCHES, _LEGEND_INCHES = 3.7, 2.9, 2.0
_PANEL_INCHES, _PANEL_ROW_INCHES = 3.3, 3.9
_SPACED = {"wspace": 0.08}


@dataclass
class StudyFigure:
    """A figure, and what is drawn in it.

    Attributes:
        figure: to be saved under ``STYLE``.
        layout: what it is drawn by.
        traces: every curve and edge of an area.
        references: every horizontal line.
        off_axis: traces with points below the axis, which are marked at its edge.
    """

    figure: Figure
    layout: Layout
    traces: list[Trace] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    off_axis: list[Trace] = field(default_factory=list)


def draw_study(
    records: pd.DataFrame,
    layout: Layout,
    *,
    batch_size: int | None,
    colours: Mapping[str, str],
) -> StudyFigure:
    """Draw one figure.

    Args:
        records: of the finished runs of the figure, and of raw pixels.
        layout: of the figure.
        batch_size: pairs in a batch; ``None`` if it is not recorded.
        colours: of the levels of the layout's coloured factor.
    """
    with matplotlib.rc_context(STYLE):
        drawn = StudyFigure(Figure(layout="constrained"), layout)
        rows = _rows(drawn.figure, records, layout, batch_size=batch_size, colours=colours)
        for row in rows:
            limits = _draw_row(row, colours)
            _draw_legends(drawn, row, colours)
            drawn.traces += row.traces
            drawn.references += [line for cell in row.cells for line in cell.references]
            drawn.off_axis += [each for each in row.traces if bool(limits.below(each.mean).any())]
        _label_steps(drawn, rows)
    return drawn


@dataclass(frozen=True)
class _Cell:
    """One pair of axes.

    Attributes:
        axes: to draw on.
        estimators: what is drawn on them.
        references: horizontal lines on them.
    """

    axes: Axes
    estimators: tuple[str, ...]
    references: list[Reference]


@dataclass(frozen=True)
class _Row:
    """One panel, on the axes that share its vertical axis.

    Attributes:
        panel: what is drawn.
        cells: one for each estimator, or one for all.
        traces: of all of them.
    """

    panel: Panel
    cells: tuple[_Cell, ...]
    traces: list[Trace]


def _rows(
    figure: Figure,
    records: pd.DataFrame,
    layout: Layout,
    *,
    batch_size: int | None,
    colours: Mapping[str, str],
) -> list[_Row]:
    runs = trained(records)
    estimators = tuple(levels(runs, "estimator"))
    apart = [(each,) for each in estimators] if layout.columns == "estimators" else [estimators]
    rows = []
    for panel, all_axes in zip(layout.panels, _axes(figure, layout, estimators), strict=True):
        cells = tuple(
            _Cell(
                axes,
                those,
                references(panel, records, those, batch_size=batch_size, colours=colours),
            )
            for axes, those in zip(all_axes, apart, strict=True)
        )
        curves = [each for quantity in panel.everything for each in traces(runs, layout, quantity)]
        rows.append(_Row(panel, cells, curves))
    return rows


def _axes(figure: Figure, layout: Layout, estimators: Sequence[str]) -> list[list[Axes]]:
    """Return the axes of each panel, empty but for their titles."""
    panels = len(layout.panels)
    if layout.columns == "panels":
        figure.set_size_inches(_PANEL_INCHES * max(panels, 2), _PANEL_ROW_INCHES)
        (only,) = figure.subplots(1, panels, sharex=True, squeeze=False, gridspec_kw=_SPACED)
        for letter, axes in zip(ascii_lowercase, only, strict=False):
            axes.set_title(letter, loc="left", fontweight="bold")
        return [[axes] for axes in only]
    columns = len(estimators)
    figure.set_size_inches(_COLUMN_INCHES * columns + _LEGEND_INCHES, _ROW_INCHES * panels)
    grid = figure.subplots(panels, columns, sharex=True, sharey="row", squeeze=False)
    for axes, estimator in zip(grid[0], estimators, strict=True):
        axes.set_title(level_name("estimator", estimator), loc="left", fontweight="bold")
    return [list(row) for row in grid]


def _draw_row(row: _Row, colours: Mapping[str, str]) -> Limits:
    panel, markers = row.panel, markers_of(row.traces)
    if panel.logarithmic:
        limits = logarithmic_limits_of(row.traces)
    else:
        lines = [line.value for cell in row.cells for line in cell.references]
        limits = limits_of(row.traces, lines, panel.floor)
    for cell in row.cells:
        draw_references(cell.axes, cell.references)
        own = [each for each in row.traces if each.estimator in cell.estimators]
        for fan in panel.fans:
            draw_fan(cell.axes, fan, own, colours, limits)
        for trace in own:
            if trace.quantity in panel.quantities:
                draw_trace(cell.axes, trace, colours[trace.level], markers, limits)
        if limits.logarithmic:
            _scale_by_decades(cell.axes)
    first = row.cells[0].axes
    first.set_ylim(limits.low, limits.high)
    first.set_ylabel(panel.axis)
    return limits


def _scale_by_decades(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_minor_locator(NullLocator())
    # Matplotlib would write exponents as mathematics, which names are kept from.
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def _draw_legends(drawn: StudyFigure, row: _Row, colours: Mapping[str, str]) -> None:
    side_by_side = drawn.layout.columns == "panels"
    # An estimator with a column of its own is named above it.
    named = drawn.layout.colour == "estimator" and not side_by_side
    entries: legends.Entries = {}
    if row.panel is drawn.layout.panels[0]:
        entries = legends.configuration_entries(
            row.traces, colours={} if named else colours, markers=markers_of(row.traces)
        )
    lines = [line for cell in row.cells for line in cell.references]
    of_lines = legends.line_entries(row.panel, row.traces, lines)
    axes = row.cells[-1].axes
    if not side_by_side:
        legends.beside(axes, {**entries, **of_lines})
        return
    if entries:
        legends.on_top(drawn.figure, entries)
    legends.below(axes, of_lines)


def _label_steps(drawn: StudyFigure, rows: Sequence[_Row]) -> None:
    side_by_side = drawn.layout.columns == "panels"
    lowest = [row.cells[0] for row in rows] if side_by_side else rows[-1].cells
    for cell in lowest:
        cell.axes.set_xlabel("Training steps")
    axes = rows[0].cells[0].axes
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4 if side_by_side else 5, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    steps = {int(step) for trace in drawn.traces for step in trace.steps}
    # One evaluated step has no width of its own.
    margin = 0.04 * (max(steps) - min(steps)) or 1.0
    axes.set_xlim(min(steps) - margin, max(steps) + margin)
