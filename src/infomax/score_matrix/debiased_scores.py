"""A score matrix whose sums over negatives are corrected for those that are none."""

import math

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix.chosen_scores import ChosenScores
from infomax.score_matrix.score_matrix import EachScore

__all__ = ["DebiasedScores"]


class DebiasedScores(ChosenScores):
    r"""The scores of a batch, corrected for negatives that are of their anchor's own class.

    Of a share :math:`\tau^+` of the other pairs the candidate is of the anchor's class. What their
    exponentials add to the mean over the N - 1 negatives of anchor i is taken off again, as far as
    its own partner tells:

    .. math:: g_i = \max\Bigl( \frac{1}{1 - \tau^+} \Bigl( \frac{1}{N - 1} \sum_{j \ne i} e^{s_{ij}}
              - \tau^+ e^{s_{ii}} \Bigr), \; e^{s_{min}} \Bigr)

    stands in the place of the mean, and N - 1 times that in the place of the sum. What is left
    cannot be less than the exponential of the lowest score that there is.

    Source: Chuang, Robinson, Lin, Torralba and Jegelka (2020), equations 7 and 8, with the one
    positive example that a pair has.

    Args:
        rows: scores of the anchors that this process has, ``(..., n, N)``.
        tau_plus: :math:`\tau^+`, from 0, which corrects nothing, to under 1.
        lowest_score: :math:`s_{min}`, ``(...)`` or one number.
        first_row: index of the first anchor in the batch.
        processes: that share the batch.

    Example:
        >>> scores = DebiasedScores(torch.eye(3), tau_plus=0.1, lowest_score=torch.tensor(-1.0))
        >>> round(scores.log_partition().exp().item(), 4)  # (1 - 0.1 e) / 0.9
        0.8091
    """

    def __init__(
        self,
        rows: Tensor,
        *,
        tau_plus: float,
        lowest_score: Tensor,
        first_row: int = 0,
        processes: Processes | None = None,
    ) -> None:
        every = torch.ones(rows.shape[-2:], dtype=torch.bool, device=rows.device)
        super().__init__(
            rows,
            every,
            rows.shape[-1],
            first_row=first_row,
            processes=processes,
            of_anchors_alone=True,
        )
        self._tau_plus, self._lowest_score = tau_plus, lowest_score

    def negatives_mean(self, of: EachScore) -> Tensor:  # noqa: ARG002
        """Refuse: only sums of exponentials are corrected.

        Raises:
            UserError: always.
        """
        raise UserError(
            "debiased negatives correct sums of exponentials alone: choose a bound of them, such "
            "as infonce or nwj"
        )

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        """Return the log of the mean of the corrected means: ``(...)``.

        Raises:
            UserError: if it is to be of a function of the scores.
        """
        if of is not None:
            return self.negatives_mean(of)
        own = self._log_corrected().logsumexp(dim=-1)
        return self._processes.log_sum_exp(own) - math.log(self.size)

    def anchors_contrast(self) -> Tensor:
        """Return by how much pairs outdo partner and corrected negatives on average: ``(...)``."""
        joint = self._joint(self._rows)
        log_sum = self._log_corrected() + math.log(self.size - 1)
        return self._mean(joint - torch.logaddexp(joint, log_sum))

    def _log_corrected(self) -> Tensor:
        """Return the log of what stands in the place of each anchor's mean: ``(..., n)``."""
        negatives = self._rows.masked_fill(~self._chosen, -math.inf)
        log_mean = negatives.logsumexp(dim=-1) - math.log(self.size - 1)
        joint = self._joint(self._rows)
        # Relative to the largest of both, so that no exponential overflows.
        largest = torch.maximum(log_mean, joint).detach()
        left = (log_mean - largest).exp() - self._tau_plus * (joint - largest).exp()
        positive = left > 0
        # Where nothing is left the other branch decides, and the log is to have a gradient of 0.
        log_left = left.where(positive, 1.0).log() + largest - math.log1p(-self._tau_plus)
        lowest = torch.as_tensor(self._lowest_score).to(log_left).unsqueeze(-1).expand_as(log_left)
        return torch.maximum(log_left, lowest).where(positive, lowest)
