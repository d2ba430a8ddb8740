"""Horizontal lines that a curve is read by: ceiling, targets, truth, raw pixels, no training."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from infomax.report.configurations import levels, raw_pixels, trained
from infomax.report.names import level_name
from infomax.report.palette import NEUTRAL
from infomax.report.panels import Panel, ReferenceKind

__all__ = ["Reference", "references"]


@dataclass(frozen=True)
class Reference:
    """One horizontal line.

    Attributes:
        kind: what it is.
        value: where it lies.
        label: beside the axes.
        colour: of the line.
        dashes: line style, as matplotlib's offset and on-off lengths.
        configuration: levels that it belongs to, where it does not belong to all.
    """

    kind: ReferenceKind
    value: float
    label: str
    colour: str = NEUTRAL
    dashes: tuple[float, tuple[float, ...]] = (0, (1, 2))
    configuration: Mapping[str, str] = field(default_factory=dict)


def references(
    panel: Panel,
    records: pd.DataFrame,
    bounds: Sequence[str],
    *,
    batch_size: int | None,
    colours: Mapping[str, str],
) -> list[Reference]:
    """Return the lines of one pair of axes.

    Args:
        panel: says which lines it wants.
        records: of the finished runs of one figure, and of raw pixels.
        bounds: those drawn on the axes.
        batch_size: pairs in a batch; ``None`` if it is not recorded.
        colours: of the levels that are coloured; an encoder among them has its line in its colour.
    """
    runs = trained(records)
    runs = runs[runs["bound"].isin(bounds)]
    found: list[Reference] = []
    if "ceiling" in panel.references and "infonce" in bounds and batch_size is not None:
        ceiling = math.log(batch_size)
        label = f"ceiling {ceiling:.2f}"
        found.append(Reference("ceiling", ceiling, label, configuration={"bound": "infonce"}))
    if "target" in panel.references:
        targets = runs["target"].dropna().unique()
        found += [Reference("target", float(target), f"target {target:g}") for target in targets]
    if "true information" in panel.references:
        found += _true_information(runs)
    if "raw pixels" in panel.references:
        found += _raw_pixels(records)
    if "untrained" in panel.references:
        found += _untrained(runs, colours)
    return found


def _true_information(runs: pd.DataFrame) -> Iterator[Reference]:
    for value in _measured(runs, "true_information").unique():
        yield Reference(
            "true information",
            float(value),
            f"truth {value:.4f}",
            dashes=(0, (6, 2)),
        )


def _raw_pixels(records: pd.DataFrame) -> Iterator[Reference]:
    values = _measured(raw_pixels(records), "probe_accuracy")
    if len(values):
        yield Reference("raw pixels", float(values.mean()), "raw pixels", dashes=(0, (6, 2)))


def _untrained(runs: pd.DataFrame, colours: Mapping[str, str]) -> Iterator[Reference]:
    for encoder in levels(runs, "encoder"):
        chosen = runs[(runs["encoder"] == encoder) & (runs["step"] == 0)]
        values = _measured(chosen, "probe_accuracy")
        if len(values):
            yield Reference(
                "untrained",
                float(values.mean()),
                f"untrained {level_name('encoder', encoder)}",
                colour=colours.get(encoder, NEUTRAL),
                dashes=(0, (6, 2, 1, 2)),
                configuration={"encoder": encoder},
            )


def _measured(records: pd.DataFrame, metric: str) -> pd.Series:
    chosen = (records["metric"] == metric) & (records["split"] == "test")
    values: pd.Series = records.loc[chosen, "value"]
    return values
