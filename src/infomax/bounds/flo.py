"""FLO: the Fenchel-Legendre bound, whose normaliser is learned for each pair."""

import math

import torch
from torch import Tensor

from infomax.score_matrix import check_one_for_each_anchor, check_score_matrix

__all__ = ["flo"]


def flo(scores: Tensor, log_normaliser: Tensor) -> Tensor:
    r"""FLO lower bound, in nats, with the other columns of each row as its negatives.

    .. math:: I_{FLO} = 1 - \frac{1}{N} \sum_i \Big( u_i
              + \frac{e^{-u_i}}{N - 1} \sum_{j \ne i} e^{s_{ij} - s_{ii}} \Big)

    It is a lower bound on the mutual information in expectation, for every critic and every
    ``u_i = u(x_i, y_i)``, and has no ceiling. It is tightest where u is the log of the expectation
    of the inner mean, ``u(x, y) = log E[exp s(x, y')] - s(x, y)``: it learns, for each pair, by how
    much the partition of its anchor exceeds it.

    Source: Guo et al. (2022), the bound ``I_FLO``.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.
        log_normaliser: u of the pairs on the diagonal, shape ``(..., N)``.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; it is ``-inf`` where an
        exponential itself is beyond the floating-point range.

    Raises:
        UserError: if the scores are not square or hold a single pair, or if there is not one
            normaliser for each pair.

    Example:
        >>> import torch
        >>> scores = torch.tensor([[3.0, 1.0], [2.0, 4.0]])
        >>> flo(scores, torch.tensor([-2.0, -2.0])).item()  # both pairs outdo their negative by 2
        2.0
    """
    size = check_score_matrix(scores, at_least=2)
    check_one_for_each_anchor(log_normaliser, scores, name="log_normaliser")
    pairs = torch.eye(size, dtype=torch.bool, device=scores.device)
    log_sums = scores.masked_fill(pairs, -math.inf).logsumexp(dim=-1)
    log_excess = log_sums - math.log(size - 1) - scores.diagonal(dim1=-2, dim2=-1)
    return 1 - (log_normaliser + (log_excess - log_normaliser).exp()).mean(dim=-1)
