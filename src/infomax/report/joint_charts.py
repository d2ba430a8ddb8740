"""Charts of pairs of columns: their values, ranks and levels."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy import stats

from infomax.report.charts import chart
from infomax.report.page import Card, inline_svg
from infomax.report.text import format_count, shortened

__all__ = ["draw_joint_charts"]

_COLOUR, _MARK = "#0072b2", "#d55e00"
# Columns of so few different values are drawn as levels, whatever they were estimated as.
_MOST_LEVELS = 20
_MOST_DRAWN_LEVELS = 10
_MOST_PAIRS, _MOST_POINTS, _MOST_COMPARED = 4, 1_000, 10_000
_MOST_CANDIDATES = 400
_LEVEL_SIGNS = 14


def draw_joint_charts(x: pd.DataFrame, y: pd.DataFrame, *, seed: int = 0) -> tuple[list[Card], str]:
    """Draw pairs of a column of x and one of y, those that go together most.

    Two columns of measurements are drawn as values and as ranks, one of levels and one of
    measurements as the values of each level, two of levels as the shares of their levels.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        seed: seed that rows are chosen by where there are very many.

    Returns:
        The charts, and in a sentence which pairs and rows they leave out; empty if none.
    """
    generator = np.random.default_rng(seed)
    of_x, of_y = (table.set_axis([str(name) for name in table], axis=1) for table in (x, y))
    pairs = list(product(of_x.columns, of_y.columns))
    left_out = []
    if len(pairs) > _MOST_PAIRS:
        chosen = _strongest(of_x, of_y, pairs[:_MOST_CANDIDATES], generator)
        compared = (
            f"of the first {format_count(_MOST_CANDIDATES)} "
            if len(pairs) > _MOST_CANDIDATES
            else ""
        )
        left_out.append(
            f"{len(chosen)} of {format_count(len(pairs))} pairs of columns are drawn, {compared}"
            "those whose ranks or levels go together most; columns may share much that is seen in "
            "no pair"
        )
        pairs = chosen
    cards: list[Card] = []
    for first, second in pairs:
        rows = of_x[first].notna().to_numpy() & of_y[second].notna().to_numpy()
        columns = [
            column[rows].reset_index(drop=True).rename(index=name)
            for column, name in ((of_x[first], first), (of_y[second], second))
        ]
        cards += _draw_pair(columns[0], columns[1], f"joint-{len(cards)}", generator)
    measured = [table[name] for table in (of_x, of_y) for name in table]
    if len(x) > _MOST_POINTS and not all(map(_is_levels, measured)):
        left_out.append(
            f"of {format_count(len(x))} rows {format_count(_MOST_POINTS)} are drawn, at random"
        )
    return cards, "; ".join(left_out)


def _is_levels(column: "pd.Series") -> bool:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return not numeric or column.nunique() <= _MOST_LEVELS


def _strongest(
    x: pd.DataFrame,
    y: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    generator: np.random.Generator,
) -> list[tuple[str, str]]:
    rows = np.sort(generator.permutation(len(x))[:_MOST_COMPARED])
    of_x, of_y = x.iloc[rows], y.iloc[rows]
    strengths = [_strength(of_x[first], of_y[second]) for first, second in pairs]
    order = np.argsort(-np.nan_to_num(strengths), kind="stable")
    return [pairs[index] for index in order[:_MOST_PAIRS]]


def _strength(first: "pd.Series", second: "pd.Series") -> float:
    """Return how strongly two columns are associated, from 0 to 1.

    Of measurements it is Spearman's correlation, of levels Cramer's V, and of one of each the root
    of the share of the variance of ranks that levels explain (Kruskal and Wallis).
    """
    both = first.notna().to_numpy() & second.notna().to_numpy()
    first, second = first[both], second[both]
    if first.nunique() < 2 or second.nunique() < 2:
        return 0.0
    levels = [_is_levels(column) for column in (first, second)]
    if not any(levels):
        return abs(float(stats.spearmanr(first, second).statistic))
    if all(levels):
        counts = pd.crosstab(first.to_numpy(), second.to_numpy()).to_numpy()
        return float(stats.contingency.association(counts, method="cramer"))
    of_levels, measured = (first, second) if levels[0] else (second, first)
    groups = [group.to_numpy() for _, group in measured.groupby(of_levels.to_numpy())]
    explained = float(stats.kruskal(*groups).statistic) / (len(measured) - 1)
    return math.sqrt(min(max(explained, 0.0), 1.0))


def _draw_pair(
    first: "pd.Series", second: "pd.Series", name: str, generator: np.random.Generator
) -> list[Card]:
    levels = [_is_levels(column) for column in (first, second)]
    named = f"{first.name} and {second.name}"
    drawn = np.sort(generator.permutation(len(first))[:_MOST_POINTS])
    if all(levels):
        heading = f"{named}: levels"
        with chart() as (figure, axes):
            _draw_shares(axes, first, second)
        reading = (
            f"Of the rows of each level of {first.name}, which per cent has each level of "
            f"{second.name}. Were nothing shared, all lines would look alike."
        )
        return [Card(heading, inline_svg(figure, name=name, title=heading), reading)]
    if any(levels):
        of_levels, measured = (first, second) if levels[0] else (second, first)
        heading = f"{named}: values by level"
        with chart() as (figure, axes):
            _draw_by_level(axes, of_levels, measured, drawn, generator)
        reading = (
            f"{measured.name} of the rows of each level of {of_levels.name}: dots are rows, the "
            "bar holds the middle half of all, the ring is the median."
        )
        return [Card(heading, inline_svg(figure, name=name, title=heading), reading)]
    ranks = [each.rank() / len(each) for each in (first, second)]
    return [
        Card(
            f"{named}: values",
            _scatter([first, second], drawn, name, f"{named}: values", "{}"),
            "Each dot is a row.",
        ),
        Card(
            f"{named}: ranks",
            _scatter(ranks, drawn, f"{name}-ranks", f"{named}: ranks", "rank of {}"),
            "The same rows by rank, from the smallest (0) to the largest (1): information sees "
            "this alone, whatever the scale. Were nothing shared, dots would fill the square "
            "evenly.",
        ),
    ]


def _scatter(
    columns: Sequence["pd.Series"], drawn: NDArray[np.int64], name: str, title: str, label: str
) -> Markup:
    """Draw some rows of two columns, whose names stand in the labels of the axes."""
    across, up = columns
    style: dict[str, Any] = {"markersize": 2.6, "markeredgewidth": 0, "alpha": 0.5}
    with chart() as (figure, axes):
        points = (column.iloc[drawn].to_numpy(float) for column in columns)
        axes.plot(*points, "o", color=_COLOUR, **style)
        axes.set_xlabel(shortened(label.format(across.name)))
        axes.set_ylabel(shortened(label.format(up.name)))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(nbins=5))
    return inline_svg(figure, name=name, title=title)


def _draw_by_level(
    axes: Axes,
    of_levels: "pd.Series",
    measured: "pd.Series",
    drawn: np.ndarray,
    generator: np.random.Generator,
) -> None:
    indices, labels = _few_levels(of_levels)
    heights = len(labels) - 1 - indices
    axes.plot(
        measured.iloc[drawn].to_numpy(float),
        heights[drawn] + generator.uniform(-0.28, 0.28, len(drawn)),
        "o",
        markersize=2.4,
        markeredgewidth=0,
        color=_COLOUR,
        alpha=0.45,
    )
    ring: dict[str, Any] = {"markersize": 5.5, "markerfacecolor": "white", "markeredgewidth": 1.6}
    for height in range(len(labels)):
        values = measured[heights == height].to_numpy(float)
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
        axes.plot([low, high], [height] * 2, color=_MARK, linewidth=2.2)
        axes.plot([middle], [height], "o", color=_MARK, **ring)
    axes.set_yticks(range(len(labels)), labels[::-1])
    axes.set_ylabel(shortened(str(of_levels.name)))
    axes.set_xlabel(shortened(str(measured.name)))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.grid(visible=False, axis="y")


def _draw_shares(axes: Axes, first: "pd.Series", second: "pd.Series") -> None:
    (rows, of_rows), (columns, of_columns) = _few_levels(first), _few_levels(second)
    shares = pd.crosstab(rows, columns, normalize="index")
    for (row, column), share in np.ndenumerate(shares.to_numpy()):
        strength = 0.75 * float(share)
        axes.barh(row, 0.94, left=column - 0.47, height=0.94, color=_COLOUR, alpha=strength)
        axes.text(column, row, f"{100 * share:z.0f}", ha="center", va="center", color="#000000")
    axes.set_yticks(range(len(of_rows)), of_rows)
    axes.set_xticks(range(len(of_columns)), of_columns)
    axes.set_xlim(-0.5, len(of_columns) - 0.5)
    axes.set_ylim(len(of_rows) - 0.5, -0.5)
    axes.set_ylabel(shortened(str(first.name)))
    axes.set_xlabel(shortened(str(second.name)))
    axes.grid(visible=False)


def _few_levels(column: "pd.Series") -> tuple[NDArray[np.int64], list[str]]:
    """Return the index of the level of each row, and a label for each index.

    Levels stand in the order of numbers where they are, else of the alphabet. Where there are very
    many, all but the commonest are one, the last.
    """
    codes, found = pd.factorize(column)
    levels = list(found)
    numbers = pd.to_numeric(pd.Series(levels, dtype=object), errors="coerce").to_numpy(float)
    if np.isnan(numbers).any():
        numbers = np.zeros(len(levels))
    commonest = np.argsort(-np.bincount(codes), kind="stable")
    few = len(levels) <= _MOST_DRAWN_LEVELS
    kept = commonest if few else commonest[: _MOST_DRAWN_LEVELS - 1]
    order = sorted(kept, key=lambda code: (numbers[code], str(levels[code])))
    indices = np.full(len(levels), len(order))
    indices[order] = np.arange(len(order))
    rest = len(levels) - len(order)
    others = [f"({format_count(rest)} others)"] if rest else []
    return indices[codes], _level_labels([*(levels[code] for code in order), *others])


def _level_labels(levels: Sequence[object]) -> list[str]:
    """Return labels of levels: short, but no two alike.

    Example:
        >>> _level_labels([1.0, 2.0]), _level_labels([1000001.0, 1000002.0])
        (['1', '2'], ['1000001.0', '1000002.0'])
    """
    short = [f"{level:g}" if isinstance(level, float) else str(level) for level in levels]
    labels = [shortened(text, _LEVEL_SIGNS) for text in short]
    seen = Counter(map(_as_seen, labels))
    labels = [
        label if seen[_as_seen(label)] == 1 else shortened(str(level))
        for label, level in zip(labels, levels, strict=True)
    ]
    if len(set(map(_as_seen, labels))) < len(labels):
        labels = [f"{number}: {label}" for number, label in enumerate(labels, start=1)]
    return labels


def _as_seen(label: str) -> str:
    # A page shows white space of any kind and length as one space, and none at the ends.
    return " ".join(label.split())
