"""The layout of a study's figures: which factor is coloured and how, what stands side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from infomax.records import Split
from infomax.report.panels import Panel, panels_of
from infomax.report.recorded_runs import levels_of, trained_runs, varying_factors
from infomax.report.text import Names
from infomax.studies.study_entry import StudyEntry

__all__ = ["NEUTRAL", "Layout", "by_figure", "colours_of", "layout_of"]


@dataclass(frozen=True)
class Layout:
    """What a figure colours, marks and puts side by side.

    Attributes:
        colour: the factor whose levels have a colour each.
        marker: the other factors that vary; each combination of levels has a marker.
        panels: what is drawn.
        columns: what stands side by side: bounds, with the panels of each below each other; or
            the panels, with the bounds in one pair of axes.
        lead: metric and split of what the study asks about.
        against: metric and split of the two things that it sets against each other, if it does.
        names: what levels are called.
    """

    colour: str
    marker: tuple[str, ...]
    panels: tuple[Panel, ...]
    columns: Literal["bounds", "panels"] = "bounds"
    lead: tuple[str, Split] = ("probe_accuracy", "test")
    against: tuple[tuple[str, Split], tuple[str, Split]] | None = None
    names: Names = field(default_factory=Names)


def layout_of(
    entry: StudyEntry | None, records: pd.DataFrame, names: Names | None = None
) -> Layout:
    """Return the layout of a figure, a plain one if its study is not in the catalogue.

    Args:
        entry: what the catalogue holds of its study.
        records: records of the figure.
        names: what levels are called.
    """
    runs = trained_runs(records)
    # Bounds have columns of their own, or are coloured.
    others = [factor for factor in varying_factors(runs) if factor != "bound"]
    colour = (entry.compares if entry else "") or (others[0] if others else "encoder")
    plain = Layout(
        colour=colour,
        marker=tuple(factor for factor in others if factor != colour),
        panels=panels_of(runs),
        names=names or Names(),
    )
    if entry is None:
        return plain
    columns: Literal["bounds", "panels"] = "panels" if entry.bounds_together else "bounds"
    return replace(plain, columns=columns, lead=entry.asks_about, against=entry.sets_against)


def by_figure(
    entry: StudyEntry | None, records: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the records of each figure of a study, with the data set that it is on.

    Where data sets are what a study compares, they stand in one figure, and the name is empty.

    Args:
        entry: what the catalogue holds of the study.
        records: records of that study.
    """
    if entry is not None and entry.compares == "dataset":
        yield "", records
        return
    for dataset in levels_of(records, "dataset"):
        yield str(dataset), records[records["dataset"] == dataset]


NEUTRAL = "#4a4a4a"
"""Colour of what belongs to no level of the coloured factor."""

# After Okabe and Ito, and Tol: told apart under the common colour vision deficiencies, and dark
# enough for thin lines on white.
_COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#aa3377", "#b8860b", "#882255"),
    *("#332288", "#cc4466", "#56b4e9"),
)
# So that two bounds do not look like the first two critics.
_FIRST = {"bound": 6}


def colours_of(levels: Iterable[str], factor: str = "") -> dict[str, str]:
    """Return a colour for each level of a factor, in their order.

    Example:
        >>> colours_of(["bilinear", "concat"], "critic")
        {'bilinear': '#0072b2', 'concat': '#d55e00'}
    """
    # What stands for no level at all needs no colour of the others.
    named = sorted(dict.fromkeys(levels), key=lambda level: not level)
    first = _FIRST.get(factor, 0)
    return {level: _COLOURS[(first + index) % len(_COLOURS)] for index, level in enumerate(named)}
