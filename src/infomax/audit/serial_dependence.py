"""Whether rows that follow each other are alike, as frames of a video or days of a market are."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from infomax.information import Interval

__all__ = ["serial_dependence"]

_BLOCKS: Final = 20


def serial_dependence(
    values: NDArray[np.float64],
    places: NDArray[np.int64],
    *,
    classes: NDArray[np.int64] | None = None,
    groups: NDArray[np.int64] | None = None,
) -> tuple[float, Interval]:
    r"""Return how much nearer rows that follow each other are than rows at random.

    .. math:: r = 1 - \frac{\langle \lVert v_{i+1} - v_i \rVert^2 \rangle}
                             {2 \, \langle \lVert v_i - \bar v \rVert^2 \rangle}

    is 0 where order tells nothing, and the correlation of neighbours where there is one column.
    Classes lose their means first, since files are sorted by class and that is no leak. Neighbours
    of one group are left out, since no split parts them. The interval is Student's t interval over
    20 stretches of rows.

    Source: von Neumann (1941), for one column.

    Args:
        values: ``(N, d)``.
        places: where each row stood, ``(N,)``.
        classes: of each row.
        groups: of each row.

    Returns:
        r and its 95 % interval; NaN where all values are alike, or too few neighbours are left.

    Example:
        >>> walk = np.cumsum(np.random.default_rng(0).standard_normal((400, 1)), axis=0)
        >>> serial_dependence(walk, np.arange(400))[0] > 0.9
        True
    """
    order = np.argsort(places)
    rows = values[order] - values.mean(axis=0)
    if classes is not None:
        numbered = np.unique(classes[order], return_inverse=True)[1]
        sizes = np.bincount(numbered)
        sums = np.zeros((len(sizes), rows.shape[1]))
        np.add.at(sums, numbered, rows)
        rows -= (sums / sizes[:, None])[numbered]
    spread = float(np.square(rows).sum(axis=1).mean())
    nearness = 1 - np.square(np.diff(rows, axis=0)).sum(axis=1) / (2 * spread or math.inf)
    if groups is not None:
        nearness = nearness[np.diff(groups[order]) != 0]
    if spread == 0 or len(nearness) < _BLOCKS:
        return math.nan, Interval(math.nan, math.nan)
    blocks: NDArray[Any] = np.array([each.mean() for each in np.array_split(nearness, _BLOCKS)])
    half = float(stats.t.ppf(0.975, _BLOCKS - 1) * blocks.std(ddof=1) / math.sqrt(_BLOCKS))
    value = float(nearness.mean())
    return value, Interval(value - half, value + half)
