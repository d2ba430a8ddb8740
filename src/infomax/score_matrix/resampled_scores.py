"""A score matrix of pairs that were drawn with replacement, for many bootstraps at once."""

import math

from torch import Tensor

from infomax.score_matrix.score_matrix import EachScore

__all__ = ["ResampledScores"]


class ResampledScores:
    r"""The scores of one batch as each of B bootstraps has them.

    In a bootstrap pair i is drawn :math:`c_i` times. Copies of one pair are never negatives of each
    other, and an anchor has a single one of its own copies among its candidates. Every sum over
    negatives is a product of a matrix with the counts, so hundreds of bootstraps cost two matrix
    products. Sums over candidates, of which bootstraps have different numbers, are taken as if all
    had N. Everything is computed in float64.

    Args:
        scores: score matrix ``(N, N)``; rows are x, columns are y.
        counts: how often each pair was drawn: ``(B, N)``; each row sums to N.

    Attributes:
        size: N.

    Example:
        >>> import torch
        >>> scores = torch.tensor([[3.0, 1.0], [1.0, 5.0]])
        >>> ResampledScores(scores, torch.tensor([[1, 1], [0, 2]])).joint_mean()
        tensor([4., 5.], dtype=torch.float64)
    """

    def __init__(self, scores: Tensor, counts: Tensor) -> None:
        self._scores, self._counts = scores.double(), counts.double()
        self.size = scores.shape[-1]

    def __repr__(self) -> str:
        return f"ResampledScores(size={self.size}, bootstraps={len(self._counts)})"

    @property
    def log_candidates(self) -> float:
        """The log of N, candidates of each anchor."""
        return math.log(self.size)

    @property
    def log_anchors(self) -> float:
        """The log of N, anchors of each candidate."""
        return math.log(self.size)

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        """Return the mean over the pairs that were drawn: ``(B,)``."""
        joint = self._scores.diagonal()
        return self._mean(joint if of is None else of(joint))

    def negatives_mean(self, of: EachScore) -> Tensor:
        """Return the mean over the negatives: ``(B,)``."""
        values = of(self._scores).clone().fill_diagonal_(0)
        return self._sum_of_negatives(values) / self._count_negatives()

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the mean exponential of the negatives: ``(B,)``."""
        negatives = (self._scores if of is None else of(self._scores)).clone()
        negatives.fill_diagonal_(-math.inf)
        largest = negatives.max()
        sums = self._sum_of_negatives((negatives - largest).exp())
        return sums.log() + largest - self._count_negatives().log()

    def anchors_contrast(self) -> Tensor:
        """Return the mean log-softmax over candidates of the pairs: ``(B,)``."""
        return self._contrast(self._scores)

    def candidates_contrast(self) -> Tensor:
        """Return the mean log-softmax over anchors of the pairs: ``(B,)``."""
        return self._contrast(self._scores.T)

    def candidates_excess(self) -> Tensor:
        """Return by how much pairs outdo the negatives of their candidate: ``(B,)``."""
        negatives = self._scores.clone().fill_diagonal_(-math.inf)
        largest = negatives.max(dim=0, keepdim=True).values
        sums = (self._counts @ (negatives - largest).exp()).log() + largest
        others = self.size - self._counts
        return self._mean(self._scores.diagonal() - sums + others.log())

    def _contrast(self, scores: Tensor) -> Tensor:
        largest = scores.max(dim=1, keepdim=True).values
        others = (scores - largest).exp().fill_diagonal_(0)
        own = (scores.diagonal() - largest.squeeze(1)).exp()
        # Of its own copies an anchor meets one.
        log_sums = (self._counts @ others.T + own).log() + largest.squeeze(1)
        candidates = self.size - self._counts + 1
        terms = scores.diagonal() - log_sums + candidates.log()
        return self._mean(terms) - math.log(self.size)

    def _mean(self, terms: Tensor) -> Tensor:
        # Not as a product of matrices: what was not drawn may be infinite.
        return (self._counts * terms).sum(dim=1) / self.size

    def _sum_of_negatives(self, values: Tensor) -> Tensor:
        return ((self._counts @ values) * self._counts).sum(dim=1)

    def _count_negatives(self) -> Tensor:
        return self.size**2 - self._counts.square().sum(dim=1)
