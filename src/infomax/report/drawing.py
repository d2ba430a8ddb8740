"""What is drawn on one pair of axes: curves, bands, areas, lines across, labels beside them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from infomax.report.layout import Fan
from infomax.report.study_figure import Reference
from infomax.report.text import format_count, format_number, format_power_of_ten
from infomax.report.traces import Limits, Trace
from infomax.whole_file import written_whole

__all__ = [
    "LABEL_LINE",
    "LEAST_LABELS",
    "LEFT",
    "PICTURES",
    "STYLE",
    "TEXT",
    "Label",
    "Points",
    "Rectangle",
    "add_axes",
    "draw_fan",
    "draw_references",
    "draw_trace",
    "label_width",
    "markers_of",
    "name_axes",
    "save_picture",
    "scale_by_decades",
    "spread",
    "write_labels",
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

# Without it, the same picture has the same bytes.
_NO_METADATA: dict[str, dict[str, str | None]] = {
    ".png": {"Software": None},
    ".svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
}
PICTURES: tuple[str, ...] = tuple(_NO_METADATA)
"""Endings of the files that pictures are saved as."""
_PIXELS_PER_INCH = 160

_QUIET, _SIZE = "#333333", 10.0
TEXT: dict[str, Any] = {"fontsize": _SIZE, "color": _QUIET}
"""Size and colour of the names of axes."""

# In points, of which 72 are an inch and one is a pixel of a page.
LEFT = 42.0
"""Room for numbers at the left of axes, in points."""
LABEL_LINE = 13.0
"""How far apart labels beside axes stand, in points."""
LEAST_LABELS = 40.0
"""Room for labels beside axes, at the least, in points."""
_LABEL_SIZE, _LABEL_GAP = 10.5, 12.0

_MARKERS = ("o", "s", "^", "D", "P", "X")
_MOST_POINTS = 12

Points: TypeAlias = dict[str, list[str]]
"""What each point of a drawing is, in words, by the ``gid`` of the artist that draws it."""


class Rectangle(NamedTuple):
    """Where axes stand in a figure, in points."""

    left: float
    bottom: float
    width: float
    height: float


class Label(NamedTuple):
    """Text beside axes, in the colour of its line.

    Attributes:
        text: what it says.
        value: where its line ends, on the vertical axis.
        colour: colour of the line.
        step: where its line ends, on the horizontal axis; ``None`` if it goes all across.
    """

    text: str
    value: float
    colour: str
    step: float | None


def save_picture(figure: Figure, path: Path) -> None:
    """Save a figure as PNG or SVG, by its ending; the file is whole or is not there.

    Args:
        figure: drawn under ``STYLE``.
        path: ends in one of ``PICTURES``, in small or capital letters.

    Raises:
        UserError: if the disk is full.
    """
    ending = path.suffix.lower()
    with matplotlib.rc_context(STYLE), written_whole(path) as beside:
        figure.savefig(
            beside, format=ending[1:], dpi=_PIXELS_PER_INCH, metadata=_NO_METADATA[ending]
        )


def add_axes(figure: Figure, at: Rectangle) -> Axes:
    """Add axes to a figure where they are wanted."""
    width, height = (float(side) * 72 for side in figure.get_size_inches())
    return figure.add_axes(
        (at.left / width, at.bottom / height, at.width / width, at.height / height)
    )


def name_axes(axes: Axes, at: Rectangle, up: str, across: str) -> None:
    """Name both axes: the vertical one along the top, since a phone has no room at the side."""
    axes.set_ylabel(up, rotation=0, ha="left", va="bottom", **TEXT)
    axes.yaxis.set_label_coords(-(LEFT - 4) / at.width, 1.04)
    axes.set_xlabel(across, loc="right", **TEXT)
    axes.tick_params(length=3, color="#777777", labelcolor=_QUIET, labelsize=_SIZE)
    axes.grid(visible=False, axis="x")


def scale_by_decades(axes: Axes) -> None:
    """Make the vertical axis logarithmic."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_minor_locator(NullLocator())
    # Matplotlib would write exponents as mathematics, which names are kept from.
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_power_of_ten(value)))


def markers_of(traces: Iterable[Trace]) -> dict[str, str]:
    """Return a marker for each label of the traces."""
    labels = dict.fromkeys(trace.marker_label for trace in traces)
    return {label: _MARKERS[index % len(_MARKERS)] for index, label in enumerate(labels)}


def draw_trace(
    axes: Axes, trace: Trace, colour: str, marker: str, limits: Limits, *, seeds: bool
) -> Points:
    """Draw a mean over seeds, its band, and a triangle where it lies below the axis.

    Args:
        axes: axes to draw on.
        trace: what to draw.
        colour: colour of the line.
        marker: marker of its points, e.g. ``o``.
        limits: limits of the vertical axis.
        seeds: whether to draw the line of each seed, too.

    Returns:
        What each of its points is, in words.
    """
    quantity = trace.quantity
    line = {"color": colour, "linestyle": quantity.dashes}
    mean = limits.clip(trace.mean)
    axes.plot(trace.steps, mean, **line, linewidth=quantity.width)  # type: ignore[arg-type]
    if quantity.band:
        low, high = map(limits.clip, trace.band)
        shown = ~limits.below(trace.mean)
        axes.fill_between(
            trace.steps, low, high, where=shown, color=colour, alpha=0.16, linewidth=0
        )
    if seeds and len(trace.single) > 1:
        for steps, values in trace.single:
            gid = f"seeds-{len(axes.lines)}"
            axes.plot(steps, limits.clip(values), **line, linewidth=0.6, gid=gid)  # type: ignore[arg-type]
    return _draw_points(axes, trace, colour, marker, limits)


