"""The multi-class K-pair loss: by how much the negatives of each anchor outdo its positive."""

import math

import torch
from torch import Tensor, nn

from infomax.score_matrix import check_score_matrix

__all__ = ["k_pair_loss"]

_SOFTPLUS_LINEAR_ABOVE = 40


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
    # softplus is linear above its threshold: PyTorch's own, 20, is off by 2e-9, which float64 sees.
    return nn.functional.softplus(excess, threshold=_SOFTPLUS_LINEAR_ABOVE).mean(dim=-1)
