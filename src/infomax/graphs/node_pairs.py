"""Scores of pairs of nodes, each with a few negatives, as the score matrix that bounds ask."""

import math

import torch
from torch import Tensor

from infomax.bounds import Bound
from infomax.errors import UserError
from infomax.score_matrix.score_matrix import EachScore

__all__ = ["NodePairScores", "check_takes_node_pairs"]


class NodePairScores:
    r"""Scores of some pairs, and of each anchor and each candidate with others drawn for it.

    A batch of N pairs has all others of the batch as negatives; a graph has pairs that share nodes,
    weights between them, and K negatives drawn for each node. All means are weighted:

    .. math:: \frac{\sum_m w_m f(s_m)}{\sum_m w_m}, \qquad
              \frac{\sum_m w_m \frac{1}{K} \sum_k f(n_{a_m k})}{\sum_m w_m}

    for pair m of anchor :math:`a_m`. Bounds that are computed from sums take it as any other score
    matrix; InfoNCE is then that of K + 1 candidates.

    Args:
        pairs: scores of the pairs, ``(M,)``.
        negatives: scores of each anchor with the K candidates drawn for it, ``(N, K)``.
        anchors: the anchor of each pair, ``(M,)``; pair i is of anchor i where there are none.
        weights: of the pairs, ``(M,)``; all alike where there are none.
        candidates: the candidate of each pair, as ``anchors``.
        negatives_of_candidates: scores of each candidate with K anchors drawn for it, ``(N, K)``;
            bounds that contrast anchors need them.

    Attributes:
        size: K + 1, candidates of an anchor.

    Example:
        >>> scores = NodePairScores(torch.tensor([3.0, 1.0]), torch.zeros(2, 4))
        >>> scores.size, scores.joint_mean().item(), scores.log_partition().item()
        (5, 2.0, 0.0)
    """

    def __init__(
        self,
        pairs: Tensor,
        negatives: Tensor,
        *,
        anchors: Tensor | None = None,
        weights: Tensor | None = None,
        candidates: Tensor | None = None,
        negatives_of_candidates: Tensor | None = None,
    ) -> None:
        self.size = negatives.shape[1] + 1
        self._pairs, self._negatives = pairs, negatives
        every = torch.arange(len(negatives), device=pairs.device)
        self._anchors = every if anchors is None else anchors
        self._candidates = every if candidates is None else candidates
        self._of_candidates = negatives_of_candidates
        self._weights = torch.ones_like(pairs) if weights is None else weights
        self._mass = self._weights.sum()

    def __repr__(self) -> str:
        return f"NodePairScores({len(self._pairs):,} pairs, {self.size - 1} negatives each)"

    @property
    def log_candidates(self) -> float:
        """The log of how many candidates each anchor has: its partner and its negatives."""
        return math.log(self.size)

    @property
    def log_anchors(self) -> float:
        """The log of how many anchors each candidate has."""
        return math.log(self._drawn_anchors().shape[1] + 1)

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        """Return the weighted mean over the pairs."""
        return self._mean(self._pairs if of is None else of(self._pairs))

    def negatives_mean(self, of: EachScore) -> Tensor:
        """Return the mean over the negatives of each pair's anchor, weighted as the pairs."""
        return (self._of_anchors() * of(self._negatives).mean(dim=1)).sum() / self._mass

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the weighted mean exponential of the negatives."""
        scores = self._negatives if of is None else of(self._negatives)
        weighted = scores.logsumexp(dim=1) + self._of_anchors().log()
        return weighted.logsumexp(dim=0) - math.log(self.size - 1) - self._mass.log()

    def anchors_contrast(self) -> Tensor:
        """Return the mean log-softmax of the pairs among the candidates of their anchor."""
        of_others = self._negatives.logsumexp(dim=1)[self._anchors]
        return self._mean(self._pairs - torch.logaddexp(self._pairs, of_others))

    def candidates_contrast(self) -> Tensor:
        """Return the mean log-softmax of the pairs among the anchors of their candidate."""
        of_others = self._drawn_anchors().logsumexp(dim=1)[self._candidates]
        return self._mean(self._pairs - torch.logaddexp(self._pairs, of_others))

    def candidates_excess(self) -> Tensor:
        """Return by how much pairs outdo the negatives of their candidate."""
        of_others = self._drawn_anchors().logsumexp(dim=1)[self._candidates]
        return self._mean(self._pairs - of_others + math.log(self.size - 1))

    def _mean(self, of_pairs: Tensor) -> Tensor:
        return (self._weights * of_pairs).sum() / self._mass

    def _of_anchors(self) -> Tensor:
        """Return the weight of all pairs of each anchor, ``(N,)``."""
        zeros = torch.zeros(
            len(self._negatives), dtype=self._weights.dtype, device=self._pairs.device
        )
        return zeros.index_add(0, self._anchors, self._weights)

    def _drawn_anchors(self) -> Tensor:
        if self._of_candidates is None:
            raise UserError(
                "this bound contrasts the anchors of each candidate, and all nodes have one "
                "candidate here, the summary: choose another, such as infonce or jensen-shannon"
            )
        return self._of_candidates


def check_takes_node_pairs(bound: Bound) -> None:
    """Check that a bound can be computed from scores of pairs of nodes.

    Raises:
        UserError: if it needs the whole score matrix as a tensor.
    """
    if bound.computed_from == "whole":
        raise UserError(
            f"{bound.name} needs the scores of all pairs at once, and nodes have a few negatives "
            "each: choose a bound that is computed from sums, such as jensen-shannon or infonce"
        )
