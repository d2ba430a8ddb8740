"""Binned information, the estimate that everyone makes first."""

from functools import partial

import numpy as np

from infomax.errors import UserError
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.task import Method
from infomax.estimation.terms import first_line, measure_by_terms

__all__ = ["HISTOGRAM", "histogram_terms"]

_PAIRS_IN_CELL = 5
_MOST_COLUMNS = 4


def histogram_terms(x: Array, y: Array) -> Array:
    r"""Information between bins of equal count, one term for each pair, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i \log \frac{N n_{xy}(i)}{n_x(i) n_y(i)}
              - \frac{(K_{xy} - K_x - K_y + 1)}{2N}

    :math:`n(i)` counts the pairs in the cell of pair i, K the cells that hold any; the last term
    corrects the mean of the first (Miller, 1955). Every column is cut into as many bins as leave
    five pairs in a cell of the joint space. Binning only loses information, so it is biased
    downwards where dependence is finer than the bins.

    Source: Miller (1955); Roulston (1999), equation 27.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are more than four columns in all: cells would be empty.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(4000, 1))
        >>> bool(histogram_terms(x, x).mean() > 3)
        True
    """
    columns = x.shape[1] + y.shape[1]
    if columns > _MOST_COLUMNS:
        raise UserError(
            f"a histogram of {columns} columns: give at most {_MOST_COLUMNS} in all, or choose "
            "another method"
        )
    # A root that is whole may come out a little below it.
    bins = max(2, int((len(x) / _PAIRS_IN_CELL) ** (1 / columns) + 1e-9))
    of_x, of_y = _cells(_binned(x, bins)), _cells(_binned(y, bins))
    both = _cells(np.column_stack([of_x, of_y]))
    in_x, in_y, in_both = (np.bincount(cells) for cells in (of_x, of_y, both))
    correction = (len(in_both) - len(in_x) - len(in_y) + 1) / (2 * len(x))
    terms: Array = np.log(len(x) * in_both[both] / (in_x[of_x] * in_y[of_y])) - correction
    return terms


def _binned(values: Array, bins: int) -> Indices:
    """Return the bin of every value, by mid-rank; equal values share a bin: ``(N, d)``."""
    binned = np.empty(values.shape, dtype=np.int64)
    for index, column in enumerate(values.T):
        ordered = np.sort(column)
        below = np.searchsorted(ordered, column, side="left")
        not_above = np.searchsorted(ordered, column, side="right")
        binned[:, index] = (below + not_above - 1) * bins // (2 * len(column))
    return binned


def _cells(binned: Indices) -> Indices:
    """Number the cells that hold anything: ``(N, d)`` -> ``(N,)``."""
    return np.unique(binned, axis=0, return_inverse=True)[1].reshape(-1)


HISTOGRAM = Method(
    "histogram",
    first_line(histogram_terms),
    "neither",
    partial(measure_by_terms, "histogram", histogram_terms, continuous=False),
)
