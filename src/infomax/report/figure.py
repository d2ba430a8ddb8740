"""A figure of a study: its cells drawn, its caption, and its files."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import (
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
    StrMethodFormatter,
)
from scipy.optimize import isotonic_regression

from infomax.report.drawing import Points, draw_fan, draw_references, draw_trace, markers_of
from infomax.report.study_figure import Cell, Plane, Reference, StudyFigure
from infomax.report.text import level_name, number, power_of_ten, whole
from infomax.report.traces import Limits
from infomax.whole_file import written_whole

__all__ = [
    "STYLE",
    "FigureFiles",
    "alternative_text",
    "caption",
    "draw_cell",
    "draw_whole",
    "save_figure",
]

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

_QUIET = "#333333"
# In points, of which 72 are an inch and one is a pixel of a page.
_WIDTH, _HEIGHT = 320.0, 150.0
_LEFT, _TOP, _BOTTOM, _TITLE = 42.0, 22.0, 34.0, 18.0
_SIZE, _LABEL_SIZE, _LABEL_LINE, _LABEL_GAP, _LEAST_LABELS = 10.0, 10.5, 13.0, 12.0, 40.0

_WORDS: dict[str, Any] = {"fontsize": _SIZE, "color": _QUIET}


def draw_whole(drawn: StudyFigure) -> Figure:
    """Draw all cells of a figure side by side, to be saved under ``STYLE``."""
    labels = [_labels(cell) for cell in drawn.cells]
    beside = _label_width([label for of_cell in labels for label in of_cell])
    heights = [_height(of_cell) for of_cell in labels]
    columns = drawn.columns
    rows = [range(first, first + columns) for first in range(0, len(labels), columns)]
    wide = _WIDTH + beside - _LEAST_LABELS
    high = [max(heights[place] for place in row) + _TOP + _BOTTOM + _TITLE for row in rows]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(columns * wide / 72, sum(high) / 72))
        for number, row in enumerate(rows):
            for column, place in enumerate(row):
                bottom = sum(high[number + 1 :]) + _BOTTOM
                rectangle = _Rectangle(
                    column * wide + _LEFT,
                    bottom,
                    wide - _LEFT - beside,
                    high[number] - _TOP - _BOTTOM - _TITLE,
                )
                _draw(figure, drawn.cells[place], rectangle, labels[place], seeds=False)
    return figure


def draw_cell(cell: Cell | Plane, *, height: float = _HEIGHT) -> tuple[Figure, Points]:
    """Draw one cell by itself, with a line for each seed beside the means.

    Args:
        cell: what to draw; of two quantities against each other, a point for each configuration.
        height: of its axes, in points, if its labels need no more.

    Returns:
        The figure, and what each of its points is.
    """
    if isinstance(cell, Plane):
        return _draw_plane(cell, height)
    labels = _labels(cell)
    beside = _label_width(labels)
    above = _TOP + (_TITLE if cell.title else 0.0)
    high = max(height, _height(labels) if len(labels) * _LABEL_LINE > height else height)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH / 72, (high + above + _BOTTOM) / 72))
        rectangle = _Rectangle(_LEFT, _BOTTOM, _WIDTH - _LEFT - beside, high)
        points = _draw(figure, cell, rectangle, labels, seeds=True)
    return figure, points


def _draw_plane(plane: Plane, height: float) -> tuple[Figure, Points]:
    """Draw a point for the mean of each configuration, and a small one for each seed."""
    cell, pairs = plane.cell, plane.pairs
    seeds = [
        (across.level, [_last(each) for each in across.single], [_last(each) for each in up.single])
        for across, up in pairs
    ]
    floor = -math.inf if plane.across.floor is None else plane.across.floor
    low, high = _ends([x for _, many, _ in seeds for x in many if x >= floor])
    lines = {line.label: line for line in cell.references}
    limits = Limits(*_ends([*(y for *_, many in seeds for y in many), *_values(lines.values())]))
    labels = [
        _Label(
            ", ".join(part for part in (up.short_label, up.marker_label) if part),
            float(up.mean[-1]),
            cell.colours[up.level],
            min(max(float(across.mean[-1]), low), high),
        )
        for across, up in pairs
    ]
    labels += [_Label(label, line.value, line.colour, None) for label, line in lines.items()]
    beside = _label_width(labels)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH / 72, (height + _TOP + _BOTTOM) / 72))
        at = _Rectangle(_LEFT, _BOTTOM, _WIDTH - _LEFT - beside, height)
        axes = _axes(figure, at)
        draw_references(axes, lines.values())
        for level, xs, ys in seeds:
            axes.plot(np.clip(xs, low, high), ys, ".", color=cell.colours[level], alpha=0.45, ms=4)
        points: Points = {}
        markers = markers_of(up for _, up in pairs)
        for place, (across, up) in enumerate(pairs):
            x = float(across.mean[-1])
            gid = f"points-{place}"
            shape = markers[up.marker_label] if x >= low else "<"
            axes.plot(
                [max(x, low)], [up.mean[-1]], shape, color=cell.colours[up.level], ms=7, gid=gid
            )
            points[gid] = [
                f"{up.colour_label}: {number(x, 2)} nats, accuracy {number(float(up.mean[-1]), 4)} "
                f"after {whole(int(up.steps[-1]))} steps (mean of {int(up.seeds[-1])} seeds)"
            ]
        axes.set_xlim(low, high)
        axes.set_ylim(limits.low, limits.high)
        _dress(axes, cell.panel.axis + (f", {cell.title}" if len(cell.title) > 1 else ""), at)
        axes.set_xlabel(f"{plane.across.axis}, after training", loc="right", **_WORDS)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        _write_labels(axes, labels, limits, at)
    return figure, points


def _last(single: tuple[Any, Any]) -> float:
    return float(single[1][-1])


def _values(lines: Iterable[Reference]) -> list[float]:
    return [line.value for line in lines]


def _ends(values: Iterable[float]) -> tuple[float, float]:
    """Return the ends of an axis that shows all finite values, with some room."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    room = 0.1 * (max(finite) - min(finite)) or 0.5
    return min(finite) - room, max(finite) + room


