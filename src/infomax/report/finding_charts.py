"""Charts of what a check of an audit measured: curves, dots, dumbbells and points."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from infomax.report.charts import chart
from infomax.report.page import inline_svg
from infomax.report.text import format_count, format_interval, format_number, shortened

if TYPE_CHECKING:
    from infomax.audit.finding import FindingFigure

__all__ = ["draw_finding_figure"]

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa3377", "#b8860b", "#332288")
_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P")
_QUIET = "#333333"
_RING: dict[str, Any] = {"markerfacecolor": "#ffffff", "markeredgewidth": 1.5, "markersize": 7.4}
_DOT: dict[str, Any] = {"markersize": 4.2}
_WIDTH, _CURVE_HEIGHT, _ROW, _TALL_ROW, _AROUND_ROWS, _LEGEND_LINE = (
    4.1,
    2.3,
    0.25,
    0.34,
    0.62,
    0.17,
)
_LABEL_SIGNS, _AXIS_SIGNS = 26, 58
_ROW_OF_A_SERIES, _FAR_APART = 0.1, 0.7
_SIGNS_ACROSS, _SIGNS_OF_A_LINE = 60, 7
_MOST_MARKED, _MOST_NAMED, _MOST_TICKS = 21, 6, 9


def draw_finding_figure(figure: "FindingFigure", name: str) -> tuple[Markup, str]:
    """Draw a figure of a finding for a page.

    Args:
        figure: of the finding.
        name: of the drawing, unique in the page.

    Returns:
        The drawing, and a sentence on what could not be drawn, which is empty if all was.
    """
    table = figure.table.reindex(columns=[*figure.table.columns, *_lacking(figure.table)])
    value = "after" if figure.kind == "dumbbells" else "value"
    if figure.kind == "points" and len(table) <= _MOST_NAMED and table["series"].isna().all():
        # So few points have a colour and a line of the legend each: names beside them may collide.
        table["series"] = table["label"]
    finite = np.isfinite(table[value].to_numpy(float))
    left_out = int((~finite).sum())
    shown = table[finite].reset_index(drop=True)
    handles = [*_series_handles(figure, shown), *_mark_handles(figure.marks)]
    columns = _legend_columns([str(each.get_label()) for each in handles])
    lines = math.ceil(len(handles) / columns)
    points: dict[str, Sequence[str]] = {}
    with chart((_WIDTH, _height(figure, shown) + _LEGEND_LINE * lines)) as (drawing, axes):
        draw = {"curve": _draw_curves, "dots": _draw_dots, "points": _draw_points}
        # First, since axes reach as far as they do.
        _draw_marks(axes, figure)
        points |= draw.get(figure.kind, _draw_dumbbells)(axes, figure, shown)
        if handles:
            _write_legend(drawing, handles, columns)
    told = "is no finite number" if left_out == 1 else "are no finite numbers"
    return (
        inline_svg(drawing, name=name, title=figure.title, points=points),
        f"{format_count(left_out)} of {format_count(len(table))} values {told} and not drawn."
        if left_out
        else "",
    )


def _lacking(table: pd.DataFrame) -> list[str]:
    return [each for each in ("series", "label", "low", "high") if each not in table.columns]


def _height(figure: "FindingFigure", shown: pd.DataFrame) -> float:
    if figure.kind in {"curve", "points"}:
        return _CURVE_HEIGHT
    labels = [_row_label(str(each)) for each in shown["label"].unique()]
    row = _TALL_ROW if any("\n" in each for each in labels) else _ROW
    row = max(row, _ROW_OF_A_SERIES * shown["series"].nunique())
    return _AROUND_ROWS + row * max(len(labels), 2)


def _series(shown: pd.DataFrame) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """Yield the number of each series, its name and its rows; without any, all rows as one."""
    names = list(dict.fromkeys(shown["series"].dropna()))
    if not names:
        yield 0, "", shown
    for index, name in enumerate(names):
        yield index, str(name), shown[shown["series"] == name]


def _look(index: int) -> dict[str, Any]:
    """Return colour and marker of a series: never the colour alone tells two apart."""
    return {
        "color": _COLOURS[index % len(_COLOURS)],
        "marker": _MARKERS[index % len(_MARKERS)],
        "markersize": 4.6,
    }


def _told(figure: "FindingFigure", name: str, row: pd.Series, value: str = "value") -> str:
    """Return what a mark says when it is pointed at."""
    decimals = _decimals(figure.table[value])
    told = format_number(float(row[value]), decimals)
    if math.isfinite(row["low"]) or math.isfinite(row["high"]):
        told += f" {format_interval(float(row['low']), float(row['high']), decimals)}"
    at = f" at {row['at']:,.6g}" if "at" in row and figure.kind == "curve" else ""
    return f"{name}: {told}{at}" if name else f"{told}{at}"


def _decimals(values: pd.Series) -> int:
    """Return how many decimals tell values apart: three figures of the largest."""
    sizes = np.abs(values.to_numpy(float))
    largest = float(sizes[np.isfinite(sizes)].max(initial=0.0))
    return 3 if largest == 0 else min(max(2 - math.floor(math.log10(largest)), 0), 6)


def _draw_curves(
    axes: Axes, figure: "FindingFigure", shown: pd.DataFrame
) -> dict[str, Sequence[str]]:
    points: dict[str, Sequence[str]] = {}
    for index, name, rows in _series(shown):
        look = _look(index)
        at, values = rows["at"].to_numpy(float), rows["value"].to_numpy(float)
        low, high = (rows[end].to_numpy(float) for end in ("low", "high"))
        if np.isfinite(low).all():
            # An interval without an upper end goes up to where the axis ends.
            top = np.where(np.isfinite(high), high, values)
            axes.fill_between(at, low, top, color=look["color"], alpha=0.16, linewidth=0)
        axes.plot(at, values, color=look["color"], linestyle=_dashes(index), linewidth=1.6)
        every = max(1, -(-len(rows) // _MOST_MARKED))
        marked = rows.iloc[::every]
        gid = f"points-{index}"
        axes.plot(marked["at"], marked["value"], linestyle="none", gid=gid, **look)
        points[gid] = [_told(figure, name, row) for _, row in marked.iterrows()]
    _name_values_above(axes, figure)
    if figure.log_at:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_minor_locator(NullLocator())
        if shown["at"].nunique() <= _MOST_TICKS:
            axes.xaxis.set_major_locator(FixedLocator(sorted(shown["at"].unique())))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    else:
        whole = bool((shown["at"] % 1 == 0).all())
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=whole))
    return points


def _dashes(index: int) -> Any:
    return _DASHES[index % len(_DASHES)]


def _begins_at_nothing(limits: tuple[float, float]) -> bool:
    """Return whether values are so far apart that 0 belongs on their axis, as amounts need it."""
    low, high = limits
    return 0 < low < _FAR_APART * high


def _name_values_above(axes: Axes, figure: "FindingFigure") -> None:
    """Name the vertical axis along the top, since a phone has no room at the side."""
    label = shortened(figure.value_label, _AXIS_SIGNS)
    axes.set_title(label, loc="left", fontsize=9.5, color=_QUIET, pad=7)
    axes.set_xlabel(shortened(figure.at_label, _AXIS_SIGNS), color=_QUIET)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    if _begins_at_nothing(axes.get_ylim()):
        axes.set_ylim(bottom=0)


def _draw_dots(
    axes: Axes, figure: "FindingFigure", shown: pd.DataFrame
) -> dict[str, Sequence[str]]:
    labels = list(dict.fromkeys(shown["label"]))
    several = shown["series"].nunique()
    points: dict[str, Sequence[str]] = {}
    for index, name, rows in _series(shown):
        look, gid = _look(index), f"points-{index}"
        spread = min(0.2 * several, 0.66)
        shift = 0.0 if several < 2 else spread * (index / (several - 1) - 0.5)
        heights = [labels.index(each) + shift for each in rows["label"]]
        _draw_intervals(axes, rows, heights, look["color"])
        axes.plot(rows["value"], heights, linestyle="none", gid=gid, **look)
        points[gid] = [
            _told(figure, ", ".join(filter(None, [str(row["label"]), name])), row)
            for _, row in rows.iterrows()
        ]
    _name_rows(axes, figure, labels)
    return points


def _draw_intervals(
    axes: Axes, rows: pd.DataFrame, heights: Sequence[float], colour: str, value: str = "value"
) -> None:
    """Draw intervals across; one without an end goes on as an arrow."""
    for height, (_, row) in zip(heights, rows.iterrows(), strict=True):
        low, high, at = (float(row[each]) for each in ("low", "high", value))
        if math.isnan(low):
            continue
        end = high if math.isfinite(high) else at + max(at - low, 0.06 * abs(at))
        axes.plot([low, end], [height, height], color=colour, linewidth=1.3, alpha=0.75)
        if math.isinf(high):
            axes.plot([end], [height], marker=">", markersize=5, color=colour)


def _draw_dumbbells(
    axes: Axes, figure: "FindingFigure", shown: pd.DataFrame
) -> dict[str, Sequence[str]]:
    heights = list(range(len(shown)))
    before, after = _COLOURS[0], _COLOURS[1]
    for height, (_, row) in zip(heights, shown.iterrows(), strict=True):
        ends = [float(row["before"]), float(row["after"])]
        axes.plot(ends, [height, height], color=_QUIET, linewidth=2.4, alpha=0.3)
    _draw_intervals(axes, shown, heights, after, "after")
    for gid, value, colour, look in (
        ("points-before", "before", before, _RING),
        ("points-after", "after", after, _DOT),
    ):
        axes.plot(
            shown[value],
            heights,
            "o",
            linestyle="none",
            color=colour,
            gid=gid,
            **look,
        )
    _name_rows(axes, figure, list(shown["label"]))
    decimals = _decimals(figure.table["after"])
    return {
        "points-before": [
            f"{row['label']}, before: {format_number(float(row['before']), decimals)}"
            for _, row in shown.iterrows()
        ],
        "points-after": [
            _told(figure, f"{row['label']}, after", row, "after") for _, row in shown.iterrows()
        ],
    }


def _name_rows(axes: Axes, figure: "FindingFigure", labels: Sequence[Any]) -> None:
    axes.set_yticks(range(len(labels)), [_row_label(str(each)) for each in labels])
    if any("\n" in _row_label(str(each)) for each in labels):
        axes.tick_params(axis="y", labelsize=8.2)
    axes.set_ylim(max(len(labels), 2) - 0.5, -0.5)
    # Beside long names of rows axes are narrow: the label goes to the left as far as it needs.
    axes.set_xlabel(shortened(figure.value_label, _AXIS_SIGNS), color=_QUIET, loc="right")
    if _begins_at_nothing(axes.get_xlim()):
        axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.grid(visible=False, axis="y")


def _row_label(label: str) -> str:
    r"""Return a label in one line or two, cut where these have no room for it.

    Example:
        >>> _row_label("couplings of strength 2"), _row_label("a linear head of 100 updates, 0.01")
        ('couplings of strength 2', 'a linear head of 100\nupdates, 0.01')
    """
    first, *others = textwrap.wrap(label, _LABEL_SIGNS) or [""]
    return "\n".join([first, shortened(" ".join(others), _LABEL_SIGNS + 4)]) if others else first


def _draw_points(
    axes: Axes, figure: "FindingFigure", shown: pd.DataFrame
) -> dict[str, Sequence[str]]:
    points: dict[str, Sequence[str]] = {}
    for index, name, rows in _series(shown):
        look, gid = _look(index), f"points-{index}"
        for _, row in rows.iterrows():
            ends = [float(row[end]) for end in ("low", "high")]
            if all(map(math.isfinite, ends)):
                axes.plot([row["at"]] * 2, ends, color=look["color"], linewidth=1.3, alpha=0.75)
        axes.plot(rows["at"], rows["value"], linestyle="none", gid=gid, **look)
        points[gid] = [
            f"{_told(figure, str(row['label']), row)} at {row['at']:.4g}"
            + (f" ({name})" if name not in {"", str(row["label"])} else "")
            for _, row in rows.iterrows()
        ]
    _name_values_above(axes, figure)
    axes.margins(x=0.12, y=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    return points


def _draw_marks(axes: Axes, figure: "FindingFigure") -> None:
    """Draw the line of each mark, across where values go up and up where they go across."""
    for index, value in enumerate(figure.marks.values()):
        look: dict[str, Any] = {"color": _QUIET, "linewidth": 1.1, "zorder": 1.5}
        look["linestyle"] = _mark_dashes(index)
        if figure.kind in {"curve", "points"}:
            axes.axhline(value, **look)
        else:
            axes.axvline(value, **look)


def _mark_dashes(index: int) -> Any:
    return _DASHES[1:][index % len(_DASHES[1:])]


def _series_handles(figure: "FindingFigure", shown: pd.DataFrame) -> list[Line2D]:
    if figure.kind == "dumbbells":
        look: dict[str, Any] = {"marker": "o", "linestyle": "none"}
        return [
            Line2D([], [], color=_COLOURS[0], label="before", **look, **_RING),
            Line2D([], [], color=_COLOURS[1], label="after, 95 % interval", **look, **_DOT),
        ]
    line = figure.kind == "curve"
    return [
        Line2D(
            [],
            [],
            linestyle=_dashes(index) if line else "none",
            label=shortened(name, _LABEL_SIGNS),
            **_look(index),
        )
        for index, name, _ in _series(shown)
        if name
    ]


def _mark_handles(marks: Mapping[str, float]) -> list[Line2D]:
    return [
        Line2D([], [], color=_QUIET, linewidth=1.1, linestyle=_mark_dashes(index), label=label)
        for index, (name, value) in enumerate(marks.items())
        for label in [f"{shortened(name, _AXIS_SIGNS - 10)}: {value:.3g}"]
    ]


def _legend_columns(labels: Sequence[str]) -> int:
    """Return the most columns in which a legend is no wider than the drawing.

    Example:
        >>> _legend_columns(["before", "after"]), _legend_columns(["a long label" * 4] * 2)
        (2, 1)
    """
    for columns in range(len(labels), 1, -1):
        # A legend is filled column by column, each as wide as its longest label and its line.
        parts = np.array_split(np.array(labels, dtype=object), columns)
        if sum(max(map(len, part)) + _SIGNS_OF_A_LINE for part in parts) <= _SIGNS_ACROSS:
            return columns
    return 1


def _write_legend(drawing: Figure, handles: Sequence[Line2D], columns: int) -> None:
    drawing.legend(
        handles=handles,
        loc="outside upper left",
        ncols=columns,
        fontsize=8.5,
        labelcolor=_QUIET,
        handlelength=2.2,
        borderpad=0.1,
        labelspacing=0.3,
        columnspacing=1.4,
    )
