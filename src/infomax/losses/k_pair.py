"""The multi-class K-pair loss: by how much the negatives of each anchor outdo its positive."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs
from infomax.losses.softplus import softplus
from infomax.score_matrix import check_score_matrix

__all__ = ["KPair", "k_pair_loss"]


def k_pair_loss(scores: Tensor) -> Tensor:
    r"""Multi-class K-pair loss, with the other columns of each row as its negatives.

    .. math:: L = \frac{1}{N} \sum_i \log \Big( 1 + \sum_{j \ne i} e^{s_{ij} - s_{ii}} \Big)

    It is non-negative, and equals ``log N`` minus the InfoNCE bound of the same scores.

    Source: Sohn (2016), the multi-class N-pair loss; Tschannen et al. (2020), section 4.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One loss for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> round(k_pair_loss(torch.zeros(4, 4)).item(), 4)  # log 4
        1.3863
        >>> round(k_pair_loss(100 * torch.eye(4)).item(), 4)
        0.0
    """
    size = check_score_matrix(scores, at_least=2)
    positives = scores.diagonal(dim1=-2, dim2=-1).unsqueeze(-1)
    diagonal = torch.eye(size, dtype=torch.bool, device=scores.device)
    excess = (scores - positives).masked_fill(diagonal, -math.inf).logsumexp(dim=-1)
    return softplus(excess).mean(dim=-1)


@dataclass(frozen=True)
class KPair(Loss):
    """Multi-class K-pair: cross-entropy of the partner among all y, by inner products of codes.

    Source: Sohn (2016); in training its scores are those of the critic of inner products.
    """

    name = "k-pair"
    nearest_bound = "infonce"
    critic = "inner-product"

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return minus the scores of pairs, and the log-sum-exp of each row of scores."""
        check_codes_of_pairs(inputs.x, inputs.y)
        scores = inputs.x @ inputs.y.mT
        return LossTerms(
            joint=Term(-scores.diagonal(dim1=-2, dim2=-1)),
            marginal=Term(scores.logsumexp(dim=-1)),
        )

    def __call__(self, inputs: LossInputs, /) -> Tensor:
        """Return ``k_pair_loss`` of the inner products, without a difference of the terms."""
        check_codes_of_pairs(inputs.x, inputs.y)
        return k_pair_loss(inputs.x @ inputs.y.mT)
