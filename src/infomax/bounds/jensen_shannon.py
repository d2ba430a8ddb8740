"""Bounds trained as a classifier of pairs, and read through the ratio it learns.

Jensen-Shannon reads it by NWJ; SMILE by Donsker-Varadhan with clipped scores in the partition, less
variance for some bias.
"""

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import logsigmoid

from infomax.bounds.bound import Bound
from infomax.errors import UserError
from infomax.score_matrix import Scores, score_matrix_of

__all__ = [
    "JensenShannon",
    "Smile",
]


@dataclass(frozen=True)
class JensenShannon(Bound):
    r"""Jensen-Shannon objective, estimated by NWJ: a lower bound, in expectation, for every critic.

    The objective has gradients of low variance, and its best critic is the log density ratio

    .. math:: s(x, y) = \log \frac{p(x, y)}{p(x) \, p(y)}

    It is no estimate of the information itself; NWJ at ``s + 1``, whose best critic is that ratio
    plus 1, is.

    Source: Nowozin, Cseke and Tomioka (2016); Hjelm et al. (2019), equation 4; the estimate
    is ``I_JS`` of Poole et al. (2019).

    Example:
        >>> import torch
        >>> bound = JensenShannon()
        >>> round(bound.estimate(torch.zeros(3, 3)).item(), 4)  # a ratio of 1 is no information
        0.0
        >>> round(bound.objective(torch.zeros(3, 3)).item(), 4)  # - 2 log 2
        -1.3863
    """

    name = "jensen-shannon"
    kind = "lower bound"
    label = "Jensen-Shannon"
    computed_from = "rows"
    heavy_tailed = True

    def objective(self, scores: Scores) -> Tensor:
        r"""Jensen-Shannon objective: how well scores tell pairs from negatives. Not in nats of I.

        .. math:: - \frac{1}{N} \sum_i \log (1 + e^{-s_{ii}})
                  - \frac{1}{N (N - 1)} \sum_{i \ne j} \log (1 + e^{s_{ij}})

        At the best critic it is twice the Jensen-Shannon divergence of the joint distribution from
        the product of the marginals, less ``2 log 2``.

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One value for each leading index, shape ``(...)``.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        matrix = score_matrix_of(scores, at_least=2)
        negatives = matrix.negatives_mean(lambda score: logsigmoid(-score))
        return matrix.joint_mean(logsigmoid) + negatives

    def estimate(self, scores: Scores) -> Tensor:
        r"""NWJ lower bound, in nats, at the log density ratio that the critic learns.

        .. math:: 1 + \frac{1}{N} \sum_i s_{ii} - \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij}}

        Args:
            scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

        Returns:
            One estimate in nats for each leading index, shape ``(...)``; ``-inf`` where NWJ's is.

        Raises:
            UserError: if the scores are not square or hold a single pair.
        """
        matrix = score_matrix_of(scores, at_least=2)
        return matrix.joint_mean() + 1 - matrix.log_partition().exp()


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
