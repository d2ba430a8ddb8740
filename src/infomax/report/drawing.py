"""One pair of axes: lines, bands, areas, and marks for what lies off the axis."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from infomax.report.axis_limits import Limits
from infomax.report.panels import Fan
from infomax.report.references import Reference
from infomax.report.traces import Trace

__all__ = ["draw_fan", "draw_references", "draw_trace", "markers_of"]

_MARKERS = ("o", "s", "^", "D", "P", "X")
_MOST_MARKERS = 8


def markers_of(traces: Iterable[Trace]) -> dict[str, str]:
    """Return a marker for each label of the traces."""
    labels = dict.fromkeys(trace.marker_label for trace in traces)
    return {label: _MARKERS[place % len(_MARKERS)] for place, label in enumerate(labels)}


def draw_trace(
    axes: Axes, trace: Trace, colour: str, markers: Mapping[str, str], limits: Limits
) -> None:
    """Draw a mean over seeds, its band, and a triangle where it lies below the axis."""
    quantity = trace.quantity
    mean, below = limits.clipped(trace.mean), limits.below(trace.mean)
    # One evaluated step has no line: it is marked or it is not there.
    marked = quantity.marked or len(trace.steps) == 1
    every = max(1, -(-len(trace.steps) // _MOST_MARKERS))
    axes.plot(
        trace.steps,
        mean,
        color=colour,
        linestyle=quantity.dashes,
        linewidth=quantity.width,
        marker=markers[trace.marker_label] if marked else "none",
        markersize=4.5 if quantity.width > 1 else 3,
        markerfacecolor=colour if quantity.filled else "white",
        markeredgewidth=0.9,
        markevery=every,
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
        # As far apart as markers, but the first always: it may be the only one.
        steps = trace.steps[below][::every]
        axes.plot(
            steps,
            np.full(len(steps), limits.low),
            linestyle="none",
            marker="v",
            markersize=6,
            color=colour,
            markerfacecolor=colour if quantity.filled else "white",
            clip_on=False,
            zorder=5,
        )


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
            line.value, color=line.colour, linestyle=line.dashes, linewidth=1.1, zorder=1.5
        )