class _Rectangle(NamedTuple):
    """Where axes stand in a figure, in points."""

    left: float
    bottom: float
    width: float
    height: float


class _Label(NamedTuple):
    """What stands beside axes: at the end of a line, at its last step, in its colour."""

    text: str
    value: float
    colour: str
    step: float | None


def _labels(cell: Cell) -> list[_Label]:
    """Return a label for each line of a cell that can be seen."""
    lines = cell.lines
    several = len({each.level for each in lines}) > 1
    alone = len({each.quantity for each in lines}) == 1
    unnamed = alone and not cell.title
    found = []
    for trace in lines:
        seen = np.flatnonzero(~np.isnan(trace.mean))
        if not len(seen):
            continue
        last = int(seen[-1])
        # A line that is alone has the name of what was trained; of two, each that of what it is.
        named = [trace.short_label] if trace.short_label and (several or unnamed) else []
        named += [trace.marker_label] if trace.marker_label else []
        beside = [trace.quantity.beside] if trace.quantity.beside and not alone else []
        text = ", ".join([*named, *beside]) or trace.quantity.label
        found.append(
            _Label(text, float(trace.mean[last]), cell.colours[trace.level], int(trace.steps[last]))
        )
    lines_across = {line.label: line for line in cell.references}
    return found + [
        _Label(label, line.value, line.colour, None) for label, line in lines_across.items()
    ]


def _label_width(labels: Sequence[_Label]) -> float:
    """Return the room that labels need at the right of axes, in the widest of common fonts."""
    font = FontProperties(family="DejaVu Sans", size=_LABEL_SIZE)
    widths = [
        text_to_path.get_text_width_height_descent(label.text, font, False)[0] for label in labels
    ]
    return max(_LEAST_LABELS, max(widths, default=0.0) + _LABEL_GAP + 8)


def _height(labels: Sequence[_Label]) -> float:
    return max(_HEIGHT, len(labels) * _LABEL_LINE)


def _draw(
    figure: Figure, cell: Cell, at: _Rectangle, labels: Sequence[_Label], *, seeds: bool
) -> Points:
    axes = _axes(figure, at)
    limits, colours = cell.limits, cell.colours
    draw_references(axes, cell.references)
    for fan in cell.panel.fans:
        draw_fan(axes, fan, cell.traces, colours, limits)
    markers, points = markers_of(cell.lines), dict[str, list[str]]()
    for trace in cell.lines:
        points |= draw_trace(axes, trace, colours[trace.level], markers, limits, seeds=seeds)
    if limits.logarithmic:
        _scale_by_decades(axes)
    axes.set_ylim(limits.low, limits.high)
    if not limits.logarithmic:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_title(cell.title, loc="left", fontweight="bold", fontsize=11, pad=_TITLE + 4)
    _dress(axes, cell.panel.axis, at)
    axes.set_xlabel("Training steps", loc="right", **_WORDS)
    _scale_steps(axes, cell)
    _write_labels(axes, labels, limits, at)
    return points


