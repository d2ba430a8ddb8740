"""How a study is laid out: which factor is coloured and how, and what stands side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from infomax.records import Split
from infomax.report.panels import Panel, panels_of
from infomax.report.recorded_runs import levels, trained, varying
from infomax.studies.catalogue import STUDIES

__all__ = ["NEUTRAL", "Layout", "by_figure", "colours_of", "compares_datasets", "layout_of"]


@dataclass(frozen=True)
class Layout:
    """One figure.

    Attributes:
        colour: the factor whose levels have a colour each.
        marker: the other factors that vary; each combination of levels has a marker.
        panels: what is drawn.
        columns: what stands side by side: bounds, with the panels of each below each other; or
            the panels, with the bounds in one pair of axes.
        lead: metric and split of what the study asks about.
        against: metric and split of the two things that it sets against each other, if it does.
    """

    colour: str
    marker: tuple[str, ...]
    panels: tuple[Panel, ...]
    columns: Literal["bounds", "panels"] = "bounds"
    lead: tuple[str, Split] = ("probe_accuracy", "test")
    against: tuple[tuple[str, Split], tuple[str, Split]] | None = None


def layout_of(study: str, records: pd.DataFrame) -> Layout:
    """Return the layout of a study, or a plain one if the study has none of its own.

    Args:
        study: name of the study.
        records: of one figure of that study.
    """
    runs = trained(records)
    # Bounds have columns of their own, or are coloured.
    others = [factor for factor in varying(runs) if factor != "bound"]
    entry = STUDIES.get(study)
    colour = (entry.compares if entry else "") or (others[0] if others else "encoder")
    plain = Layout(
        colour=colour,
        marker=tuple(factor for factor in others if factor != colour),
        panels=panels_of(runs),
    )
    if entry is None:
        return plain
    return replace(
        plain,
        columns="panels" if entry.bounds_together else "bounds",
        lead=entry.asks_about,
        against=entry.sets_against,
    )


def compares_datasets(study: str) -> bool:
    """Tell whether the data sets of a study are what it compares, and so stand in one figure."""
    return study in STUDIES and STUDIES[study].compares == "dataset"


def by_figure(study: str, records: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the records of each figure of a study, with the data set that it is on.

    Args:
        study: name of the study.
        records: of that study.
    """
    if compares_datasets(study):
        yield "", records
        return
    for dataset in levels(records, "dataset"):
        yield str(dataset), records[records["dataset"] == dataset]


NEUTRAL = "#4a4a4a"
"""Colour of what belongs to no level of the coloured factor."""

# After Okabe and Ito, and Tol: told apart under the common colour vision deficiencies, and dark
# enough for thin lines on white.
_KNOWN = {
    "bilinear": "#0072b2",
    "separable": "#009e73",
    "concat": "#d55e00",
    "mlp": "#aa3377",
    "convnet": "#b8860b",
    "realnvp-affine": "#882255",
    "gaussian-iid": "#0072b2",
    "gaussian-dependent": "#d55e00",
}
_OTHERS = ("#0072b2", "#d55e00", "#009e73", "#aa3377", "#b8860b", "#332288", "#56b4e9", "#882255")
# None of these stands for an encoder, a critic or a sampling of pairs.
_BOUNDS = ("#332288", "#cc4466", "#56b4e9", "#117733", "#ddaa33", "#000000")


def colours_of(names: Iterable[str], factor: str = "") -> dict[str, str]:
    """Return a colour for each name; names without a colour of their own take those left over.

    Args:
        names: of levels, in the order in which they take colours.
        factor: that they are levels of; bounds have colours of their own.

    Example:
        >>> colours_of(["concat"]), colours_of(["infonce"], "bound")
        ({'concat': '#d55e00'}, {'infonce': '#332288'})
    """
    levels = list(dict.fromkeys(names))
    taken = {_KNOWN[name] for name in levels if name in _KNOWN}
    others = _BOUNDS if factor == "bound" else _OTHERS
    free = [colour for colour in others if colour not in taken] or list(others)
    unknown = [name for name in levels if name not in _KNOWN]
    return {
        name: _KNOWN[name] if name in _KNOWN else free[unknown.index(name) % len(free)]
        for name in levels
    }
