"""What an estimate is: a number, how sure it is, how it was come by, and what speaks against it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.bounds import Kind
from infomax.estimation.cautions import EstimationWarning

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NATS_OF", "Interval", "MIResult"]

NATS_OF = {"nats": 1.0, "bits": math.log(2)}
"""How many nats each unit of information is."""

_SIGNIFICANT = 0.05
_DECIMALS, _MOST_DECIMALS = 3, 9


@dataclass(frozen=True)
class Interval:
    """A confidence interval, in nats.

    Example:
        >>> 0.2 in Interval(0.1, 0.3), 0.4 in Interval(0.1, 0.3)
        (True, False)
        >>> low, high = Interval(0.1, 0.3)
    """

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    @property
    def width(self) -> float:
        """The distance between its ends."""
        return self.high - self.low

    @property
    def decimals(self) -> int:
        """How many decimals tell its ends apart: 3, or more where it is narrow.

        Example:
            >>> Interval(0.2, 0.4).decimals, Interval(0.00012, 0.00034).decimals
            (3, 5)
        """
        # Of a constant it is 0, and of what is infinite no number.
        if not 0 < self.width < math.inf:
            return _DECIMALS
        return min(max(_DECIMALS, 1 - math.floor(math.log10(self.width))), _MOST_DECIMALS)

    def told(self, unit: str = "nats") -> str:
        """Return its ends in words, in a unit of ``NATS_OF``.

        Example:
            >>> Interval(0.2, 0.4).told(), Interval(0.2, 0.4).told("bits")
            ('[0.200, 0.400]', '[0.289, 0.577]')
        """
        low, high = (end / NATS_OF[unit] for end in self)
        return f"[{low:.{self.decimals}f}, {high:.{self.decimals}f}]"


@dataclass(frozen=True, eq=False)
class MIResult:
    """An estimate of the mutual information of x and y.

    Attributes:
        value: the estimate, in nats; information is never below 0, and a reading that is counts
            as 0.
        interval: where the value would lie in other samples as large, by the confidence asked for.
            It knows the spread of the estimate, not its bias. It begins at 0 where it would begin
            below, and around a reading below 0 it is moved to be around 0.
        p_value: how often broken pairs look at least as dependent, by permutations or by a test
            that the reason names; small where there is any dependence at all.
        method: that gave the number.
        kind: side of the information on which the method's expectation stands.
        reason: why this method, and on what it rests.
        pairs: number of pairs that the estimate rests on.
        confidence: of the interval.
        null_values: what the test statistic was in each permutation, and in the data as they are.
        history: of training: refit, step, train and validation bound in nats; empty for methods
            that are not trained.
        warnings: reasons to read the number with care.
        rows_left_out: number of rows that were left out because a value was missing.
        raw_value: the reading itself, which scatters around 0 where nothing is shared.
        entropy_of_y: what y holds, in nats, where all of its columns are discrete; else NaN.
    """

    value: float
    interval: Interval
    p_value: float
    method: str
    kind: Kind
    reason: str
    pairs: int
    confidence: float
    null_values: NDArray[np.float64] = field(repr=False)
    observed: float = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    warnings: tuple[EstimationWarning, ...] = ()
    rows_left_out: int = 0
    raw_value: float = field(default=math.nan, repr=False)
    entropy_of_y: float = field(default=math.nan, repr=False)

    def __post_init__(self) -> None:
        if math.isnan(self.raw_value):
            below = min(self.value, 0.0)
            low, high = self.interval
            object.__setattr__(self, "raw_value", self.value)
            object.__setattr__(self, "value", self.value - below)
            object.__setattr__(self, "interval", Interval(max(low - below, 0.0), high - below))

    def __str__(self) -> str:
        percent = f"{100 * self.confidence:g} %"
        equals = "is at least" if self.at_least else "="
        lines = [
            f"I(X; Y) {equals} {self.value:.{self.decimals}f} nats  {self.interval_told} "
            f"({percent})",
            f"any dependence at all: {self.verdict}",
            f"method: {self.method} ({self.kind if self.kind != 'neither' else 'no bound'}), "
            f"{self.pairs_told}",
            f"why: {self.reason}",
        ]
        lines += [f"warning: {caution}" for caution in self.warnings]
        return "\n".join(lines)

    @property
    def at_least(self) -> bool:
        """Whether the number is a lower bound: the information may be larger, and nothing tells."""
        return self.kind == "lower bound"

    @property
    def decimals(self) -> int:
        """How many decimals tell the ends of the interval apart."""
        return self.interval.decimals

    @property
    def interval_told(self) -> str:
        """The ends of the interval in words, in nats."""
        return self.interval.told()

    @property
    def share_of_y(self) -> float:
        """How much of the entropy of y is shared: at most 1, as no more can be; NaN of no levels.

        What an estimate has above the entropy is its error.
        """
        return min(self.value / self.entropy_of_y, 1.0) if self.entropy_of_y > 0 else math.nan

    @property
    def pairs_told(self) -> str:
        """The number of pairs in words, and of those that were left out."""
        rows = "row" if self.rows_left_out == 1 else "rows"
        without = f", {self.rows_left_out} {rows} with missing values left out"
        return f"{self.pairs} pairs{without if self.rows_left_out else ''}"

    @property
    def verdict(self) -> str:
        """The p-value in words: dependence is shown at 0.05, whatever the interval's confidence."""
        if math.isnan(self.p_value):
            return "not tested"
        shown = self.p_value <= _SIGNIFICANT
        found = f"{'yes' if shown else 'not shown'} (p = {self.p_value:.3g})"
        if shown and self.interval.low <= 0:
            return f"{found}, though the interval does not exclude 0"
        if not shown and self.interval.low > 0:
            return f"{found}, though the interval excludes 0: one of both misleads"
        return found

    def as_dict(self, unit: str = "nats") -> Mapping[str, Any]:
        """Return all but the history as what JSON can hold; None for what is not finite.

        Args:
            unit: of ``NATS_OF``, which the names of what is measured in it end with.
        """
        return {
            f"value_{unit}": _finite(self.value / NATS_OF[unit]),
            f"raw_value_{unit}": _finite(self.raw_value / NATS_OF[unit]),
            f"interval_{unit}": [_finite(end / NATS_OF[unit]) for end in self.interval],
            f"entropy_of_y_{unit}": _finite(self.entropy_of_y / NATS_OF[unit]),
            "share_of_y": _finite(self.share_of_y),
            "confidence": self.confidence,
            "p_value": _finite(self.p_value),
            "method": self.method,
            "kind": self.kind,
            "reason": self.reason,
            "pairs": self.pairs,
            "rows_left_out": self.rows_left_out,
            "warnings": [
                {"type": type(caution).__name__, "message": str(caution)}
                for caution in self.warnings
            ],
        }

    def plot(self) -> "Figure":
        """Draw the estimate beside the values without dependence, and how training went."""
        from infomax.estimation.drawing import draw_result  # noqa: PLC0415 - waits for matplotlib

        return draw_result(self)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
