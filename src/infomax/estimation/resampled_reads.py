r"""Bounds of resampled pairs, all of a bootstrap at once.

In a bootstrap pair i is drawn :math:`c_i` times. Copies of one pair are never negatives of each
other, and every sum over negatives is a product of the matrix of exponentials with the counts: some
hundred bootstraps cost two matrix products.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from torch import Tensor

from infomax.bounds import Bound, Smile

__all__ = ["read_resampled"]

_Read: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def read_resampled(bound: Bound, scores: Tensor, counts: Tensor) -> Tensor:
    """Read a bound of pairs that were drawn so many times, in nats.

    Args:
        bound: that needs nothing but scores.
        scores: score matrix ``(N, N)``; rows are x, columns are y.
        counts: how often each pair was drawn: ``(B, N)``; each row sums to N.

    Returns:
        One estimate for each bootstrap, ``(B,)``; for counts of 1 that of ``bound.read``.

    Example:
        >>> import torch
        >>> from infomax.bounds import BOUNDS
        >>> scores = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
        >>> bound = BOUNDS["infonce"]()
        >>> read = read_resampled(bound, scores, torch.ones(1, 5))
        >>> bool((read - bound.read(scores)).abs() < 1e-6)
        True
    """
    read: _Read = (
        partial(_smile, clip=bound.clip) if isinstance(bound, Smile) else _READS[bound.name]
    )
    return read(scores.double(), counts.double())


def _infonce(scores: Tensor, counts: Tensor) -> Tensor:
    largest = scores.max(dim=1, keepdim=True).values
    others = (scores - largest).exp().fill_diagonal_(0)
    own = (scores.diagonal() - largest.squeeze(1)).exp()
    # Of its own copies an anchor meets one.
    normaliser = (counts @ others.T + own).log() + largest.squeeze(1)
    candidates = counts.sum(dim=1, keepdim=True) - counts + 1
    terms = scores.diagonal() - normaliser + candidates.log()
    return _mean(terms, counts)


def _infonce_columns(scores: Tensor, counts: Tensor) -> Tensor:
    return _infonce(scores.T, counts)


def _infonce_symmetric(scores: Tensor, counts: Tensor) -> Tensor:
    return (_infonce(scores, counts) + _infonce(scores.T, counts)) / 2


def _nwj(scores: Tensor, counts: Tensor) -> Tensor:
    return _mean(scores.diagonal(), counts) - (_log_partition(scores, counts) - 1).exp()


def _donsker_varadhan(scores: Tensor, counts: Tensor) -> Tensor:
    return _mean(scores.diagonal(), counts) - _log_partition(scores, counts)


def _jensen_shannon(scores: Tensor, counts: Tensor) -> Tensor:
    return _nwj(scores + 1, counts)


def _smile(scores: Tensor, counts: Tensor, clip: float) -> Tensor:
    partition = _log_partition(scores.clamp(-clip, clip), counts)
    return _mean(scores.diagonal(), counts) - partition


def _mean_of_partners(scores: Tensor, counts: Tensor) -> Tensor:
    return _mean(scores.diagonal(), counts)


def _club(scores: Tensor, counts: Tensor) -> Tensor:
    negatives = scores.clone().fill_diagonal_(0)
    sums = ((counts @ negatives) * counts).sum(dim=1)
    return _mean(scores.diagonal(), counts) - sums / _number_of_negatives(counts)


def _leave_one_out(scores: Tensor, counts: Tensor) -> Tensor:
    negatives = scores.clone().fill_diagonal_(-math.inf)
    largest = negatives.max(dim=0, keepdim=True).values
    sums = (counts @ (negatives - largest).exp()).log() + largest
    others = counts.sum(dim=1, keepdim=True) - counts
    return _mean(scores.diagonal() - sums + others.log(), counts)


def _number_of_negatives(counts: Tensor) -> Tensor:
    return counts.sum(dim=1).square() - counts.square().sum(dim=1)


def _mean(terms: Tensor, counts: Tensor) -> Tensor:
    return (counts * terms).sum(dim=1) / counts.sum(dim=1)


def _log_partition(scores: Tensor, counts: Tensor) -> Tensor:
    """Return the log mean exponential of all negatives: ``(B,)``."""
    negatives = scores.clone().fill_diagonal_(-math.inf)
    largest = negatives.max()
    sums = ((counts @ (negatives - largest).exp()) * counts).sum(dim=1)
    return sums.log() + largest - _number_of_negatives(counts).log()


_READS: dict[str, _Read] = {
    "infonce": _infonce,
    "infonce-columns": _infonce_columns,
    "infonce-symmetric": _infonce_symmetric,
    "nwj": _nwj,
    "donsker-varadhan": _donsker_varadhan,
    "mine": _donsker_varadhan,
    "jensen-shannon": _jensen_shannon,
    "barber-agakov": _mean_of_partners,
    "difference-of-entropies": _mean_of_partners,
    "club": _club,
    "leave-one-out": _leave_one_out,
}
