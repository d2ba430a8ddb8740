"""A score matrix in which some pairs were chosen as negatives, and others are left out."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix.score_matrix import EachScore

__all__ = ["ChosenScores", "NegativesCount"]


class NegativesCount(NamedTuple):
    """How many negatives anchors have.

    Attributes:
        mean: of the numbers of negatives, ``(...)``.
        without: share of the anchors that have none, ``(...)``.
    """

    mean: Tensor
    without: Tensor


class ChosenScores:
    r"""The scores of anchors against candidates of which some were chosen as negatives.

    Every sum over negatives is one over the :math:`K_i` chosen ones of each anchor i, and every
    count is theirs: the ceiling of InfoNCE is the mean of :math:`\log(1 + K_i)`. An anchor without
    negatives is told from nothing, and adds 0 nats to it. Candidates beyond the batch, which are no
    anchor's partner, stand behind it.

    What was chosen by scores, classes or repeats is no draw from the product of the marginals: an
    estimate on it is then no bound on the information.

    Args:
        rows: scores of the anchors that this process has against the N candidates of the batch and
            M others, ``(..., n, N + M)``.
        chosen: whether each is a negative of its anchor, of the same shape or without leading
            indices; what it says of partners is not looked at.
        size: N.
        first_row: index of the first anchor in the batch.
        processes: that share the batch.
        of_anchors_alone: refuse sums over the anchors of a candidate, because negatives were chosen
            for each anchor by itself.

    Example:
        >>> scores = torch.tensor([[3.0, 1.0, 9.0], [1.0, 5.0, 1.0], [1.0, 1.0, 4.0]])
        >>> chosen = torch.tensor([[0, 1, 0], [1, 0, 1], [1, 1, 0]], dtype=torch.bool)
        >>> of_chosen = ChosenScores(scores, chosen, size=3)
        >>> of_chosen.joint_mean(), of_chosen.log_partition(), of_chosen.count().mean
        (tensor(4.), tensor(1.), tensor(1.6667))
    """

    def __init__(
        self,
        rows: Tensor,
        chosen: Tensor,
        size: int,
        *,
        first_row: int = 0,
        processes: Processes | None = None,
        of_anchors_alone: bool = False,
    ) -> None:
        self._rows, self._first_row = rows, first_row
        self._processes = processes or Processes()
        self.size = size
        self._of_anchors_alone = of_anchors_alone or rows.shape[-1] != size
        partners = torch.zeros(rows.shape[-2:], dtype=torch.bool, device=rows.device)
        partners.diagonal(offset=first_row).fill_(True)
        self._partners = partners
        self._chosen = (chosen & ~partners).expand(rows.shape)

    def __repr__(self) -> str:
        rows, candidates = self._rows.shape[-2:]
        return f"{type(self).__name__}(size={self.size}, rows={rows}, candidates={candidates})"

    @property
    def log_candidates(self) -> Tensor:
        r"""The mean over anchors of :math:`\log(1 + K_i)`: ``(...)``."""
        return self._mean(self._counts().log1p())

    @property
    def log_anchors(self) -> Tensor:
        """The mean over candidates of the log of how many anchors each is set against."""
        self._check_both_ways()
        counts = self._processes.sum(self._chosen.sum(dim=-2).to(self._rows.dtype))
        return counts.log1p().mean(dim=-1)

    def count(self) -> NegativesCount:
        """Return how many negatives the anchors of the whole batch have."""
        counts = self._counts()
        return NegativesCount(self._mean(counts), self._mean((counts == 0).to(counts.dtype)))

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        """Return the mean over the pairs of the joint distribution: ``(...)``."""
        joint = self._joint(self._rows)
        return self._mean(joint if of is None else of(joint))

    def negatives_mean(self, of: EachScore) -> Tensor:
        """Return the mean over the negatives that were chosen: ``(...)``.

        Raises:
            UserError: if no anchor of the batch has any.
        """
        values = of(self._rows).masked_fill(~self._chosen, 0.0)
        return self._processes.sum(values.sum(dim=(-2, -1))) / self._count_all()

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the mean exponential of the negatives that were chosen: ``(...)``.

        Raises:
            UserError: if no anchor of the batch has any.
        """
        scores = self._rows if of is None else of(self._rows)
        negatives = scores.masked_fill(~self._chosen, -math.inf)
        own = negatives.flatten(start_dim=-2).logsumexp(dim=-1)
        return self._processes.log_sum_exp(own) - self._count_all().log()

    def anchors_contrast(self) -> Tensor:
        """Return the mean log-softmax of pairs, over partner and chosen negatives: ``(...)``."""
        return self._mean(self._joint(self._candidates().log_softmax(dim=-1)))

    def candidates_contrast(self) -> Tensor:
        """Return the mean log-softmax over the anchors that a candidate is set against: ``(...)``.

        Raises:
            UserError: if negatives were chosen for each anchor by itself.
        """
        self._check_both_ways()
        by_candidate = self._processes.log_sum_exp(self._candidates().logsumexp(dim=-2))
        return self._mean(self._joint(self._rows)) - by_candidate.mean(dim=-1)

    def candidates_excess(self) -> Tensor:
        """Refuse: it is asked of densities, for which no negatives are chosen.

        Raises:
            UserError: always.
        """
        raise UserError("bounds of densities take all other pairs of the batch as negatives")

    def _check_both_ways(self) -> None:
        if self._of_anchors_alone:
            raise UserError(
                "these negatives are chosen for each anchor by itself, and a bound by columns sets "
                "candidates against anchors: choose one by rows, such as infonce"
            )

    def _candidates(self) -> Tensor:
        return self._rows.masked_fill(~(self._chosen | self._partners), -math.inf)

    def _joint(self, of_rows: Tensor) -> Tensor:
        return of_rows.diagonal(offset=self._first_row, dim1=-2, dim2=-1)

    def _counts(self) -> Tensor:
        return self._chosen.sum(dim=-1).to(self._rows.dtype)

    def _count_all(self) -> Tensor:
        count = self._processes.sum(self._counts().sum(dim=-1))
        if not bool(count.all()):
            raise UserError(
                "no anchor of a batch has a negative, and this bound is a mean over all of them: "
                "take more negatives, a larger batch, or a bound of each anchor, such as infonce"
            )
        return count

    def _mean(self, of_anchors: Tensor) -> Tensor:
        return self._processes.sum(of_anchors.sum(dim=-1)) / self.size
