"""Curves over steps, averaged over seeds: what a figure draws, before it is drawn."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.report.configurations import level_name, level_phrase
from infomax.report.layouts import Layout, Quantity

__all__ = ["Trace", "traces"]


@dataclass(frozen=True)
class Trace:
    """One quantity of one configuration over steps.

    Attributes:
        estimator: the column of axes it belongs to.
        quantity: what it is.
        level: short name of the level that its colour stands for.
        colour_label: the same for the legend.
        marker_label: the levels that its marker stands for; empty if there is nothing to mark.
        steps: where it was evaluated.
        mean: over seeds.
        spread: standard deviation over seeds; NaN where it cannot be had.
        seeds: how many.
    """

    estimator: str
    quantity: Quantity
    level: str
    colour_label: str
    marker_label: str
    steps: NDArray[np.int64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    seeds: int

    @property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper edge: one standard deviation to either side of the mean."""
        with np.errstate(invalid="ignore", over="ignore"):
            return self.mean - self.spread, self.mean + self.spread


def traces(runs: pd.DataFrame, layout: Layout, quantity: Quantity) -> Iterator[Trace]:
    """Yield the trace of each configuration.

    Args:
        runs: records of the finished runs of one study.
        layout: says which factors tell configurations apart.
        quantity: to draw.
    """
    chosen = runs[(runs["metric"] == quantity.metric) & (runs["split"] == quantity.split)]
    factors = ["estimator", layout.colour, *layout.marker]
    for names, group in chosen.groupby(factors, dropna=False, sort=False):
        level = dict(zip(factors, names, strict=True))
        steps, mean, spread = _over_seeds(group)
        yield Trace(
            estimator=str(level["estimator"]),
            quantity=quantity,
            level=level_name(layout.colour, level[layout.colour]),
            colour_label=level_phrase(layout.colour, level[layout.colour]),
            marker_label=", ".join(level_phrase(each, level[each]) for each in layout.marker),
            steps=steps,
            mean=mean,
            spread=spread,
            seeds=group["seed"].nunique(),
        )


def _over_seeds(
    group: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    values = [
        (step, of_step["value"].to_numpy(dtype=float)) for step, of_step in group.groupby("step")
    ]
    # Infinite values are allowed: their mean is infinite and their spread is not a number.
    with np.errstate(invalid="ignore", over="ignore"):
        mean = [float(np.mean(of_step)) for _, of_step in values]
        spread = [
            float(np.std(of_step, ddof=1)) if len(of_step) > 1 else np.nan for _, of_step in values
        ]
    return (
        np.array([step for step, _ in values], dtype=np.int64),
        np.array(mean, dtype=np.float64),
        np.array(spread, dtype=np.float64),
    )
