"""What an estimate is: a number, how sure it is, how it was come by, and what speaks against it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.bounds import Kind
from infomax.estimation.arrays import Array
from infomax.information import NATS_OF, SIGNIFICANT, Interval, joined
from infomax.warnings import EstimationWarning

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Interval", "MIResult", "ResultKind", "tails_of"]

ResultKind: TypeAlias = Kind | Literal["between"]
"""What a number claims: on which side of the information it stands, or between which two it is."""

_ROUNDING = 1e-12
_CLAIMS: Mapping[ResultKind, str] = {
    "lower bound": "at least",
    "upper bound": "at most",
    "neither": "",
    "between": "between",
}
_KINDS_TOLD: Mapping[ResultKind, str] = {
    "neither": "no bound",
    "between": "lower bound, and what a discrete side holds",
}


def tails_of(kind: Kind, confidence: float) -> tuple[float, float]:
    """Return the quantiles of a reading at which its interval ends: 0 and 1 where it does not.

    The truth lies to one side of what a bound reads on average. So all that may be missed lies
    beyond one end, and the interval has no other.

    Args:
        kind: side of the information on which the expectation of the reading stands.
        confidence: of the interval.

    Example:
        >>> [round(tail, 3) for tail in tails_of("neither", 0.95)]
        [0.025, 0.975]
        >>> [round(tail, 3) for tail in tails_of("lower bound", 0.95)]
        [0.05, 1.0]
    """
    missed = 1 - confidence
    if kind == "lower bound":
        return missed, 1.0
    if kind == "upper bound":
        return 0.0, confidence
    return missed / 2, 1 - missed / 2


@dataclass(frozen=True, eq=False)
class MIResult:
    """An estimate of the mutual information of x and y, given a condition or not.

    Attributes:
        value: the estimate, in nats; information is never below 0, and a reading that is counts
            as 0.
        interval: of samples as large, those of a share that is the confidence asked for hold what
            the method reads on average, and of a lower bound the information itself, however large:
            its interval has no upper end but what a discrete side holds. It knows the spread of the
            estimate, not its bias. It begins at 0 where it would begin below, and around a reading
            below 0 it is moved to be around 0.
        p_value: how often broken pairs look at least as dependent, by permutations or by a test
            that the reason names; small where there is any dependence at all.
        method: that gave the number.
        kind: side of the information on which the method's expectation stands; "between" of a lower
            bound where a discrete side holds so much and no more: the number is the lower reading,
            and the interval ends with the upper one.
        reason: why this method, and on what it rests.
        pairs: number of pairs that the estimate rests on.
        confidence: of the interval.
        null_values: what the test statistic was in each permutation, and in the data as they are.
        history: of training: refit, step, train and validation bound in nats; empty for methods
            that are not trained.
        curve: values of the same estimate at quarters, halves and all of the pairs: pairs, value in
            nats; empty where it was not repeated.
        warnings: reasons to read the number with care.
        parts: what was computed on some of the pairs only, and on how many, in words.
        rows_left_out: number of rows that were left out because a value was missing.
        raw_value: the reading itself, which scatters around 0 where nothing is shared.
        entropy_of_y: what y holds, given the condition, in nats, where all of these columns are
            discrete; else NaN.
        entropy_of_x: what x holds, likewise.
        most_shared: upper confidence limit of what a discrete side holds, in nats, of two the
            smaller one; it ends what a lower bound leaves open. Infinite of continuous sides.
    """

    value: float
    interval: Interval
    p_value: float
    method: str
    kind: ResultKind
    reason: str
    pairs: int
    confidence: float
    null_values: Array = field(repr=False)
    observed: float = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    curve: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    warnings: tuple[EstimationWarning, ...] = ()
    parts: tuple[str, ...] = ()
    rows_left_out: int = 0
    raw_value: float = field(default=math.nan, repr=False)
    entropy_of_y: float = field(default=math.nan, repr=False)
    entropy_of_x: float = field(default=math.nan, repr=False)
    most_shared: float = field(default=math.inf, repr=False)
    random_state: int = 0
    x_columns: tuple[str, ...] = field(default=("x",), repr=False)
    y_columns: tuple[str, ...] = field(default=("y",), repr=False)
    given_columns: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if math.isnan(self.raw_value):
            below = min(self.value, 0.0)
            low, high = self.interval
            object.__setattr__(self, "raw_value", self.value)
            object.__setattr__(self, "value", self.value - below)
            object.__setattr__(self, "interval", Interval(max(low - below, 0.0), high - below))
        # No more can be shared than a side holds, which ends what a lower bound leaves open.
        low, high = self.interval
        if self.kind == "lower bound" and high > self.most_shared:
            ends = Interval(min(low, self.most_shared), self.most_shared)
            object.__setattr__(self, "interval", ends)
            object.__setattr__(self, "kind", "between")

    def __str__(self) -> str:
        percent = f"{100 * self.confidence:g} %"
        lines = [
            f"{self.sought} {'is' if self.claim else '='} {self.amount_told()}  "
            f"{self.interval_told} ({percent})",
            f"any dependence at all: {self.verdict}",
            f"method: {self.method_told}, {self.pairs_told}",
            f"why: {self.reason}",
        ]
        if self.parts:
            lines.append(f"on a part of the pairs, drawn at random: {self.parts_told}")
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "\n".join(lines)

    @property
    def at_least(self) -> bool:
        """Whether the number is a lower bound: the information may be larger, and nothing tells."""
        return self.kind == "lower bound"

    @property
    def sought(self) -> str:
        """What was estimated, as a formula."""
        return "I(X; Y | Z)" if self.given_columns else "I(X; Y)"

    @property
    def condition_told(self) -> str:
        """The condition in words that follow those of y, such as `` given age``; none of none."""
        return f" given {joined(self.given_columns)}" if self.given_columns else ""

    @property
    def claim(self) -> str:
        """What the number claims to be: "at least", "at most", "between", or "" for an estimate."""
        return _CLAIMS[self.kind]

    def amount_told(self, unit: str = "nats") -> str:
        """Return the number in words, with what it claims to be.

        Args:
            unit: of ``NATS_OF``.

        Example:
            >>> read = (0.81, Interval(0.75, math.inf), 0.005, "nwj", "lower bound", "", 178, 0.95)
            >>> MIResult(*read, [], 0.81, []).amount_told()
            'at least 0.810 nats'
            >>> MIResult(*read, [], 0.81, [], most_shared=1.09).amount_told()
            'between 0.810 and 1.090 nats'
        """
        value, high = (
            f"{amount / NATS_OF[unit]:z.{self.decimals}f}"
            for amount in (self.value, self.interval.high)
        )
        if self.kind == "between":
            # A reading above what can be shared is its error.
            return f"between {value if self.value < self.interval.high else high} and {high} {unit}"
        return f"{self.claim} {value} {unit}".strip()

    @property
    def method_told(self) -> str:
        """The method and on which side of the information its number stands, in words."""
        return f"{self.method} ({_KINDS_TOLD.get(self.kind, self.kind)})"

    @property
    def decimals(self) -> int:
        """How many decimals tell the ends of the interval apart, or the value from the one end."""
        low, high = self.interval
        if self.kind == "lower bound":
            return Interval(low, self.value).decimals
        return Interval(low, high).decimals

    @property
    def interval_told(self) -> str:
        """The ends of the interval in words, in nats."""
        return self.interval.told(decimals=self.decimals)

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
    def parts_told(self) -> str:
        """What was computed on some of the pairs only, in words; empty where nothing was."""
        return "; ".join(self.parts)

    @property
    def verdict(self) -> str:
        """The p-value in words: dependence is shown at 0.05, whatever the interval's confidence."""
        if math.isnan(self.p_value):
            return "not tested"
        shown = self.p_value <= SIGNIFICANT
        found = f"{'yes' if shown else 'not shown'} (p = {self.p_value:.3g})"
        if shown and self.interval.low <= 0:
            return f"{found}, though the interval does not exclude 0"
        if not shown and self.interval.low > 0:
            return f"{found}, though the interval excludes 0: one of both misleads"
        return found

    def answer(self, unit: str = "nats") -> str:
        """Return what the estimate says of its columns, in one sentence.

        Args:
            unit: of ``NATS_OF``.

        Example:
            >>> result = MIResult(0.81, Interval(0.75, math.inf), 0.005, "nwj", "lower bound", "",
            ...     178, 0.95, [], 0.81, [], entropy_of_y=1.09, most_shared=1.12,
            ...     x_columns=("flavanoids", "proline"), y_columns=("target",))
            >>> print(result.answer())
            flavanoids and proline share between 0.810 and 1.120 nats with target (at least 74 \
% of what target holds), 95 % [0.750, 1.120]
        """
        y = joined(self.y_columns)
        share = "shares" if len(self.x_columns) == 1 else "share"
        hold = "holds" if len(self.y_columns) == 1 else "hold"
        of_y, condition = self.share_of_y, self.condition_told
        at_least = "at least " if self.kind == "between" else ""
        held = "" if math.isnan(of_y) else f" ({at_least}{100 * of_y:z.0f} % of what {y} {hold})"
        return (
            f"{joined(self.x_columns)} {share} {self.amount_told(unit)} with {y}{condition}{held}, "
            f"{100 * self.confidence:g} % {self.interval.told(unit, decimals=self.decimals)}"
        )

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
            "given": list(self.given_columns),
            "parts": list(self.parts),
            "rows_left_out": self.rows_left_out,
            "curve": [
                {"pairs": int(pairs), f"value_{unit}": _finite(value / NATS_OF[unit])}
                for pairs, value in zip(*map(self.curve.get, ("pairs", "value")), strict=True)
            ]
            if len(self.curve)
            else [],
            "warnings": [
                {"type": type(warning).__name__, "message": str(warning)}
                for warning in self.warnings
            ],
        }

    def null_histogram(self) -> tuple[NDArray[np.intp], Array]:
        """Return how many of the finite ``null_values`` lie in each bin, and the bins' edges.

        There are 30 bins, or one where the values differ by no more than rounding.
        """
        values = self.null_values[np.isfinite(self.null_values)]
        alike = not len(values) or np.ptp(values) <= _ROUNDING * max(1.0, np.abs(values).max())
        return np.histogram(values, bins=1 if alike else 30)

    def plot(self, source: str = "") -> "Figure":
        """Draw the estimate beside the values without dependence, and how training went.

        Args:
            source: what the columns are of, such as the name of a file, for the title.
        """
        # Here, so that whoever draws nothing does not wait for matplotlib.
        from infomax.estimation.drawing import (  # noqa: PLC0415
            draw_curve,
            draw_panels,
            draw_test,
            draw_training,
            draw_value,
        )

        panels: list[Callable[[Axes], None]] = []
        if math.isfinite(self.value):
            title = f"{self.amount_told()} {self.interval_told}\n{self.method}"
            panels.append(
                partial(draw_value, value=self.value, interval=self.interval, title=title)
            )
        if len(self.null_values):
            counts, edges = self.null_histogram()
            test = partial(draw_test, counts=counts, edges=edges, observed=self.observed)
            panels.append(partial(test, verdict=self.verdict))
        if len(self.history):
            panels.append(partial(draw_training, history=self.history, value=self.value))
        if len(self.curve):
            panels.append(partial(draw_curve, curve=self.curve))
        columns = f"{joined(self.x_columns)} with {joined(self.y_columns)}{self.condition_told}"
        return draw_panels(panels, f"{columns}, {source}" if source else columns, self.reason)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