def _axes(figure: Figure, at: _Rectangle) -> Axes:
    width, height = (float(side) * 72 for side in figure.get_size_inches())
    return figure.add_axes(
        (at.left / width, at.bottom / height, at.width / width, at.height / height)
    )


def _dress(axes: Axes, name: str, at: _Rectangle) -> None:
    """Name the vertical axis along the top, since a phone has no room for it along the side."""
    axes.set_ylabel(name, rotation=0, ha="left", va="bottom", **_WORDS)
    axes.yaxis.set_label_coords(-(_LEFT - 4) / at.width, 1.04)
    axes.tick_params(length=3, color="#777777", labelcolor=_QUIET, labelsize=_SIZE)
    axes.grid(visible=False, axis="x")


def _scale_steps(axes: Axes, cell: Cell) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    steps = [int(step) for trace in cell.traces for step in trace.steps] or [0]
    # One evaluated step has no width of its own.
    margin = 0.03 * (max(steps) - min(steps)) or 1.0
    axes.set_xlim(min(steps) - margin, max(steps) + margin)


def _scale_by_decades(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_minor_locator(NullLocator())
    # Matplotlib would write exponents as mathematics, which names are kept from.
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))


def _write_labels(axes: Axes, labels: Sequence[_Label], limits: Limits, at: _Rectangle) -> None:
    """Write each label as near to the end of its line as the others let it."""
    if not labels:
        return
    wanted = np.array([_share(label.value, limits) for label in labels]) * at.height
    order = np.argsort(wanted, kind="stable")
    apart = _LABEL_LINE * np.arange(len(labels))
    # The nearest places that keep their order and distance.
    free = at.height - apart[-1]
    fitted = np.clip(isotonic_regression(wanted[order] - apart).x, 0.0, max(free, 0.0)) + apart
    first, last = axes.get_xlim()
    for place, index in zip(fitted / at.height, order, strict=True):
        label = labels[index]
        end = 1.0 if label.step is None else (label.step - first) / (last - first)
        axes.plot(
            [end, 1 + 0.72 * _LABEL_GAP / at.width],
            [wanted[index] / at.height, place],
            transform=axes.transAxes,
            color=label.colour,
            linewidth=0.6,
            alpha=0.6,
            clip_on=False,
            zorder=1,
        )
        axes.text(
            1 + _LABEL_GAP / at.width,
            place,
            label.text,
            transform=axes.transAxes,
            color=label.colour,
            fontsize=_LABEL_SIZE,
            verticalalignment="center",
        )


def _share(value: float, limits: Limits) -> float:
    """Return how far up an axis a value stands, from 0 to 1; at an end if it is beyond."""
    ends = limits.low, limits.high
    low, high, shown = (
        (math.log10(each) for each in (*ends, min(max(value, limits.low), limits.high)))
        if limits.logarithmic
        else (*ends, min(max(value, limits.low), limits.high))
    )
    return (shown - low) / (high - low)


