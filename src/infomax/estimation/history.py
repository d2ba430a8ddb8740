"""How much of its own past a series remembers: the history that a transfer is conditioned on."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.spatial import KDTree
from scipy.special import xlogy

from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.discrete.contingency import combine_levels
from infomax.estimation.rows import remembered_functions

__all__ = ["MOST_HISTORY", "choose_history"]

MOST_HISTORY = 4
"""The longest history that is tried: with more columns neighbours are far apart."""

_NEIGHBOURS = 4
_MOST_ROWS = 5000


def choose_history(now: Sequence[Column], past: Sequence[Sequence[Column]]) -> int:
    r"""Return how many rows of its past a series is predicted by.

    A series of levels has the order k of a Markov chain of the least

    .. math:: -2 \sum n(p, y) \log \frac{n(p, y)}{n(p)} + \#\{p\} (K - 1) \log N

    with p the k levels before y. Any other series has the larger of two lengths, of which the first
    sees faint memory if it is linear, and the second curves: the order of the autoregression of
    least Bayesian information criterion, and the shortest history whose error of prediction, by the
    mean of what followed its 4 nearest neighbours, exceeds the least by no more than one standard
    error.

    Source: Katz (1981), for chains; Schwarz (1978), for the criterion; Ragwitz and Kantz (2002),
    for neighbours; Breiman, Friedman, Olshen and Stone (1984), for one standard error.

    Args:
        now: the columns of the series.
        past: the same columns so many rows earlier, from one row on.

    Returns:
        From 1 to the number of lags.

    Example:
        >>> from scipy.signal import lfilter
        >>> series = lfilter([1], [1, -0.5, 0.4], np.random.default_rng(0).standard_normal(2000))
        >>> now, *past = ([Column("y", series[4 - k : 2000 - k], False)] for k in range(5))
        >>> choose_history(now, past)
        2
    """
    if all(column.discrete for column in now):
        return _order_of_chain(now, past)
    scores, *of_past = (remembered_functions(columns) for columns in (now, *past))
    if any(each.shape != scores.shape for each in of_past):
        # A level that only some lags have.
        width = min(each.shape[1] for each in (scores, *of_past))
        scores, *of_past = (each[:, :width] for each in (scores, *of_past))
    rows = slice(None, None, -(-len(scores) // _MOST_ROWS))
    of_neighbours = _order_by_neighbours(scores[rows], [each[rows] for each in of_past])
    return max(_order_of_autoregression(scores, of_past), of_neighbours)


def _order_of_chain(now: Sequence[Column], past: Sequence[Sequence[Column]]) -> int:
    levels = combine_levels(now)
    found = []
    for length in range(1, len(past) + 1):
        before = combine_levels([column for lag in past[:length] for column in lag])
        together = np.bincount(before * (int(levels.max()) + 1) + levels)
        alone = np.bincount(before)
        likelihood = float(xlogy(together, together).sum() - xlogy(alone, alone).sum())
        parameters = len(alone) * int(levels.max())
        found.append(-2 * likelihood + parameters * math.log(len(levels)))
    return 1 + int(np.argmin(found))


def _order_of_autoregression(now: Array, past: Sequence[Array]) -> int:
    size = len(now)
    found = []
    for length in range(1, len(past) + 1):
        before = np.column_stack([np.ones(size), *past[:length]])
        left = now - before @ np.linalg.lstsq(before, now)[0]
        squares = np.maximum((left**2).mean(axis=0), np.finfo(float).tiny)
        parameters = before.shape[1] * now.shape[1]
        found.append(size * float(np.log(squares).sum()) + parameters * math.log(size))
    return 1 + int(np.argmin(found))


def _order_by_neighbours(now: Array, past: Sequence[Array]) -> int:
    errors = []
    for length in range(1, len(past) + 1):
        before = np.column_stack(past[:length])
        near = KDTree(before).query(before, k=_NEIGHBOURS + 1)[1][:, 1:]
        errors.append(((now - now[near].mean(axis=1)) ** 2).sum(axis=1))
    best = int(np.argmin([each.mean() for each in errors]))
    for length, each in enumerate(errors[:best], start=1):
        more = each - errors[best]
        if more.mean() <= more.std() / math.sqrt(len(now)):
            return length
    return best + 1
