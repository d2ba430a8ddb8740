"""How a study is laid out: which factor is coloured, and what is drawn in which row."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from infomax.records import FAILED, Split
from infomax.report.configurations import trained, varying

__all__ = ["Layout", "Panel", "Quantity", "ReferenceKind", "layout_of"]

ReferenceKind = Literal["ceiling", "target", "raw pixels", "untrained"]


@dataclass(frozen=True)
class Quantity:
    """One metric as a kind of line.

    Attributes:
        metric: of the records.
        split: of the records.
        label: for the legend.
        dashes: line style.
        width: line width in points.
        filled: whether markers are filled.
        band: whether the standard deviation over seeds is shaded.
    """

    metric: str
    split: Split
    label: str
    dashes: Literal["-", "--", ":"] = "-"
    width: float = 1.6
    filled: bool = True
    band: bool = True


@dataclass(frozen=True)
class Panel:
    """One row of axes.

    Attributes:
        axis: label of the vertical axis, with its unit.
        quantities: what is drawn.
        references: horizontal lines to read it by.
        floor: value below which the axis need not reach; ``None`` shows everything.
    """

    axis: str
    quantities: tuple[Quantity, ...]
    references: tuple[ReferenceKind, ...] = ()
    floor: float | None = None


@dataclass(frozen=True)
class Layout:
    """One figure: a column of axes for each estimator, a row for each panel.

    Attributes:
        colour: the factor whose levels have a colour each.
        marker: the other factors that vary; each combination of levels has a marker.
        panels: rows of axes.
    """

    colour: str
    marker: tuple[str, ...]
    panels: tuple[Panel, ...]


def layout_of(study: str, records: pd.DataFrame) -> Layout:
    """Return the layout of a study, or a plain one if the study has none of its own.

    Args:
        study: name of the study.
        records: of that study.
    """
    runs = trained(records)
    # Estimators have columns of their own.
    others = [factor for factor in varying(runs) if factor != "estimator"]
    colour = _COLOURED.get(study) or (others[0] if others else "encoder")
    return Layout(
        colour=colour,
        marker=tuple(factor for factor in others if factor != colour),
        panels=_panels(runs),
    )


def _panels(runs: pd.DataFrame) -> tuple[Panel, ...]:
    measured = list(runs[["metric", "split"]].drop_duplicates().itertuples(index=False, name=None))
    bound = _MATCHED_BOUND if runs["target"].notna().any() else _BOUND
    familiar = [
        panel
        for panel in (bound, _PROBE)
        if any((each.metric, each.split) in measured for each in panel.quantities)
    ]
    strange = dict.fromkeys(metric for metric, _ in measured if metric not in _NOT_PANELS)
    return (*familiar, *(_plain(metric) for metric in strange))


def _plain(metric: str) -> Panel:
    return Panel(
        axis=metric.replace("_", " "),
        quantities=(
            Quantity(metric, "train", "training data"),
            Quantity(metric, "test", "held-out data", dashes="--", filled=False),
        ),
    )


_COLOURED = {"critics": "critic", "matched-bound": "encoder"}

_NATS = "Bound (nats)"
_BOUND_QUANTITIES = (
    Quantity("bound", "train", "training batches"),
    Quantity("bound", "test", "held-out pairs", dashes="--", filled=False),
)
# An untrained critic, or a heavy tail, can put a bound at minus millions. Nothing below zero
# tells one bad estimate of a non-negative quantity from another.
_LOWEST_NATS = -1.0
_BOUND = Panel(_NATS, _BOUND_QUANTITIES, ("ceiling",), _LOWEST_NATS)
_MATCHED_BOUND = Panel(_NATS, _BOUND_QUANTITIES, ("target",), _LOWEST_NATS)
_PROBE = Panel(
    "Probe accuracy (fraction)",
    (
        Quantity("probe_accuracy", "test", "our probe"),
        Quantity(
            "probe_accuracy_notebook",
            "test",
            "notebook's probe",
            dashes=":",
            width=0.9,
            filled=False,
            band=False,
        ),
    ),
    ("raw pixels", "untrained"),
)
_NOT_PANELS = {
    FAILED,
    "bound",
    "bound_low",
    "bound_high",
    "probe_accuracy",
    "probe_accuracy_notebook",
    "probe_penalty",
}
