"""One pair of axes: lines, bands, areas, and marks for what lies off the axis."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes

from infomax.report.panels import Fan
from infomax.report.study_figure import Reference
from infomax.report.text import number, whole
from infomax.report.traces import Limits, Trace

__all__ = ["Points", "draw_fan", "draw_references", "draw_trace", "markers_of"]

_MARKERS = ("o", "s", "^", "D", "P", "X")
_MOST_POINTS = 12


Points: TypeAlias = dict[str, list[str]]
"""What each point of a drawing is, in words, by the ``gid`` of the artist that draws it."""


def markers_of(traces: Iterable[Trace]) -> dict[str, str]:
    """Return a marker for each label of the traces."""
    labels = dict.fromkeys(trace.marker_label for trace in traces)
    return {label: _MARKERS[place % len(_MARKERS)] for place, label in enumerate(labels)}


def draw_trace(
    axes: Axes,
    trace: Trace,
    colour: str,
    markers: Mapping[str, str],
    limits: Limits,
    *,
    seeds: bool,
) -> Points:
    """Draw a mean over seeds, its band, and a triangle where it lies below the axis.

    Args:
        axes: to draw on.
        trace: what to draw.
        colour: of the line.
        markers: for each label of the traces.
        limits: of the vertical axis.
        seeds: whether to draw the line of each seed, too.

    Returns:
        What each point of it is.
    """
    quantity = trace.quantity
    mean, below = limits.clipped(trace.mean), limits.below(trace.mean)
    axes.plot(trace.steps, mean, color=colour, linestyle=quantity.dashes, linewidth=quantity.width)
    if quantity.band:
        lower, upper = trace.band
        axes.fill_between(
            trace.steps,
            limits.clipped(lower),
            limits.clipped(upper),
            where=~below,
            color=colour,
            alpha=0.16,
            linewidth=0,
        )
    if seeds and len(trace.single) > 1:
        for steps, values in trace.single:
            axes.plot(
                steps,
                limits.clipped(values),
                color=colour,
                linestyle=quantity.dashes,
                linewidth=0.6,
                gid=f"seeds-{len(axes.lines)}",
            )
    return _draw_points(axes, trace, colour, markers[trace.marker_label], limits)


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
    within = shown & ~below & (trace.mean <= limits.high)
    face = colour if quantity.filled else "white"
    for kept, shape in ((within, marker), (shown & below, "v")):
        if not kept.any():
            continue
        gid = f"{'points' if marked or shape == 'v' else 'unseen'}-{len(axes.lines)}"
        heights = trace.mean[kept] if shape != "v" else np.full(int(kept.sum()), limits.low)
        axes.plot(
            trace.steps[kept],
            heights,
            linestyle="none",
            marker=shape,
            markersize=(4.0 if quantity.width > 1 else 2.6) if shape != "v" else 6,
            color=colour,
            markerfacecolor=face,
            markeredgewidth=0.9,
            clip_on=False,
            zorder=5 if shape == "v" else 3,
            gid=gid,
        )
        points[gid] = [_said(trace, int(place), limits) for place in np.flatnonzero(kept)]
    return points


def _said(trace: Trace, place: int, limits: Limits) -> str:
    """Return what one point is: whose, when, and how much over how many seeds."""
    decimals = None
    if not limits.logarithmic:
        decimals = max(0, 2 - int(np.floor(np.log10(limits.high - limits.low))))
    names = [trace.colour_label, trace.marker_label, trace.quantity.label]
    name = ", ".join(dict.fromkeys(each for each in names if each))
    value = number(float(trace.mean[place]), decimals)
    seeds = int(trace.seeds[place])
    over = "1 seed" if seeds == 1 else f"mean of {seeds} seeds"
    return f"{name}: {value} after {whole(int(trace.steps[place]))} steps ({over})"


def draw_fan(
    axes: Axes, fan: Fan, traces: Sequence[Trace], colours: Mapping[str, str], limits: Limits
) -> None:
    """Shade the area between the two edges, for each configuration that has both."""
    for lower in traces:
        for upper in traces:
            if (
                lower.quantity == fan.lower
                and upper.quantity == fan.upper
                and str(lower.configuration) == str(upper.configuration)
                and np.array_equal(lower.steps, upper.steps)
            ):
                axes.fill_between(
                    lower.steps,
                    limits.clipped(lower.mean),
                    limits.clipped(upper.mean),
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
