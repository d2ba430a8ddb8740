"""Curves of a run, drawn as text in a terminal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TerminalCurve", "TerminalPanel", "draw_panels"]

_HEIGHT = 10
# One tick in ten signs; labels of the vertical axis and the axis itself take the rest.
_TICK_SIGNS, _LABEL_SIGNS = 10, 13
_MOST_SIGNS = 60
_GAP = 3
_FEWEST_POINTS, _FEWEST_TICKS = 2, 4
_THOUSANDS = 10_000
_LEAST_RANGE = 1e-9
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12)


@dataclass(frozen=True, eq=False)
class TerminalCurve:
    """One curve.

    Attributes:
        label: for the legend.
        points: values by step.
        marker: sign of its points, and of the legend.
        colour: name of one of the terminal's.
    """

    label: str
    points: "pd.Series[float]"
    marker: str
    colour: str


@dataclass(frozen=True, eq=False)
class TerminalPanel:
    """Curves over the updates on one pair of axes.

    Attributes:
        title: what is drawn, with its unit.
        curves: curves of which those with two finite points, or more, are drawn.
        level: a value that is drawn across; infinite where there is none.
        remark: what the level is, or else what the curves are to be compared with.
    """

    title: str
    curves: Sequence[TerminalCurve]
    level: float = math.inf
    remark: str = ""

    @property
    def drawn(self) -> list[TerminalCurve]:
        """The curves that can be drawn."""
        return [
            each for each in self.curves if (each.points.abs() < math.inf).sum() >= _FEWEST_POINTS
        ]


def draw_panels(
    panels: Sequence[TerminalPanel], width: int, *, coloured: bool
) -> RenderableType | None:
    """Return panels that have something to draw, side by side where the terminal is wide enough.

    Args:
        panels: panels to draw.
        width: width of the terminal, in signs.
        coloured: whether it has colours.
    """
    drawn = [panel for panel in panels if panel.drawn]
    if not drawn:
        return None
    # The last tick's label reaches beyond the axis.
    taken = _LABEL_SIGNS + _TICK_SIGNS // 2
    of_each = (width - _GAP * (len(drawn) - 1)) // len(drawn) - taken
    beside = of_each >= _FEWEST_TICKS * _TICK_SIGNS
    signs = min(of_each if beside else width - taken, _MOST_SIGNS)
    texts = [
        _drawn(panel, max(signs, _FEWEST_TICKS * _TICK_SIGNS), coloured=coloured) for panel in drawn
    ]
    if not beside or len(texts) == 1:
        return Group(*(line for text in texts for line in (text, Text())))
    table = Table.grid(padding=(0, _GAP, 0, 0))
    table.add_row(*texts)
    return Group(table, Text())


def _drawn(panel: TerminalPanel, signs: int, *, coloured: bool) -> Text:
    text = Text(no_wrap=True)
    text.append(f"{panel.title}\n", style="bold")
    for curve in panel.drawn:
        text.append(f"{curve.marker} {curve.label}  ", style=curve.colour if coloured else "")
    return text.append(f"{panel.remark}\n") + _figure(panel, signs, coloured=coloured)


def _figure(panel: TerminalPanel, signs: int, *, coloured: bool) -> Text:
    import plotille  # noqa: PLC0415

    last = max(int(curve.points.index.max()) for curve in panel.drawn)
    ticks, end = _steps_axis(last, signs // _TICK_SIGNS)
    figure = plotille.Figure()
    figure.width, figure.height = ticks * _TICK_SIGNS, _HEIGHT
    # Axes through the origin would be drawn over the curves.
    figure.origin = False
    figure.with_colors = coloured
    figure.color_mode = "names"
    figure.register_label_formatter(float, _label)
    shown: list[float] = []
    for curve in panel.drawn:
        finite = curve.points[curve.points.abs() < math.inf]
        values = [float(value) for value in finite]
        steps = [int(step) for step in finite.index]
        figure.plot(steps, values, lc=curve.colour, marker=curve.marker)
        shown += values
    if math.isfinite(panel.level):
        figure.plot([0, end], [panel.level, panel.level])
        shown.append(panel.level)
    figure.set_x_limits(0, end)
    lowest, highest = min(shown), max(shown)
    # One tick in each line, with a line to spare for what lies between two ticks.
    # Of values that are all but one, the axis is as long as numbers of their size can tell apart.
    least = _LEAST_RANGE * max(abs(lowest), abs(highest))
    tick = _rounded_up(max(highest - lowest or 1, least) / (_HEIGHT - 1))
    low = tick * math.floor(lowest / tick)
    figure.set_y_limits(low, low + _HEIGHT * tick)
    # The first line has the vertical axis' name, the arrow of the other has its: both are above.
    _, *lines, axis, labels = figure.show(legend=False).splitlines()
    width = _LABEL_SIGNS + ticks * _TICK_SIGNS
    text = Text.from_ansi("\n".join(lines))
    return text.append(f"\n{axis[: width + 1]}\n{labels.rstrip()}")


def _label(value: float, *, left: bool = False, **_: object) -> str:
    """Return a number beside the vertical axis, or to the left, below a tick of the other."""
    if not left:
        return f"{round(value, 9) + 0:9.4g}"
    return f"{round(value)}".ljust(9) if value < _THOUSANDS else f"{value / 1_000:g}k".ljust(9)


def _steps_axis(last: int, most: int) -> tuple[int, float]:
    """Return how many ticks an axis from 0 should have, and its end, for steps up to the last.

    Example:
        >>> _steps_axis(200, 6), _steps_axis(60, 6)
        ((5, 200.0), (6, 60.0))
    """
    ends = {ticks: ticks * _rounded_up(max(last, ticks) / ticks) for ticks in range(1, most + 1)}
    ticks = max(ends, key=lambda each: (round(each * last / ends[each], 9), -each))
    return ticks, ends[ticks]


def _rounded_up(number: float) -> float:
    """Return the next number that is as short as the distance of ticks should be.

    Example:
        >>> _rounded_up(55), _rounded_up(0.31), _rounded_up(1000 / 6)
        (60.0, 0.4, 200.0)
    """
    decade = 10.0 ** math.floor(math.log10(number))
    return next(each * decade for each in _ROUND if each * decade >= number)
