"""The rows that the probes of an audit are fitted and measured on, with their labels."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infomax.audit.audited_codes import AuditedCodes
from infomax.errors import UserError
from infomax.evaluation import check_probed_labels

__all__ = ["HOW_TO_PROBE", "MOST_PROBED", "ProbedRows", "probed_rows"]

HOW_TO_PROBE: Final = "give labels (--labels) that probes can learn"
"""What to do where they cannot."""

MOST_PROBED: Final = 2_000
"""Pairs that probes are fitted on, and as many that they are measured on, at most."""


@dataclass(frozen=True, eq=False)
class ProbedRows:
    """Rows to fit probes on, rows to measure them on, and the classes of both.

    Attributes:
        fitted: rows that probes are fitted on.
        held_out: rows that they are measured on.
        fitted_labels: of the one, ``(n,)``.
        labels: of the other, ``(m,)``.
        classes_of_one_pair: classes that a single pair has, of all that are audited.
        unseen: held-out pairs whose class no fitted pair has: every probe is mistaken on them.
    """

    fitted: NDArray[np.int64] = field(repr=False)
    held_out: NDArray[np.int64] = field(repr=False)
    fitted_labels: NDArray[np.int64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    classes_of_one_pair: int
    unseen: int

    @cached_property
    def commonest(self) -> NDArray[np.int64]:
        """Always the commonest of the fitted classes, which needs no codes: ``(m,)``."""
        present, counts = np.unique(self.fitted_labels, return_counts=True)
        return np.full_like(self.labels, present[counts.argmax()])

    @property
    def majority_share(self) -> float:
        """Accuracy of always naming the commonest class."""
        return float((self.commonest == self.labels).mean())

    def singletons_told(self) -> str:
        """Say what classes of a single pair do to accuracies; nothing where there are none."""
        if not self.classes_of_one_pair and not self.unseen:
            return ""
        return (
            f" {self.classes_of_one_pair} classes have a single pair, and {self.unseen} of "
            f"{len(self.labels):,} held-out pairs are of a class that no fitted pair has: every "
            "probe is mistaken on those."
        )


def probed_rows(codes: AuditedCodes) -> ProbedRows:
    """Return the first rows of either half, as many as there is time for, with their labels.

    Args:
        codes: that are audited.

    Raises:
        UserError: if there are no labels, or no two classes have two fitted rows.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> codes = read_codes("mine", np.eye(50), np.eye(50), np.arange(50) % 2, seed=0)
        >>> rows = probed_rows(codes)
        >>> len(rows.fitted), len(rows.labels), rows.unseen
        (25, 25, 0)
    """
    if codes.labels is None:
        raise UserError(codes.why_no_labels)
    fitted, held_out = codes.fitted[:MOST_PROBED], codes.held_out[:MOST_PROBED]
    labels = codes.labels
    check_probed_labels(labels[fitted])
    _, counts = np.unique(labels, return_counts=True)
    return ProbedRows(
        fitted,
        held_out,
        labels[fitted],
        labels[held_out],
        int((counts == 1).sum()),
        int((~np.isin(labels[held_out], labels[fitted])).sum()),
    )
