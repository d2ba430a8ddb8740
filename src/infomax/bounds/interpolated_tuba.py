"""The bounds between TUBA and InfoNCE: variance traded against a ceiling."""

import math

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.score_matrix import check_one_for_each_anchor, check_score_matrix

__all__ = ["interpolated_tuba"]


def interpolated_tuba(scores: Tensor, log_baseline: Tensor, alpha: float) -> Tensor:
    r"""Interpolated lower bound, in nats: TUBA at alpha 0, InfoNCE of N - 1 pairs at alpha 1.

    .. math:: I_\alpha = 1 + \frac{1}{N (N - 1)} \sum_{i \ne j} \Big(
              s_{ii} - \log b_{ij} - \frac{e^{s_{ij}}}{b_{ii}} \Big), \qquad
              b_{ij} = \frac{\alpha}{N - 1} \sum_{k \ne j} e^{s_{ik}} + (1 - \alpha) \, a_i

    It is TUBA with a baseline that also looks at N - 1 candidates of its anchor. Both of its terms
    must look at equally many, and the second at none but negatives: so in the first each negative
    in turn is left out. It is then a lower bound on the mutual information in expectation, for
    every critic and every baseline ``a_i = a(x_i) > 0``; it never exceeds
    ``1 + log (N - 1) - log alpha``.

    Source: Poole et al. (2019), section 2.4, ``I_alpha``, with x and y exchanged, and the
    leave-one-out form of their companion notebook.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.
        log_baseline: log a, one for each anchor, shape ``(..., N)``.
        alpha: weight of the candidates in the baseline, from 0 to 1.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; at alpha 0 it is ``-inf``
        where TUBA's is.

    Raises:
        UserError: if the scores are not square or hold a single pair, if there is not one baseline
            for each anchor, or if alpha is not from 0 to 1.

    Example:
        >>> import torch
        >>> scores, log_baseline = 100 * torch.eye(5), torch.zeros(5)
        >>> round(interpolated_tuba(scores, log_baseline, alpha=1.0).item(), 4)  # log 4
        1.3863
        >>> interpolated_tuba(scores, log_baseline, alpha=0.0).item()
        100.0
    """
    size = check_score_matrix(scores, at_least=2)
    check_one_for_each_anchor(log_baseline, scores, name="log_baseline")
    if not 0 <= alpha <= 1:
        raise UserError(f"alpha is {alpha}: give a number from 0 to 1")
    log_candidates = _log_sum_of_others(scores) - math.log(size - 1)
    baselines = torch.logaddexp(
        _log(alpha) + log_candidates, _log(1 - alpha) + log_baseline.unsqueeze(-1)
    )
    own = baselines.diagonal(dim1=-2, dim2=-1)
    # Of the N baselines of an anchor, its own is that of the second term.
    of_joint = (baselines.sum(dim=-1) - own) / (size - 1)
    joint = (scores.diagonal(dim1=-2, dim2=-1) - of_joint).mean(dim=-1)
    negatives = (log_candidates.diagonal(dim1=-2, dim2=-1) - own).exp().mean(dim=-1)
    return 1 + joint - negatives


def _log_sum_of_others(scores: Tensor) -> Tensor:
    """Return the log-sum-exp of each row without each of its columns in turn.

    From the sums before and behind the column: the sum of all less the one left out would cancel
    where that one is most of it.
    """
    none = torch.full_like(scores[..., :1], -math.inf)
    before = scores.logcumsumexp(dim=-1)[..., :-1]
    behind = scores.flip(-1).logcumsumexp(dim=-1).flip(-1)[..., 1:]
    return torch.logaddexp(torch.cat([none, before], dim=-1), torch.cat([behind, none], dim=-1))


def _log(weight: float) -> float:
    return math.log(weight) if weight else -math.inf
