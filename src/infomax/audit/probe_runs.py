"""One probe of an audit, run several times on the same rows, beside the linear one."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from infomax.audit.probed_rows import ProbedRows
from infomax.evaluation import Accuracy, AccuracyDifference, accuracy_difference, accuracy_of

__all__ = ["ProbeRuns", "median_run"]


def median_run(runs: list[NDArray[np.int64]], rows: ProbedRows) -> NDArray[np.int64]:
    """Return what the run of median accuracy named held-out pairs, ``(m,)`` of ``(m,)`` each.

    Of two in the middle it is the better one.
    """
    return _in_order(runs, rows)[len(runs) // 2]


@dataclass(frozen=True, eq=False)
class ProbeRuns:
    """Of one probe, the run of median accuracy, and how far its runs differ.

    Attributes:
        name: of the probe, as sentences have it.
        predicted: by the median run, ``(m,)``.
        accuracy: of the median run.
        less_linear: that accuracy less that of the linear probe, of the same pairs.
        spread: accuracy of the best run less that of the worst, of the same pairs.
        of_runs: accuracy of each run, in ascending order.
    """

    name: str
    predicted: NDArray[np.int64] = field(repr=False)
    accuracy: Accuracy
    less_linear: AccuracyDifference
    spread: AccuracyDifference
    of_runs: list[float]

    @classmethod
    def of(
        cls,
        name: str,
        runs: list[NDArray[np.int64]],
        linear: NDArray[np.int64],
        rows: ProbedRows,
    ) -> Self:
        """Compare all runs of a probe.

        Args:
            name: of the probe.
            runs: what each named held-out pairs, ``(m,)``.
            linear: what the linear probe named them.
            rows: that were probed.
        """
        ordered, middle, labels = _in_order(runs, rows), median_run(runs, rows), rows.labels
        return cls(
            name,
            middle,
            accuracy_of(middle, labels),
            accuracy_difference(middle, linear, labels),
            accuracy_difference(ordered[-1], ordered[0], labels),
            [float((each == labels).mean()) for each in ordered],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        accuracy, difference = self.accuracy, self.less_linear
        return {
            "name": self.name,
            "accuracy": accuracy.value,
            "accuracy_interval": [accuracy.low, accuracy.high],
            "balanced_accuracy": accuracy.balanced,
            "balanced_accuracy_interval": [accuracy.balanced_low, accuracy.balanced_high],
            "less_linear": difference.value,
            "less_linear_interval": [difference.low, difference.high],
            "of_runs": self.of_runs,
            "best_less_worst_run_interval": [self.spread.low, self.spread.high],
        }


def _in_order(runs: list[NDArray[np.int64]], rows: ProbedRows) -> list[NDArray[np.int64]]:
    return sorted(runs, key=lambda each: float((each == rows.labels).mean()))
