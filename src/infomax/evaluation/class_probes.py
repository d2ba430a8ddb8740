"""How well classes can be told from codes: both probes, beside what needs no codes at all."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation.accuracy import Accuracy, accuracy_of, majority_share
from infomax.evaluation.neighbours_probe import neighbours_labels
from infomax.evaluation.probe import fit_probe

__all__ = ["ClassProbes", "check_probed_labels", "probe_classes"]

_FEWEST_CLASSES = 2


@dataclass(frozen=True)
class ClassProbes:
    """Accuracies on codes that the probes were not fitted on.

    Attributes:
        linear: of the linear probe.
        neighbours: of the 20 nearest neighbours.
        majority_share: accuracy of always naming the class that is commonest where probes are
            fitted: what an accuracy is to be compared with.
        linear_labels: what the linear probe predicted, of each code: ``(m,)``.
        neighbours_labels: what the nearest neighbours predicted.
    """

    linear: Accuracy
    neighbours: Accuracy
    majority_share: float
    linear_labels: NDArray[np.int64] = field(repr=False, compare=False)
    neighbours_labels: NDArray[np.int64] = field(repr=False, compare=False)


def probe_classes(
    train_codes: Tensor,
    train_labels: NDArray[np.int64],
    codes: Tensor,
    labels: NDArray[np.int64],
    *,
    seed: int,
) -> ClassProbes:
    """Fit both probes on some codes and measure them on others.

    Codes of classes that no training code has count as mistaken.

    Args:
        train_codes: ``(n, d)``, on the CPU.
        train_labels: ``(n,)``.
        codes: ``(m, d)``, on the CPU.
        labels: ``(m,)``.
        seed: of the split by which the linear probe chooses its penalty.

    Raises:
        UserError: if there is nothing that a probe could learn or be measured on.

    Example:
        >>> import torch
        >>> codes, labels = torch.tensor([[-1.0, 1.0], [1.0, 1.0]]).repeat(9, 1), np.arange(18) % 2
        >>> found = probe_classes(codes, labels, codes, labels, seed=0)
        >>> found.linear.value, found.majority_share
        (1.0, 0.5)
    """
    check_probed_labels(train_labels)
    by_line = fit_probe(train_codes, train_labels, seed=seed).predict(codes).numpy()
    by_neighbours = neighbours_labels(train_codes, train_labels, codes)
    return ClassProbes(
        accuracy_of(by_line, labels),
        accuracy_of(by_neighbours, labels),
        majority_share(train_labels, labels),
        by_line,
        by_neighbours,
    )


def check_probed_labels(train_labels: NDArray[np.int64]) -> None:
    """Refuse labels that no probe can learn anything from.

    Classes of a single row are fitted like others, but two classes need more.

    Args:
        train_labels: of the rows that probes are fitted on.

    Raises:
        UserError: if fewer than two classes have two rows.
    """
    present, sizes = np.unique(train_labels, return_counts=True)
    learnt = int((sizes > 1).sum())
    if learnt < _FEWEST_CLASSES:
        raise UserError(
            f"the rows that probes are fitted on hold {len(present)} classes, of which {learnt} "
            "have two rows: a probe needs two such classes; leave the labels out, or bring more "
            "rows of each"
        )
