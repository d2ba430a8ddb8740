"""A score matrix in memory, whole or as the rows that this process holds of it."""

import math

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix.score_matrix import (
    EachScore,
    ScoreMatrix,
    Scores,
    check_score_matrix,
)

__all__ = ["DenseScores", "score_matrix_of"]


class DenseScores:
    """The scores of some anchors against all candidates of a batch.

    Args:
        rows: scores of the anchors that this process has, ``(..., n, N)``.
        first_row: index of the first of them in the batch.
        processes: that share the batch; this one alone where n is N.

    Attributes:
        size: N.

    Example:
        >>> scores = torch.tensor([[3.0, 1.0], [1.0, 5.0]])
        >>> DenseScores(scores).joint_mean(), DenseScores(scores).log_partition()
        (tensor(4.), tensor(1.))
    """

    def __init__(
        self, rows: Tensor, first_row: int = 0, processes: Processes | None = None
    ) -> None:
        self._rows, self._first_row = rows, first_row
        self._processes = processes or Processes()
        self.size = rows.shape[-1]

    def __repr__(self) -> str:
        rows, processes = self._rows.shape[-2], self._processes.count
        return f"DenseScores(size={self.size}, rows={rows}, processes={processes})"

    @property
    def log_candidates(self) -> float:
        """The log of N, candidates of each anchor."""
        return math.log(self.size)

    @property
    def log_anchors(self) -> float:
        """The log of N, anchors of each candidate."""
        return math.log(self.size)

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        """Return the mean over the pairs of the joint distribution: ``(...)``."""
        joint = self._joint(self._rows)
        return self._mean(joint if of is None else of(joint))

    def negatives_mean(self, of: EachScore) -> Tensor:
        """Return the mean over the negatives: ``(...)``."""
        total = self._processes.sum(self._negatives(of(self._rows), 0.0).sum(dim=(-2, -1)))
        return total / (self.size * (self.size - 1))

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the mean exponential of the negatives: ``(...)``."""
        scores = self._rows if of is None else of(self._rows)
        own = self._negatives(scores, -math.inf).flatten(start_dim=-2).logsumexp(dim=-1)
        return self._processes.log_sum_exp(own) - math.log(self.size * (self.size - 1))

    def anchors_contrast(self) -> Tensor:
        """Return the mean log-softmax over candidates of the pairs: ``(...)``."""
        # A softmax is one kernel each way, a log-sum-exp by itself many.
        return self._mean(self._joint(self._rows.log_softmax(dim=-1)))

    def candidates_contrast(self) -> Tensor:
        """Return the mean log-softmax over anchors of the pairs: ``(...)``."""
        if self._processes.count == 1:
            return self._mean(self._joint(self._rows.log_softmax(dim=-2)))
        by_candidate = self._processes.log_sum_exp(self._rows.logsumexp(dim=-2))
        return self._mean(self._joint(self._rows)) - by_candidate.mean(dim=-1)

    def candidates_excess(self) -> Tensor:
        """Return by how much pairs outdo the negatives of their candidate: ``(...)``."""
        own = self._negatives(self._rows, -math.inf).mT.logsumexp(dim=-1)
        by_candidate = self._processes.log_sum_exp(own) - math.log(self.size - 1)
        begin, end = self._first_row, self._first_row + self._rows.shape[-2]
        return self._mean(self._joint(self._rows) - by_candidate[..., begin:end])

    def _joint(self, of_rows: Tensor) -> Tensor:
        return of_rows.diagonal(offset=self._first_row, dim1=-2, dim2=-1)

    def _mean(self, of_anchors: Tensor) -> Tensor:
        return self._processes.sum(of_anchors.sum(dim=-1)) / self.size

    def _negatives(self, values: Tensor, instead: float) -> Tensor:
        """Return values with another in the place of those on the diagonal."""
        joint = torch.zeros(values.shape[-2:], dtype=torch.bool, device=values.device)
        joint.diagonal(offset=self._first_row).fill_(True)
        return values.masked_fill(joint, instead)


def score_matrix_of(scores: Scores, *, at_least: int, name: str = "scores") -> ScoreMatrix:
    """Return a score matrix of whatever holds the scores.

    Args:
        scores: a score matrix, or a tensor ``(..., N, N)``; rows are x, columns are y.
        at_least: the smallest N.
        name: of the scores, in the plural.

    Raises:
        UserError: if a tensor is not square, or N is smaller.
    """
    if isinstance(scores, Tensor):
        check_score_matrix(scores, at_least=at_least, name=name)
        return DenseScores(scores)
    if scores.size < at_least:
        raise UserError(f"{name} of {scores.size} pair(s): expected a batch of at least {at_least}")
    return scores
