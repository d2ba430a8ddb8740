"""SMILE: Donsker-Varadhan with clipped scores in its partition, less variance for some bias."""

from dataclasses import dataclass

from torch import Tensor

from infomax.bounds.bound import Bound
from infomax.bounds.jensen_shannon import JensenShannon
from infomax.errors import UserError
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["Smile"]


@dataclass(frozen=True)
class Smile(Bound):
    r"""SMILE: trained by Jensen-Shannon, estimated by Donsker-Varadhan with a clipped partition.

    The few huge exponentials that carry the partition, and its variance, are cut off. What is cut
    off is missing from what is subtracted, so the value is neither a lower nor an upper bound.

    Source: Song and Ermon (2020), the estimator ``I_SMILE``.

    Args:
        clip: tau, the largest score of a negative, either way, that counts; ``inf`` reads
            Donsker-Varadhan's value.

    Raises:
        UserError: if ``clip`` is not above 0.

    Example:
        >>> import torch
        >>> scores = torch.full((3, 3), -8.0).fill_diagonal_(9.0)
        >>> round(Smile().estimate(scores).item(), 4)  # 9 is not clipped, the negatives are: to -5
        14.0
    """

    name = "smile"
    kind = "neither"
    label = "SMILE"
    computed_from = "rows"

    clip: float = 5.0

    def __post_init__(self) -> None:
        if not self.clip > 0:
            raise UserError(f"clip of SMILE is {self.clip}: give a number above 0")

    def objective(self, scores: Scores) -> Tensor:
        """Jensen-Shannon objective, which ``JensenShannon.objective`` describes."""
        return JensenShannon().objective(scores)

    def estimate(self, scores: Scores) -> Tensor:
        r"""Donsker-Varadhan value, in nats, with the scores of negatives clipped to -tau and tau.

        .. math:: \frac{1}{N} \sum_i s_{ii} - \log \frac{1}{N (N - 1)} \sum_{i \ne j}
                  e^{\min(\max(s_{ij}, -\tau), \tau)}

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One estimate in nats for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        matrix = score_matrix_of(scores, at_least=2)
        partition = matrix.log_partition(lambda score: score.clamp(-self.clip, self.clip))
        return matrix.joint_mean() - partition
