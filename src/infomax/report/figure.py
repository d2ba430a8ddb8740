"""The drawing of a study's figure, its caption, and its files."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from infomax.report.drawing import (
    LABEL_LINE,
    LEAST_LABELS,
    LEFT,
    STYLE,
    Label,
    Points,
    Rectangle,
    add_axes,
    draw_fan,
    draw_references,
    draw_trace,
    label_width,
    markers_of,
    name_axes,
    save_picture,
    scale_by_decades,
    write_labels,
)
from infomax.report.study_figure import Cell, Plane, Reference, StudyFigure
from infomax.report.text import format_count, format_number
from infomax.report.traces import Limits
from infomax.whole_file import written_whole

__all__ = [
    "FigureFiles",
    "alternative_text",
    "caption",
    "draw_cell",
    "draw_figure",
    "save_figure",
]

# In points.
_WIDTH, _HEIGHT = 320.0, 150.0
_TOP, _BOTTOM, _TITLE = 22.0, 34.0, 18.0


def draw_figure(drawn: StudyFigure) -> Figure:
    """Draw all cells of a figure side by side, to be saved under ``STYLE``."""
    labels = [_labels(cell) for cell in drawn.cells]
    beside = label_width([label for of_cell in labels for label in of_cell])
    columns = drawn.columns
    rows = [range(first, first + columns) for first in range(0, len(labels), columns)]
    width = _WIDTH + beside - LEAST_LABELS
    heights = [max(_height(labels[index]) for index in row) for row in rows]
    tall = [height + _TOP + _BOTTOM + _TITLE for height in heights]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(columns * width / 72, sum(tall) / 72))
        for row, height in enumerate(heights):
            bottom = sum(tall[row + 1 :]) + _BOTTOM
            for column, index in enumerate(rows[row]):
                left = column * width + LEFT
                at = Rectangle(left, bottom, width - LEFT - beside, height)
                _draw(figure, drawn.cells[index], at, labels[index], seeds=False)
    return figure


def draw_cell(cell: Cell | Plane, *, height: float = _HEIGHT) -> tuple[Figure, Points]:
    """Draw one cell by itself, with a line for each seed beside the means.

    Args:
        cell: what to draw; of two quantities against each other, a point for each configuration.
        height: height of its axes, in points, if its labels need no more.

    Returns:
        The figure, and what each of its points is.
    """
    if isinstance(cell, Plane):
        return _draw_plane(cell, height)
    labels = _labels(cell)
    above = _TOP + (_TITLE if cell.title else 0.0)
    high = height if len(labels) * LABEL_LINE <= height else max(height, _height(labels))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH / 72, (high + above + _BOTTOM) / 72))
        at = Rectangle(LEFT, _BOTTOM, _WIDTH - LEFT - label_width(labels), high)
        points = _draw(figure, cell, at, labels, seeds=True)
    return figure, points


def _draw(
    figure: Figure, cell: Cell, at: Rectangle, labels: Sequence[Label], *, seeds: bool
) -> Points:
    axes = add_axes(figure, at)
    limits, colours = cell.limits, cell.colours
    draw_references(axes, cell.references)
    for fan in cell.panel.fans:
        draw_fan(axes, fan, cell.traces, colours, limits)
    markers = markers_of(cell.lines)
    points: Points = {}
    for trace in cell.lines:
        marker = markers[trace.marker_label]
        points |= draw_trace(axes, trace, colours[trace.level], marker, limits, seeds=seeds)
    if limits.logarithmic:
        scale_by_decades(axes)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_ylim(limits.low, limits.high)
    axes.set_title(cell.title, loc="left", fontweight="bold", fontsize=11, pad=_TITLE + 4)
    name_axes(axes, at, cell.panel.axis, "Training steps")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:z,.0f}"))
    steps = [int(step) for trace in cell.traces for step in trace.steps] or [0]
    # One evaluated step has no width of its own.
    margin = 0.03 * (max(steps) - min(steps)) or 1.0
    axes.set_xlim(min(steps) - margin, max(steps) + margin)
    write_labels(axes, labels, limits, at)
    return points


def _draw_plane(plane: Plane, height: float) -> tuple[Figure, Points]:
    """Draw a point for the mean of each configuration, and a small one for each seed."""
    cell, pairs = plane.cell, plane.pairs
    seeds = [
        tuple([float(values[-1]) for _, values in trace.single] for trace in pair) for pair in pairs
    ]
    floor = -math.inf if plane.across.floor is None else plane.across.floor
    low, high = _ends(x for xs, _ in seeds for x in xs if x >= floor)
    lines = {line.label: line for line in cell.references}
    limits = Limits(
        *_ends([*(y for _, ys in seeds for y in ys), *(line.value for line in lines.values())])
    )
    labels = [
        Label(
            ", ".join(part for part in (up.short_label, up.marker_label) if part),
            float(up.mean[-1]),
            cell.colours[up.level],
            min(max(float(across.mean[-1]), low), high),
        )
        for across, up in pairs
    ]
    labels += _labels_across(cell.references)
    points: Points = {}
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH / 72, (height + _TOP + _BOTTOM) / 72))
        at = Rectangle(LEFT, _BOTTOM, _WIDTH - LEFT - label_width(labels), height)
        axes = add_axes(figure, at)
        draw_references(axes, lines.values())
        for (_, up), (xs, ys) in zip(pairs, seeds, strict=True):
            colour = cell.colours[up.level]
            axes.plot(np.clip(xs, low, high), ys, ".", color=colour, alpha=0.45, ms=4)
        markers = markers_of(up for _, up in pairs)
        for index, (across, up) in enumerate(pairs):
            x, y, gid = float(across.mean[-1]), float(up.mean[-1]), f"points-{index}"
            shape = markers[up.marker_label] if x >= low else "<"
            axes.plot([max(x, low)], [y], shape, color=cell.colours[up.level], ms=7, gid=gid)
            points[gid] = [
                f"{up.colour_label}: {format_number(x, 2)} nats, accuracy {format_number(y, 4)} "
                f"after {format_count(int(up.steps[-1]))} steps (mean of {int(up.seeds[-1])} seeds)"
            ]
        axes.set_xlim(low, high)
        axes.set_ylim(limits.low, limits.high)
        named = f", {cell.title}" if len(cell.title) > 1 else ""
        name_axes(axes, at, cell.panel.axis + named, f"{plane.across.axis}, after training")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        write_labels(axes, labels, limits, at)
    return figure, points


def _ends(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of an axis that shows all finite values, with some room."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    room = 0.1 * (max(finite) - min(finite)) or 0.5
    return min(finite) - room, max(finite) + room


def _labels(cell: Cell) -> list[Label]:
    """Return a label for each line of a cell that can be seen."""
    lines = cell.lines
    several = len({each.level for each in lines}) > 1
    alone = len({each.quantity for each in lines}) == 1
    unnamed = alone and not cell.title
    labels = []
    for trace in lines:
        seen = np.flatnonzero(~np.isnan(trace.mean))
        if not len(seen):
            continue
        last = int(seen[-1])
        # A line that is alone has the name of what was trained; of two, each that of what it is.
        parts = [
            trace.short_label if several or unnamed else "",
            trace.marker_label,
            "" if alone else trace.quantity.beside,
        ]
        text = ", ".join(part for part in parts if part) or trace.quantity.label
        labels.append(
            Label(text, float(trace.mean[last]), cell.colours[trace.level], int(trace.steps[last]))
        )
    return labels + _labels_across(cell.references)


def _labels_across(references: Iterable[Reference]) -> list[Label]:
    lines = {line.label: line for line in references}
    return [Label(text, line.value, line.colour, None) for text, line in lines.items()]


def _height(labels: Sequence[Label]) -> float:
    return max(_HEIGHT, len(labels) * LABEL_LINE)


def alternative_text(name: str, cell: Cell | Plane) -> str:
    """Return a sentence that tells those who cannot see a cell what it shows.

    The numbers themselves stand in a table of their own.
    """
    traces = [up for _, up in cell.pairs] if isinstance(cell, Plane) else cell.lines
    labels = ", ".join(dict.fromkeys(trace.colour_label for trace in traces))
    if isinstance(cell, Plane):
        return (
            f"{name}, points: {cell.cell.panel.axis} against {cell.across.axis} after all training "
            f"steps, for {labels}. The values stand in the table of final numbers."
        )
    titled = f", {cell.title}" if len(cell.title) > 1 else ""
    return (
        f"{name}{titled}, line chart: {cell.panel.axis} against training steps; a line each for "
        f"{labels}. The final values stand in the table of final numbers."
    )


def caption(drawn: StudyFigure) -> str:
    """Return sentences on how to read a figure, and on what it leaves out."""
    present = {trace.quantity for trace in drawn.traces}
    sentences = [
        _averages(drawn),
        *(panel.reading for panel in drawn.layout.panels if present.issuperset(panel.quantities)),
        _off_axis(drawn),
        *_lines_across(drawn),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _averages(drawn: StudyFigure) -> str:
    seeds = sorted({int(count) for trace in drawn.traces for count in trace.seeds})
    if seeds == [1]:
        return "Each line is one seed."
    counted = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    return (
        f"Lines are means over {counted} seeds; bands are one standard deviation over seeds to "
        "either side."
    )


def _off_axis(drawn: StudyFigure) -> str:
    if not drawn.off_axis:
        return ""
    lowest = min(drawn.off_axis, key=lambda trace: float(np.nanmin(trace.mean)))
    # The layout's own factors name the trace; its bound is the column it would be in.
    names = [
        lowest.colour_label,
        lowest.marker_label,
        lowest.bound_label,
        lowest.quantity.label,
    ]
    where = ", ".join(dict.fromkeys(name for name in names if name))
    return (
        "The vertical axis is cut: a triangle at its lower edge marks a mean that lies below it, "
        f"the lowest at {format_number(float(np.nanmin(lowest.mean)), 1)} ({where})."
    )


def _lines_across(drawn: StudyFigure) -> list[str]:
    kinds = {line.kind for line in drawn.references}
    sentences = []
    if "target" in kinds:
        sentences.append("Dotted: the value that the bound is held at.")
    if "ceiling" in kinds:
        names = " and ".join(dict.fromkeys(line.of for line in drawn.references if line.of))
        sentences.append(f"Dotted: log of the batch size, which {names} cannot exceed.")
    if "true information" in kinds:
        sentences.append("Dashes across: the information that a pair really shares.")
    if kinds & {"raw pixels", "untrained"}:
        sentences.append(
            "Raw pixels and the untrained encoder (step 0) are probed by our probe, as the solid "
            "lines are; thin dotted lines are the notebook's probe."
        )
    if drawn.layout.marker and any(trace.marker_label for trace in drawn.traces):
        sentences.append(f"Markers tell the {' and '.join(drawn.layout.marker)} apart.")
    return sentences


@dataclass(frozen=True)
class FigureFiles:
    """Paths of the files that one figure was saved to.

    Attributes:
        png: for slides and documents.
        svg: for the page.
        csv: the numbers behind it.
    """

    png: Path
    svg: Path
    csv: Path


def save_figure(figure: Figure, data: pd.DataFrame, folder: Path, name: str) -> FigureFiles:
    """Save a figure as PNG and SVG, and its numbers as CSV: the same records give the same bytes.

    Args:
        figure: drawn under ``STYLE``.
        data: what is drawn in it.
        folder: made if it is not there.
        name: name of the files; what a file name cannot hold is replaced.

    Raises:
        UserError: if the disk is full; no file is left in part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Records may come from anyone: the name of a study must not lead out of the folder.
    stem = re.sub(r"[^\w.-]+", "-", name)
    files = FigureFiles(*(folder / f"{stem}.{kind}" for kind in ("png", "svg", "csv")))
    save_picture(figure, files.svg)
    save_picture(figure, files.png)
    with written_whole(files.csv) as beside:
        data.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
    return files
