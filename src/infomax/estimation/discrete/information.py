"""Information of two discrete variables from counts, and how far it may be off."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from infomax.estimation.discrete.contingency import ContingencyTable, count_together
from infomax.estimation.discrete.entropies import (
    ENTROPIES,
    counts_of_counts,
    entropy_of_unseen,
    share_of_unseen,
)
from infomax.estimation.result import Interval

__all__ = ["information_interval", "information_of_counts", "jackknife_variance"]

Array: TypeAlias = NDArray[np.float64]


def information_of_counts(table: ContingencyTable, name: str) -> float:
    r"""Return :math:`\hat H(X) + \hat H(Y) - \hat H(X, Y)`, in nats.

    Args:
        table: the counts.
        name: of ``ENTROPIES``: how an entropy is estimated from counts.

    Example:
        >>> from infomax.estimation.discrete.contingency import count_together
        >>> levels = np.repeat([0, 1], 500)
        >>> round(information_of_counts(count_together(levels, levels), "plug-in"), 3)  # log 2
        0.693
    """
    of_x, of_y, together = (
        float(ENTROPIES[name](*counts_of_counts(counts)))
        for counts in (table.of_x, table.of_y, table.together)
    )
    return of_x + of_y - together


def jackknife_variance(table: ContingencyTable, name: str) -> float:
    r"""Return the variance of an estimate from those that lack one row, in nats squared.

    .. math:: \frac{N - 1}{N} \sum_i \big( \hat I_{-i} - \tfrac{1}{N} \sum_j \hat I_{-j} \big)^2

    Rows whose levels, and the pair of them, were seen equally often leave the same behind, so it
    costs no more than the cells do. Without dependence it errs upwards.

    Source: Efron and Stein (1981).

    Args:
        table: the counts.
        name: of ``ENTROPIES``.
    """
    of_x, of_y, together = (
        _without_one(counts, ENTROPIES[name]) for counts in (table.of_x, table.of_y, table.together)
    )
    without = of_x[table.x] + of_y[table.y] - together
    mean = np.average(without, weights=table.together)
    variance = np.average((without - mean) ** 2, weights=table.together)
    return float((table.number - 1) * variance)


def information_interval(
    table: ContingencyTable, name: str, value: float, confidence: float
) -> Interval:
    r"""Return the normal interval by the jackknife, its lower end lowered for what was not seen.

    What the pairs that were not seen add to H(X, Y) depends on how many they are, of which rare
    counts tell little. Their mean share is no smaller than their whole share over the number of
    pairs that the levels allow, so

    .. math:: \hat I - \frac{f_1}{N} \Big( c\big(\min(A, \tfrac{f_1}{N K_x K_y})\big) - c(A)
              \Big) - z \hat\sigma

    is the lower end, :math:`f_1 c(A) / N` the part of the unseen in the estimate of Chao, Wang and
    Jost. Where hardly any pair was seen only once it is that of the jackknife.

    A level that one row has tells nothing of the next row, though it determines its own. No less is
    shared than when such levels are joined (data processing), so the lower end is at most that of
    the joined levels: 0 of identifiers.

    Args:
        table: the counts.
        name: of ``ENTROPIES``.
        value: the estimate, in nats.
        confidence: of the interval.
    """
    half_width = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(
        jackknife_variance(table, name)
    )
    lowered = 0.0
    if table.alone:
        number = np.array(float(table.number))
        estimated = share_of_unseen(*counts_of_counts(table.together))
        least = np.minimum(estimated, table.alone / table.possible)
        lowered = table.alone * float(
            entropy_of_unseen(least, number) - entropy_of_unseen(estimated, number)
        )
    low = value - lowered - half_width
    joined = _levels_of_one_row_joined(table)
    if joined is not None:
        low = min(
            low,
            information_interval(joined, name, information_of_counts(joined, name), confidence).low,
        )
    return Interval(low, value + half_width)


def _levels_of_one_row_joined(table: ContingencyTable) -> ContingencyTable | None:
    """Return the counts where all levels of x, and of y, that one row has are one level."""
    once = [counts == 1 for counts in (table.of_x, table.of_y)]
    if max(each.sum() for each in once) <= 1:
        return None
    sides = zip((table.x, table.y), once, strict=True)
    x, y = (
        np.unique(np.where(alone, -1, np.arange(len(alone))), return_inverse=True)[1][levels]
        for levels, alone in sides
    )
    return count_together(np.repeat(x, table.together), np.repeat(y, table.together))


def _without_one(counts: NDArray[np.int64], entropy: Callable[[Array, Array], Array]) -> Array:
    """Return for every level the entropy without one row of it: ``(K,)``."""
    often, times = counts_of_counts(counts)
    places = np.arange(len(often))
    # A level fewer was seen so often, one more was seen once less.
    changed = np.tile(np.concatenate([times, np.zeros_like(times)]), (len(often), 1))
    changed[places, places] -= 1
    changed[places, len(often) + places] += 1
    entropies = entropy(np.concatenate([often, often - 1]), changed)
    # Levels that no row has are asked for by none.
    return entropies[np.minimum(np.searchsorted(often, counts), len(often) - 1)]
