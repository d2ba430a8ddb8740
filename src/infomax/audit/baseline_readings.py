"""What probes and a simple critic read of codes, and of what no training on pairs has made."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.baseline_codes import (
    principal_components,
    random_projection,
    raw_columns,
    shuffled_pairs,
    standardised,
)
from infomax.audit.probed_rows import ProbedRows
from infomax.audit.simple_critic import CHOSEN_AT, fit_simple_critic, held_out_bound
from infomax.evaluation import (
    Accuracy,
    AccuracyDifference,
    BatchMean,
    accuracy_difference,
    accuracy_of,
    fit_probe,
    neighbours_labels,
)

__all__ = [
    "CODES",
    "CONTROLS",
    "PCA",
    "RANDOM",
    "RAW",
    "SHUFFLED",
    "UNTRAINED",
    "Gain",
    "Reading",
    "read_all",
]

CODES: Final = "codes"
SHUFFLED: Final = "shuffled pairs"
RAW: Final = "raw views"
PCA: Final = "PCA of raw views"
RANDOM: Final = "a random projection of raw views"
UNTRAINED: Final = "the encoder before training"
_STANDARD: Final = "standardised codes"
CONTROLS: Final = (_STANDARD, SHUFFLED)
"""What is made of the codes themselves."""

_DRAWS = 3


@dataclass(frozen=True, eq=False)
class Reading:
    """What both probes and the simple critic read of codes.

    Attributes:
        columns: of the side that is probed.
        linear: what the linear probe named held-out pairs, ``(m,)``.
        nearest: what 20 nearest neighbours did.
        accuracy: of the linear probe.
        nearest_accuracy: of the neighbours.
        bound: InfoNCE of held-out pairs, in nats.
        batch: pairs that it was read of at a time.
    """

    columns: int
    linear: NDArray[np.int64] = field(repr=False)
    nearest: NDArray[np.int64] = field(repr=False)
    accuracy: Accuracy
    nearest_accuracy: Accuracy
    bound: BatchMean
    batch: int

    def as_dict(self, name: str) -> dict[str, Any]:
        """Return all of it, under a name, as what JSON can hold."""
        linear, nearest, bound = self.accuracy, self.nearest_accuracy, self.bound
        return {
            "name": name,
            "columns": self.columns,
            "linear": linear.value,
            "linear_interval": [linear.low, linear.high],
            "linear_balanced": linear.balanced,
            "neighbours": nearest.value,
            "neighbours_interval": [nearest.low, nearest.high],
            "neighbours_balanced": nearest.balanced,
            "bound_nats": bound.mean,
            "bound_interval_nats": [bound.low, bound.high],
        }


@dataclass(frozen=True, eq=False)
class Gain:
    """Accuracies of the codes less those of a baseline, of the same pairs.

    Attributes:
        name: of the baseline.
        linear: by the linear probe.
        nearest: by 20 nearest neighbours.
        bound: of the baseline.
    """

    name: str
    linear: AccuracyDifference
    nearest: AccuracyDifference
    bound: BatchMean

    @classmethod
    def over(cls, name: str, mine: Reading, other: Reading, rows: ProbedRows) -> Self:
        """Compare codes with a baseline."""
        return cls(
            name,
            accuracy_difference(mine.linear, other.linear, rows.labels),
            accuracy_difference(mine.nearest, other.nearest, rows.labels),
            other.bound,
        )

    @property
    def most(self) -> float:
        """The most that either probe may read of codes more than of the baseline."""
        return max(self.linear.high, self.nearest.high)

    @property
    def chief(self) -> tuple[str, AccuracyDifference]:
        """Which probe is surer that codes are better, and what it says."""
        if self.linear.low >= self.nearest.low:
            return "the linear probe", self.linear
        return "20 nearest neighbours", self.nearest

    def __str__(self) -> str:
        linear, nearest = (
            f"{of.value:+.3f} [{of.low:+z.3f}, {of.high:+z.3f}]"
            for of in (self.linear, self.nearest)
        )
        return f"{linear}, and by neighbours {nearest}"

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        return {
            "over": self.name,
            "linear": self.linear.value,
            "linear_interval": [self.linear.low, self.linear.high],
            "neighbours": self.nearest.value,
            "neighbours_interval": [self.nearest.low, self.nearest.high],
        }


def read_all(codes: AuditedCodes, rows: ProbedRows) -> dict[str, Reading]:
    """Read codes, their controls, and all baselines that what is given allows, codes first.

    Args:
        codes: that are audited.
        rows: that are probed; no others are looked at.
    """
    kept, rows = _kept(codes, rows)
    return {name: _read(each, rows) for name, each in _baselines(kept, rows).items()}


def _baselines(codes: AuditedCodes, rows: ProbedRows) -> dict[str, AuditedCodes]:
    found = {CODES: codes, _STANDARD: standardised(codes), SHUFFLED: shuffled_pairs(codes)}
    if codes.raw is not None:
        found[RAW], found[PCA] = raw_columns(codes), principal_components(codes)
        draws = [random_projection(codes, draw) for draw in range(_DRAWS)]
        draws.sort(key=lambda each: float((_linear(each, rows) == rows.labels).mean()))
        found[RANDOM] = draws[_DRAWS // 2]
    if codes.untrained is not None:
        x, y = codes.untrained
        found[UNTRAINED] = dataclasses.replace(codes, x=x, y=y)
    return found


def _kept(codes: AuditedCodes, rows: ProbedRows) -> tuple[AuditedCodes, ProbedRows]:
    """Return the codes of the rows that are probed alone, and where they stand among those."""
    order = np.concatenate([rows.fitted, rows.held_out])
    fitted, held_out = np.arange(len(rows.fitted)), np.arange(len(rows.fitted), len(order))
    kept = dataclasses.replace(
        codes,
        x=codes.x[order],
        y=codes.y[order],
        raw=None if codes.raw is None else (codes.raw[0][order], codes.raw[1][order]),
        untrained=None
        if codes.untrained is None
        else (codes.untrained[0][order].double(), codes.untrained[1][order].double()),
        fitted=fitted,
        held_out=held_out,
    )
    return kept, dataclasses.replace(rows, fitted=fitted, held_out=held_out)


def _linear(codes: AuditedCodes, rows: ProbedRows) -> NDArray[np.int64]:
    probe = fit_probe(codes.x[rows.fitted], rows.fitted_labels, seed=codes.seed)
    named: NDArray[np.int64] = probe.predict(codes.x[rows.held_out]).numpy()
    return named


def _read(codes: AuditedCodes, rows: ProbedRows) -> Reading:
    linear, batch = _linear(codes, rows), min(CHOSEN_AT, len(rows.held_out) // 2)
    nearest = neighbours_labels(codes.x[rows.fitted], rows.fitted_labels, codes.x[rows.held_out])
    return Reading(
        codes.x.shape[1],
        linear,
        nearest,
        accuracy_of(linear, rows.labels),
        accuracy_of(nearest, rows.labels),
        held_out_bound(fit_simple_critic(codes), codes, batch),
        batch,
    )
