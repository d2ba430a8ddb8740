"""The pairs off the diagonal of a score matrix: draws from the product of the marginals."""

import math

import torch
from torch import Tensor

from infomax.score_matrix import check_score_matrix, score_matrix_of

__all__ = ["log_partition", "log_partition_by_anchor", "mean_of_negatives"]


def log_partition(scores: Tensor) -> Tensor:
    r"""Log of the mean exponential of all negatives of a batch.

    .. math:: \log \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij}}

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One value for each leading index, shape ``(...)``.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> round(log_partition(2 * torch.ones(3, 3)).item(), 4)
        2.0
    """
    return score_matrix_of(scores, at_least=2).log_partition()


def log_partition_by_anchor(scores: Tensor) -> Tensor:
    r"""Log of the mean exponential of the negatives of each anchor.

    .. math:: \log \frac{1}{N - 1} \sum_{j \ne i} e^{s_{ij}}

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One value for each row, shape ``(..., N)``.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> log_partition_by_anchor(torch.tensor([[5.0, 1.0], [2.0, 5.0]]))
        tensor([1., 2.])
    """
    number = check_score_matrix(scores, at_least=2)
    return _without_diagonal(scores, -math.inf).logsumexp(dim=-1) - math.log(number - 1)


def mean_of_negatives(values: Tensor) -> Tensor:
    r"""Mean of all values off the diagonal.

    .. math:: \frac{1}{N (N - 1)} \sum_{i \ne j} v_{ij}

    Args:
        values: one for each pair, shape ``(..., N, N)``.

    Returns:
        One mean for each leading index, shape ``(...)``.

    Raises:
        UserError: if the values are not square or belong to a single pair.

    Example:
        >>> import torch
        >>> mean_of_negatives(torch.tensor([[5.0, 1.0], [2.0, 5.0]])).item()
        1.5
    """
    return score_matrix_of(values, at_least=2).negatives_mean(lambda value: value)


def _without_diagonal(values: Tensor, instead: float) -> Tensor:
    diagonal = torch.eye(values.shape[-1], dtype=torch.bool, device=values.device)
    return values.masked_fill(diagonal, instead)
