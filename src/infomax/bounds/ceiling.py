"""The most that a bound can read, whatever the information is."""

import math

import torch

from infomax.bounds.bound import Bound

__all__ = ["ceiling"]


def ceiling(bound: Bound, pairs: int, *, largest_score: float = math.inf) -> float:
    r"""Return the most that a bound can read on a batch, in nats; infinite where nothing limits it.

    InfoNCE cannot exceed the log of the number of pairs. A critic whose scores lie within s of 0,
    as a cosine over a temperature of 1 / s does, limits every bound: none is above what it reads
    where all pairs score s and all negatives -s. For InfoNCE of K pairs that is

    .. math:: \log K - \log(1 + (K - 1) e^{-2 s}) \le \min(\log K, 2 s)

    Args:
        bound: its value must rise with the scores of pairs and fall with those of negatives.
        pairs: K, pairs in the batch.
        largest_score: s.

    Example:
        >>> from infomax.bounds import BOUNDS
        >>> round(ceiling(BOUNDS["infonce"](), 128), 3), ceiling(BOUNDS["nwj"](), 128)
        (4.852, inf)
        >>> round(ceiling(BOUNDS["infonce"](), 128, largest_score=0.01), 3)
        0.02
        >>> round(ceiling(BOUNDS["mine"](), 128, largest_score=0.01), 3)
        0.02
    """
    capped = getattr(bound, "capped", False)
    if math.isinf(largest_score):
        return math.log(pairs) if capped else math.inf
    if capped:
        return math.log(pairs) - math.log1p((pairs - 1) * math.exp(-2 * largest_score))
    # A mean over negatives that are all alike does not depend on how many there are.
    best = torch.full((2, 2), -largest_score, dtype=torch.float64).fill_diagonal_(largest_score)
    return float(bound.read(best))