def _draw_points(axes: Axes, trace: Trace, colour: str, marker: str, limits: Limits) -> Points:
    quantity = trace.quantity
    points: Points = {}
    # One evaluated step has no line: it is marked or it is not there.
    marked = quantity.marked or len(trace.steps) == 1
    # As far apart as can be told apart, and the last, which is what is spoken of.
    every = max(1, -(-len(trace.steps) // _MOST_POINTS))
    shown = np.zeros(len(trace.steps), dtype=bool)
    shown[::every] = True
    shown[-1] = True
    below = limits.below(trace.mean)
    size = 4.0 if quantity.width > 1 else 2.6
    for kept, shape in (
        (shown & ~below & (trace.mean <= limits.high), marker),
        (shown & below, "v"),
    ):
        if not kept.any():
            continue
        at_edge = shape == "v"
        gid = f"{'points' if marked or at_edge else 'unseen'}-{len(axes.lines)}"
        axes.plot(
            trace.steps[kept],
            np.full(int(kept.sum()), limits.low) if at_edge else trace.mean[kept],
            linestyle="none",
            marker=shape,
            markersize=6 if at_edge else size,
            color=colour,
            markerfacecolor=colour if quantity.filled else "white",
            markeredgewidth=0.9,
            clip_on=False,
            zorder=5 if at_edge else 3,
            gid=gid,
        )
        points[gid] = [_point_text(trace, int(index), limits) for index in np.flatnonzero(kept)]
    return points


def _point_text(trace: Trace, index: int, limits: Limits) -> str:
    """Return what one point is: whose, when, and how much over how many seeds."""
    decimals = None
    if not limits.logarithmic:
        decimals = max(0, 2 - int(np.floor(np.log10(limits.high - limits.low))))
    names = [trace.colour_label, trace.marker_label, trace.quantity.label]
    name = ", ".join(dict.fromkeys(each for each in names if each))
    value = format_number(float(trace.mean[index]), decimals)
    seeds = int(trace.seeds[index])
    over = "1 seed" if seeds == 1 else f"mean of {seeds} seeds"
    return f"{name}: {value} after {format_count(int(trace.steps[index]))} steps ({over})"


def draw_fan(
    axes: Axes, fan: Fan, traces: Sequence[Trace], colours: Mapping[str, str], limits: Limits
) -> None:
    """Shade the area between two quantities, for each configuration that has both."""
    uppers = {str(each.configuration): each for each in traces if each.quantity == fan.upper}
    for lower in traces:
        upper = uppers.get(str(lower.configuration)) if lower.quantity == fan.lower else None
        if upper is not None and np.array_equal(lower.steps, upper.steps):
            axes.fill_between(
                lower.steps,
                limits.clip(lower.mean),
                limits.clip(upper.mean),
                color=colours[lower.level],
                alpha=fan.opacity,
                linewidth=0,
            )


def draw_references(axes: Axes, lines: Iterable[Reference]) -> None:
    """Draw horizontal lines behind the curves."""
    for line in lines:
        axes.axhline(
            line.value, color=line.colour, linestyle=line.dashes, linewidth=1.0, zorder=1.5
        )


def label_width(labels: Sequence[Label]) -> float:
    """Return the room that labels need at the right of axes, in the widest of common fonts."""
    font = FontProperties(family="DejaVu Sans", size=_LABEL_SIZE)
    widths = [
        text_to_path.get_text_width_height_descent(label.text, font, False)[0] for label in labels
    ]
    return max(LEAST_LABELS, max(widths, default=0.0) + _LABEL_GAP + 8)


def write_labels(axes: Axes, labels: Sequence[Label], limits: Limits, at: Rectangle) -> None:
    """Write each label as near to the end of its line as the others let it."""
    shares = np.array([limits.share(label.value) for label in labels])
    first, last = axes.get_xlim()
    heights = spread(shares, LABEL_LINE / at.height)
    # From the lowest to the highest, which is the order in which they are read aloud.
    for index in np.argsort(shares, kind="stable"):
        label, height = labels[index], heights[index]
        end = 1.0 if label.step is None else (label.step - first) / (last - first)
        axes.plot(
            [end, 1 + 0.72 * _LABEL_GAP / at.width],
            [shares[index], height],
            transform=axes.transAxes,
            color=label.colour,
            linewidth=0.6,
            alpha=0.6,
            clip_on=False,
            zorder=1,
        )
        axes.text(
            1 + _LABEL_GAP / at.width,
            height,
            label.text,
            transform=axes.transAxes,
            color=label.colour,
            fontsize=_LABEL_SIZE,
            verticalalignment="center",
        )


def spread(wanted: NDArray[np.float64], distance: float) -> NDArray[np.float64]:
    """Return the nearest heights in [0, 1] that keep the order of those wanted, and a distance.

    Heights go beyond 1 where there are too many.

    Example:
        >>> spread(np.array([0.5, 0.5, 0.0]), 0.25).tolist()
        [0.375, 0.625, 0.0]
    """
    order = np.argsort(wanted, kind="stable")
    apart = distance * np.arange(len(wanted))
    heights = np.empty(len(wanted))
    if len(wanted):
        free = max(1.0 - float(apart[-1]), 0.0)
        heights[order] = np.clip(isotonic_regression(wanted[order] - apart).x, 0.0, free) + apart
    return heights
