"""Bounds that set exponentials of scores against a baseline, tight where it is right.

- NWJ: the bound of Nguyen, Wainwright and Jordan, tight for any joint and of high variance.
- TUBA: a tractable bound with a baseline of the anchor, of which NWJ is the constant case.
- Interpolated TUBA: between TUBA and InfoNCE, variance traded against a ceiling.
- FLO: the Fenchel-Legendre bound, whose normaliser is learned for each pair.
"""

import math
from functools import partial

import torch
from torch import Tensor

from infomax.bounds.bound import PlainBound
from infomax.errors import UserError
from infomax.score_matrix import (
    Scores,
    check_one_for_each_anchor,
    check_score_matrix,
    score_matrix_of,
)

__all__ = [
    "NWJ",
    "flo",
    "interpolated_tuba",
    "nwj",
    "tuba",
]


def nwj(scores: Scores) -> Tensor:
    r"""NWJ lower bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{NWJ} = \frac{1}{N} \sum_i s_{ii}
              - \frac{1}{N (N - 1)} \sum_{i \ne j} e^{s_{ij} - 1}

    It is a lower bound on the mutual information in expectation, for every critic, and has no
    ceiling; the mean of exponentials makes its variance grow exponentially with the information.

    Source: Nguyen, Wainwright and Jordan (2010), equation 25; Poole et al. (2019), equation 6.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; it is ``-inf`` where the mean
        of exponentials itself is beyond the floating-point range.

    Raises:
        UserError: if the scores are not square or hold a single pair.

    Example:
        >>> import torch
        >>> round(nwj(torch.ones(3, 3)).item(), 4)  # a critic of constant 1 knows nothing
        0.0
    """
    matrix = score_matrix_of(scores, at_least=2)
    return matrix.joint_mean() - (matrix.log_partition() - 1).exp()


NWJ = partial(
    PlainBound,
    "nwj",
    "lower bound",
    nwj,
    label="NWJ",
    computed_from="tiles",
    heavy_tailed=True,
    optimal_shift=1.0,
)


def tuba(scores: Tensor, log_baseline: Tensor) -> Tensor:
    r"""TUBA lower bound, in nats, with all pairs off the diagonal as negatives.

    .. math:: I_{TUBA} = 1 + \frac{1}{N} \sum_i (s_{ii} - \log a_i)
              - \frac{1}{N (N - 1)} \sum_{i \ne j} \frac{e^{s_{ij}}}{a_i}

    It is a lower bound on the mutual information in expectation, for every critic and every
    baseline ``a_i = a(x_i) > 0`` of the anchor, and has no ceiling. It is tightest at the partition
    of each anchor, ``a(x) = E[exp s(x, y)]`` over the marginal of y; with ``a = e`` it is NWJ.

    Source: Poole et al. (2019), section 2.2, ``I_TUBA``, with x and y exchanged.

    Args:
        scores: score matrix, shape ``(..., N, N)``; rows are x, columns are y.
        log_baseline: log a, one for each anchor, shape ``(..., N)``.

    Returns:
        One estimate in nats for each leading index, shape ``(...)``; it is ``-inf`` where the mean
        of exponentials itself is beyond the floating-point range.

    Raises:
        UserError: if the scores are not square or hold a single pair, or if there is not one
            baseline for each anchor.

    Example:
        >>> import torch
        >>> scores = torch.tensor([[3.0, 1.0], [2.0, 4.0]])
        >>> tuba(scores, torch.tensor([1.0, 2.0])).item()  # each baseline is its row's partition
        2.0
    """
    check_score_matrix(scores, at_least=2)
    check_one_for_each_anchor(log_baseline, scores, name="log_baseline")
    relative = scores - log_baseline.unsqueeze(-1)
    matrix = score_matrix_of(relative, at_least=2)
    return 1 + matrix.joint_mean() - matrix.log_partition().exp()


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