def caption(drawn: StudyFigure) -> str:
    """Return how to read a figure."""
    sentences = [
        _averages(drawn),
        *_explained(drawn),
        _fans(drawn),
        _off_axis(drawn),
        _lines(drawn),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def alternative_text(name: str, cell: Cell | Plane) -> str:
    """Return what a cell shows, for those who cannot see it.

    The numbers themselves stand in a table of their own.
    """
    if isinstance(cell, Plane):
        axis = cell.cell.panel.axis
        labels = ", ".join(dict.fromkeys(trace.colour_label for _, trace in cell.pairs))
        return (
            f"{name}, points: {axis} against {cell.across.axis} after all training steps, for "
            f"{labels}. The values stand in the table of final numbers."
        )
    labels = ", ".join(dict.fromkeys(trace.colour_label for trace in cell.lines))
    title = f", {cell.title}" if len(cell.title) > 1 else ""
    return (
        f"{name}{title}, line chart: {cell.panel.axis} against training steps; a line each for "
        f"{labels}. The final values stand in the table of final numbers."
    )


def _averages(drawn: StudyFigure) -> str:
    seeds = sorted({int(number_of) for trace in drawn.traces for number_of in trace.seeds})
    if seeds == [1]:
        return "Each line is one seed."
    number_of_seeds = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    return (
        f"Lines are means over {number_of_seeds} seeds; bands are one standard deviation over "
        "seeds to either side."
    )


_PAIRS = {
    ("bound", "bound"): (
        "Bounds: solid on fresh training batches, which is what the paper shows; dashed on "
        "held-out pairs."
    ),
    ("bound_smoothed", "bound"): (
        "Bounds: solid the values of the training batches themselves, smoothed over steps, which "
        "is what the paper shows; dashed on fresh batches of the same sampling."
    ),
    ("classifier_cross_entropy", "encoder_loss"): (
        "Cross-entropies of the classifier's predictions: solid to the labels, which the "
        "classifier minimises; dashed to the uniform distribution, which the encoder minimises."
    ),
    ("reconstruction_error", "reconstruction_error_float64"): (
        "Reconstruction: the largest error of any pixel of any test image when codes are inverted, "
        "with pixels between 0 and 1."
    ),
}


def _explained(drawn: StudyFigure) -> list[str]:
    present = {trace.quantity for trace in drawn.traces}
    return [
        _PAIRS[metrics]
        for panel in drawn.layout.panels
        if present.issuperset(panel.quantities)
        and (metrics := tuple(each.metric for each in panel.quantities)) in _PAIRS
    ]


def _fans(drawn: StudyFigure) -> str:
    if not any(panel.fans for panel in drawn.layout.panels):
        return ""
    return (
        "Condition numbers of the encoder's Jacobian are taken at the points of one batch, as "
        "differences of the natural logarithms of the largest and the smallest singular value; "
        "areas lie between percentiles over those points, each a mean over seeds: 40 to 60 %, "
        "20 to 80 %, and the least to the greatest."
    )


def _off_axis(drawn: StudyFigure) -> str:
    if not drawn.off_axis:
        return ""
    lowest = min(drawn.off_axis, key=lambda trace: float(np.nanmin(trace.mean)))
    # The layout's own factors name the trace; its bound is the column it would be in.
    names = [
        lowest.colour_label,
        lowest.marker_label,
        level_name("bound", lowest.bound),
        lowest.quantity.label.replace("\n", " "),
    ]
    where = ", ".join(dict.fromkeys(name for name in names if name))
    return (
        "The vertical axis is cut: a triangle at its lower edge marks a mean that lies below it, "
        f"the lowest at {number(float(np.nanmin(lowest.mean)), 1)} ({where})."
    )


def _lines(drawn: StudyFigure) -> str:
    kinds = {line.kind for line in drawn.references}
    sentences = []
    if "target" in kinds:
        sentences.append("Dotted: the value that the bound is held at.")
    if "ceiling" in kinds:
        sentences.append("Dotted: log of the batch size, which InfoNCE cannot exceed.")
    if "true information" in kinds:
        sentences.append("Dashes across: the information that a pair really shares.")
    if kinds & {"raw pixels", "untrained"}:
        sentences.append(
            "Raw pixels and the untrained encoder (step 0) are probed by our probe, as the solid "
            "lines are; thin dotted lines are the notebook's probe."
        )
    if drawn.layout.marker and any(trace.marker_label for trace in drawn.traces):
        factors = " and ".join(drawn.layout.marker)
        sentences.append(f"Markers tell the {factors} apart.")
    return " ".join(sentences)


_PIXELS_PER_INCH = 160
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class FigureFiles:
    """Where one figure was saved.

    Attributes:
        png: for slides and documents.
        svg: for the page.
        csv: the numbers behind it.
    """

    png: Path
    svg: Path
    csv: Path


def save_figure(figure: Figure, data: pd.DataFrame, folder: Path, name: str) -> FigureFiles:
    """Save a figure as PNG and SVG, and its numbers as CSV.

    Args:
        figure: drawn under ``STYLE``.
        data: what is drawn in it.
        folder: made if it is not there.
        name: of the files; what a file name cannot hold is replaced.

    Raises:
        UserError: if the disk is full; no file is left in part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Records may come from anyone: the name of a study must not lead out of the folder.
    stem = re.sub(r"[^\w.-]+", "-", name)
    files = FigureFiles(*(folder / f"{stem}.{kind}" for kind in ("png", "svg", "csv")))
    with matplotlib.rc_context(STYLE):
        with written_whole(files.svg) as beside:
            figure.savefig(beside, format="svg", metadata=_NO_METADATA)
        with written_whole(files.png) as beside:
            figure.savefig(beside, format="png", dpi=_PIXELS_PER_INCH, metadata={"Software": None})
    with written_whole(files.csv) as beside:
        data.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
    return files
