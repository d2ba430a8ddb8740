"""What the lines of a figure mean."""

from collections.abc import Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from infomax.report.palette import NEUTRAL
from infomax.report.panels import Panel
from infomax.report.references import Reference
from infomax.report.traces import Trace

__all__ = ["Entries", "below", "beside", "configuration_entries", "line_entries", "on_top"]

Entries = dict[str, Artist]
"""What stands in a legend: each label with a sample."""


def configuration_entries(
    traces: Sequence[Trace], *, colours: Mapping[str, str], markers: Mapping[str, str]
) -> Entries:
    """Return a sample of each colour and of each marker; a level without a colour has none."""
    entries: Entries = {}
    for trace in traces:
        if trace.colour_label and trace.level in colours:
            entries[trace.colour_label] = Line2D([], [], color=colours[trace.level], linewidth=3)
    for label, marker in markers.items():
        if label:
            entries[label] = Line2D(
                [], [], color=NEUTRAL, linestyle="none", marker=marker, markersize=5
            )
    return entries


def line_entries(panel: Panel, traces: Sequence[Trace], lines: Sequence[Reference]) -> Entries:
    """Return a sample of each kind of line and area of one panel."""
    entries: Entries = {}
    present = {trace.quantity for trace in traces}
    for quantity in panel.quantities:
        if quantity in present:
            entries[quantity.label] = Line2D(
                [],
                [],
                color=NEUTRAL,
                linestyle=quantity.dashes,
                linewidth=quantity.width,
                marker="o" if quantity.marked else "none",
                markersize=4,
                markerfacecolor=NEUTRAL if quantity.filled else "white",
            )
    transparent = 1.0
    areas: Entries = {}
    for fan in panel.fans:
        if fan.lower in present and fan.upper in present:
            # An inner area is drawn over the outer ones.
            transparent *= 1 - fan.opacity
            areas[fan.label] = Patch(facecolor=NEUTRAL, alpha=1 - transparent, linewidth=0)
    entries.update(reversed(areas.items()))
    for line in lines:
        entries.setdefault(
            line.label, Line2D([], [], color=line.colour, linestyle=line.dashes, linewidth=1.1)
        )
    return entries


def beside(axes: Axes, entries: Entries) -> None:
    """Put a legend to the right of axes."""
    axes.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0.0,
        handlelength=2.8,
        labelspacing=0.6,
    )


def below(axes: Axes, entries: Entries) -> None:
    """Put a legend below axes and their label."""
    axes.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(0.0, -0.2),
        borderaxespad=0.0,
        handlelength=2.8,
        labelspacing=0.5,
    )


def on_top(figure: Figure, entries: Entries) -> None:
    """Put a legend in one line above all axes."""
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside upper left",
        ncols=len(entries),
        handlelength=2.2,
        columnspacing=1.6,
    )
