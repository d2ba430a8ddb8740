"""The part of a vertical axis worth showing, and what falls below it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infomax.report.traces import Trace

__all__ = ["Limits", "limits_of", "logarithmic_limits_of"]

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

    def clipped(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values near enough for lines to leave the axis at their true side.

        Infinite ones could not be drawn at all, and the line to them would be missing; so could
        zeros on a logarithmic axis.
        """
        if self.logarithmic:
            beyond = 10.0**_DECADES_BEYOND
            return np.clip(values, self.low / beyond, self.high * beyond)
        reach = 20 * (self.high - self.low)
        return np.clip(values, self.low - reach, self.high + reach)


def limits_of(
    traces: Sequence[Trace], reference_values: Sequence[float], floor: float | None
) -> Limits:
    """Return the ends of an axis that shows the traces down to a floor.

    Args:
        traces: to be drawn on the axis.
        reference_values: where horizontal lines lie.
        floor: value below which the axis need not reach, if anything lies above it.
    """
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


def logarithmic_limits_of(traces: Sequence[Trace]) -> Limits:
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
