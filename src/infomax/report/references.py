"""Horizontal lines that a curve is read by: ceiling, targets, raw pixels, untrained encoders."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from infomax.report.configurations import levels, raw_pixels, trained
from infomax.report.layouts import Panel
from infomax.report.palette import NEUTRAL

__all__ = ["Reference", "references"]


@dataclass(frozen=True)
class Reference:
    """One horizontal line.

    Attributes:
        value: where it lies.
        label: for the legend.
        colour: of the line.
        dashes: line style, as matplotlib's offset and on-off lengths.
    """

    value: float
    label: str
    colour: str = NEUTRAL
    dashes: tuple[float, tuple[float, ...]] = (0, (1, 2))


def references(
    panel: Panel,
    records: pd.DataFrame,
    estimator: str,
    *,
    batch_size: int | None,
    colours: Mapping[str, str],
) -> list[Reference]:
    """Return the lines of one set of axes.

    Args:
        panel: says which lines it wants.
        records: of the finished runs of one study, and of raw pixels.
        estimator: the column of axes.
        batch_size: pairs in a batch; ``None`` if it is not recorded.
        colours: of the levels that are coloured; an encoder among them has its line in its colour.
    """
    runs = trained(records)
    runs = runs[runs["estimator"] == estimator]
    found: list[Reference] = []
    if "ceiling" in panel.references and estimator == "infonce" and batch_size is not None:
        ceiling = math.log(batch_size)
        found.append(Reference(ceiling, f"ceiling of infonce,\nlog {batch_size} = {ceiling:.2f}"))
    if "target" in panel.references:
        found += [Reference(target, "target") for target in runs["target"].dropna().unique()]
    if "raw pixels" in panel.references:
        found += _raw_pixels(records)
    if "untrained" in panel.references:
        found += _untrained(runs, colours)
    return found


def _raw_pixels(records: pd.DataFrame) -> Iterator[Reference]:
    values = _probed(raw_pixels(records))
    if len(values):
        yield Reference(float(values.mean()), "raw pixels", dashes=(0, (6, 2)))


def _untrained(runs: pd.DataFrame, colours: Mapping[str, str]) -> Iterator[Reference]:
    for encoder in levels(runs, "encoder"):
        values = _probed(runs[(runs["encoder"] == encoder) & (runs["step"] == 0)])
        if len(values):
            yield Reference(
                float(values.mean()),
                f"untrained {encoder}",
                colour=colours.get(encoder, NEUTRAL),
                dashes=(0, (6, 2, 1, 2)),
            )


def _probed(records: pd.DataFrame) -> pd.Series:
    chosen = (records["metric"] == "probe_accuracy") & (records["split"] == "test")
    values: pd.Series = records.loc[chosen, "value"]
    return values
