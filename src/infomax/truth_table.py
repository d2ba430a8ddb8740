"""Estimates beside the truth: whether what each says is true, and what they say together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["COLUMNS", "TruthRow", "TruthSummary", "summarise"]

_MISS = 0.1
# A truth that is a mean over draws is known to so many of its standard errors.
_ERRORS = 2.0

COLUMNS = (
    "task",
    "samples",
    "method",
    "seed",
    "truth",
    "truth_error",
    "estimate",
    "says",
    "low",
    "high",
    "is_true",
    "error",
    "silent_miss",
    "seconds",
    "took",
    "warnings",
)
"""What stands in a row of the table, in order."""


@dataclass(frozen=True)
class TruthRow:
    """One estimate and the truth that it is of, in nats.

    Attributes:
        task: name of what the pairs were drawn from.
        samples: number of pairs.
        method: what was asked for.
        seed: of the pairs, and of the estimate.
        truth: the information that the task has.
        truth_error: standard error of the truth, where it is a mean over draws.
        estimate: NaN where the method refused the pairs.
        low: lower end of the interval.
        high: upper end; of no account where the estimate is a lower bound.
        at_least: whether the estimate is a lower bound.
        seconds: that it took.
        took: the method that gave the number.
        warnings: names of the warnings' types.
        refusal: why there is no estimate; empty where there is one.
    """

    task: str
    samples: int
    method: str
    seed: int
    truth: float
    truth_error: float
    estimate: float
    low: float
    high: float
    at_least: bool
    seconds: float
    took: str
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def error(self) -> float:
        """Estimate less truth."""
        return self.estimate - self.truth

    @property
    def is_true(self) -> bool:
        """Whether what is said holds: "at least" its lower end, or within the interval.

        A truth that is a mean over draws counts as inside where two of its standard errors reach
        inside. What refuses says nothing, and nothing false.

        Example:
            >>> said = TruthRow("t", 9, "m", 0, 1.0, 0.0, 0.8, 0.7, 0.9, False, 0.1, "m")
            >>> from dataclasses import replace
            >>> said.is_true, replace(said, at_least=True).is_true
            (False, True)
        """
        if self.refusal:
            return True
        slack = _ERRORS * self.truth_error
        return self.low <= self.truth + slack and (self.at_least or self.high >= self.truth - slack)

    @property
    def is_silent_miss(self) -> bool:
        """Whether what is said is false by more than 0.1 nats and no warning came with it.

        A lower bound misses by how far its lower end is above the truth.
        """
        missed_by = self.low - self.truth if self.at_least else abs(self.error)
        return not self.is_true and missed_by > _MISS and not self.warnings

    def cells(self) -> tuple[object, ...]:
        """Return what stands in the columns ``COLUMNS``; empty where there is no estimate."""
        named = (self.task, self.samples, self.method, self.seed, self.truth, self.truth_error)
        if self.refusal:
            said: tuple[object, ...] = ("", "refused", "", "", "", "", "")
        else:
            says = "at least" if self.at_least else "interval"
            ends = (self.low, "" if self.at_least else self.high)
            judged = (self.is_true, self.error, self.is_silent_miss)
            said = (self.estimate, says, *ends, *judged)
        took = self.refusal or self.took
        return (*named, *said, round(self.seconds, 3), took, " ".join(self.warnings))


@dataclass(frozen=True)
class TruthSummary:
    """What several estimates say together.

    Attributes:
        estimates: how many there are; refusals are none.
        refusals: how often the pairs were refused.
        mean_absolute_error: over all estimates, in nats.
        true: how many of them say what holds.
        two_sided: how many are intervals with two ends.
        covered: how many of those hold the truth.
        silent_misses: how many are false by more than 0.1 nats without a warning.
        mean_seconds: that an estimate took.
    """

    estimates: int
    refusals: int
    mean_absolute_error: float
    true: int
    two_sided: int
    covered: int
    silent_misses: int
    mean_seconds: float

    def lines(self) -> list[str]:
        r"""Return the summary in words, a line for each number.

        Example:
            >>> print("\n".join(TruthSummary(40, 0, 0.026, 38, 20, 19, 1, 3.7).lines()))
            mean absolute error: 0.026 nats over 40 estimates
            true statements: 38 of 40 (95 %)
            two-sided intervals that hold the truth: 19 of 20 (95 %)
            silent misses by more than 0.1 nats: 1
            mean seconds: 3.70
        """
        refused = f", {self.refusals} refused" if self.refusals else ""
        return [
            f"mean absolute error: {self.mean_absolute_error:.3f} nats over {self.estimates} "
            f"estimates{refused}",
            f"true statements: {_share(self.true, self.estimates)}",
            f"two-sided intervals that hold the truth: {_share(self.covered, self.two_sided)}",
            f"silent misses by more than {_MISS:g} nats: {self.silent_misses}",
            f"mean seconds: {self.mean_seconds:.2f}",
        ]


def summarise(rows: Sequence[TruthRow]) -> TruthSummary:
    """Return what rows say together; errors are NaN where all are refusals."""
    said = [row for row in rows if not row.refusal]
    two_sided = [row for row in said if not row.at_least]
    return TruthSummary(
        estimates=len(said),
        refusals=len(rows) - len(said),
        mean_absolute_error=_mean([abs(row.error) for row in said]),
        true=sum(row.is_true for row in said),
        two_sided=len(two_sided),
        covered=sum(row.is_true for row in two_sided),
        silent_misses=sum(row.is_silent_miss for row in said),
        mean_seconds=_mean([row.seconds for row in rows]),
    )


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _share(some: int, of_all: int) -> str:
    return f"{some} of {of_all} ({100 * some / of_all:.0f} %)" if of_all else "there is none"
