"""Curves over steps, averaged over seeds, and the ends of the axis that shows them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.report.layout import Layout, Panel, Quantity
from infomax.report.recorded_runs import FACTORS

__all__ = ["Limits", "Trace", "build_traces", "limits_of"]


@dataclass(frozen=True)
class Trace:
    """One quantity of one configuration over steps.

    Attributes:
        quantity: what it is.
        configuration: level of each factor, as in the records.
        level: the level that its colour stands for.
        bound_label: its bound as people call it; empty where there is none.
        colour_label: the same in words that need no heading.
        short_label: the same in as few words as may be.
        marker_label: the levels that its marker stands for; empty if there is nothing to mark.
        steps: where it was evaluated.
        mean: over seeds.
        spread: standard deviation over seeds; NaN where it cannot be had.
        seeds: how many, at each step.
        single: steps and values of each seed by itself.
    """

    quantity: Quantity
    configuration: Mapping[str, Any]
    level: str
    bound_label: str
    colour_label: str
    short_label: str
    marker_label: str
    steps: NDArray[np.int64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    seeds: NDArray[np.int64]
    single: tuple[tuple[NDArray[np.int64], NDArray[np.float64]], ...]

    @property
    def bound(self) -> str:
        """Name of the bound; empty where there is none."""
        return str(self.configuration["bound"])

    @property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper edge: one standard deviation to either side of the mean."""
        with np.errstate(invalid="ignore", over="ignore"):
            return self.mean - self.spread, self.mean + self.spread


def build_traces(runs: pd.DataFrame, layout: Layout, quantity: Quantity) -> Iterator[Trace]:
    """Yield the trace of each configuration.

    Args:
        runs: records of the finished runs of one figure.
        layout: says which factors tell configurations apart.
        quantity: quantity to draw.
    """
    chosen = runs[(runs["metric"] == quantity.metric) & (runs["split"] == quantity.split)]
    for names, group in chosen.groupby(list(FACTORS), dropna=False, sort=False):
        level, called = dict(zip(FACTORS, names, strict=True)), layout.names
        by_step = group.groupby("step")["value"]
        # Infinite values are allowed: their mean is infinite and their spread is not a number.
        with np.errstate(invalid="ignore", over="ignore"):
            mean, spread = by_step.agg(_mean), by_step.agg(_deviation)
        yield Trace(
            quantity=quantity,
            configuration=level,
            level=str(level[layout.colour]),
            bound_label=called.short("bound", level["bound"]),
            colour_label=called.phrase(layout.colour, level[layout.colour]),
            short_label=called.short(layout.colour, level[layout.colour]),
            marker_label=", ".join(called.short(each, level[each]) for each in layout.marker),
            steps=np.asarray(mean.index, np.int64),
            mean=np.asarray(mean, np.float64),
            spread=np.asarray(spread, np.float64),
            seeds=np.asarray(by_step.size(), np.int64),
            single=tuple(_by_itself(of_seed) for _, of_seed in group.groupby("seed")),
        )


def _mean(values: "pd.Series[float]") -> float:
    return float(np.mean(values.to_numpy()))


def _deviation(values: "pd.Series[float]") -> float:
    return float(np.std(values.to_numpy(), ddof=1)) if len(values) > 1 else np.nan


def _by_itself(of_seed: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    # Untrained encoders are measured once for all runs of a seed, and may be recorded again.
    values = of_seed.groupby("step")["value"].mean()
    return values.index.to_numpy(dtype=np.int64), values.to_numpy(dtype=np.float64)


_DECADES_BEYOND = 3


@dataclass(frozen=True)
class Limits:
    """Ends of a vertical axis.

    Attributes:
        low: lower end.
        high: upper end.
        logarithmic: whether equal ratios are equally far apart.
    """

    low: float
    high: float
    logarithmic: bool = False

    def below(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values lie below the axis; infinite ones may."""
        return values < self.low

    def clip(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values near enough for lines to leave the axis at their true side.

        Infinite ones could not be drawn at all, and the line to them would be missing; so could
        zeros on a logarithmic axis.
        """
        if self.logarithmic:
            beyond = 10.0**_DECADES_BEYOND
            return np.clip(values, self.low / beyond, self.high * beyond)
        reach = 20 * (self.high - self.low)
        return np.clip(values, self.low - reach, self.high + reach)

    def share(self, value: float) -> float:
        """Return how far up the axis a value stands, from 0 to 1; at an end if it is beyond.

        Example:
            >>> Limits(0.0, 4.0).share(3.0), Limits(0.1, 1000.0, logarithmic=True).share(10.0)
            (0.75, 0.5)
        """
        ends = self.low, min(max(value, self.low), self.high), self.high
        low, shown, high = map(math.log10, ends) if self.logarithmic else ends
        return (shown - low) / (high - low)


def limits_of(
    panel: Panel, traces: Sequence[Trace], reference_values: Sequence[float] = ()
) -> Limits:
    """Return the ends of an axis that shows the traces, down to the floor of its panel.

    Args:
        panel: what is drawn on the axis.
        traces: traces to be drawn on it.
        reference_values: where horizontal lines lie; a logarithmic axis has none.
    """
    if panel.logarithmic:
        return _logarithmic_limits(traces)
    floor = panel.floor
    means = np.concatenate([np.empty(0), *(trace.mean for trace in traces)])
    # A mean below the floor has a deviation as large as itself, which would raise the other end.
    lowest = floor if floor is not None and bool((means >= floor).any()) else -np.inf
    parts = [means]
    for trace in traces:
        if trace.quantity.band:
            parts += [edge[trace.mean >= lowest] for edge in trace.band]
    values = np.concatenate([*parts, np.asarray(reference_values, dtype=float)])
    values = values[np.isfinite(values)]
    values = np.maximum(values, lowest)
    if not len(values):
        return Limits(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    padding = 0.05 * (high - low) or 0.5
    # At the floor there is nothing to pad: what lies below is marked at the edge.
    return Limits(low if low == lowest else low - padding, high + padding)


def _logarithmic_limits(traces: Sequence[Trace]) -> Limits:
    """Return the ends of a logarithmic axis that shows every mean that it can show.

    The lower edge of a band can be zero or less, which no such axis reaches, so means decide.
    """
    edges = [trace.band[1] for trace in traces if trace.quantity.band]
    values = np.concatenate([np.empty(0), *(trace.mean for trace in traces), *edges])
    values = np.log10(values[np.isfinite(values) & (values > 0)])
    if not len(values):
        return Limits(0.1, 1.0, logarithmic=True)
    padding = 0.08 * float(np.ptp(values)) or 0.5
    low, high = float(values.min()) - padding, float(values.max()) + padding
    return Limits(10.0**low, 10.0**high, logarithmic=True)
