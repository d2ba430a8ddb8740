"""Intervals of conditional estimates: what scatters, and what more rows would still add."""

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from infomax.estimation.arrays import Array
from infomax.estimation.conditional.local_tests import Points
from infomax.estimation.result import Interval
from infomax.estimation.rows import RowOrder
from infomax.estimation.task import EstimationTask
from infomax.estimation.terms import interval_of_terms

__all__ = ["error_left", "interval_of_few_terms", "interval_with_error_left"]

_PARTS = (4, 2)
_CUTS = 3


def interval_of_few_terms(
    value: float, terms: Array, confidence: float, second_order: float, rows: RowOrder
) -> Interval:
    """Return the interval of terms, by Student's quantile: wider where rows are few.

    Arguments are those of `interval_of_terms`.
    """
    normal = interval_of_terms(value, terms, confidence, second_order=second_order, rows=rows)
    tail = (1 + confidence) / 2
    wider = float(stats.t(len(terms) - 1).ppf(tail) / stats.norm.ppf(tail))
    half_width = wider * normal.width / 2
    return Interval(value - half_width, value + half_width)


def interval_with_error_left(interval: Interval, value: float, left: float) -> Interval:
    r"""Return an interval that is longer on the side on which an error is left.

    With h its half width by what scatters, and b what is left, that end is at

    .. math:: \hat I \pm \sqrt{h^2 + b^2}

    Args:
        interval: around the value, by what scatters.
        value: the estimate, in nats.
        left: what more rows would add to it, in nats; below 0 for what they would take.

    Example:
        >>> interval_with_error_left(Interval(0.7, 1.3), 1.0, 0.4).told()
        '[0.700, 1.500]'
    """
    down, up = (math.hypot(interval.width / 2, max(beyond, 0.0)) for beyond in (-left, left))
    return Interval(value - down, value + up)


def error_left(
    estimate: Callable[[Array, Array, Array], float],
    points: Points,
    value: float,
    task: EstimationTask,
    generator: np.random.Generator,
) -> float:
    r"""Return how far the mean of neighbours may still be from where more rows would take it.

    The estimate is repeated on parts of the rows, cut at random in three ways, or evenly in time.
    Its error is taken to fall with the root of the rows at least: then what is left at N is no more
    than

    .. math:: \frac{\hat I_N - \hat I_{N / m}}{\sqrt m - 1}

    of which the scatter of terms knows nothing. Parts are quarters, or halves where a quarter has
    fewer than 2 k rows.

    Source: Strong, Koberle, de Ruyter van Steveninck and Bialek (1998), for values against the
    size of the sample.

    Args:
        estimate: from x, y and the condition to a value in nats.
        points: what is estimated from.
        value: the estimate of all rows.
        task: the rows, and k.
        generator: cuts the rows.

    Returns:
        What is left, in nats; 0 where rows are too few for two halves.
    """
    size, neighbours = len(points[0]), task.settings.neighbours
    parts = next((each for each in _PARTS if size // each >= 2 * neighbours), None)
    if parts is None:
        return 0.0
    found = [
        estimate(*(side[rows] for side in points))
        for rows in task.rows.parts(size, parts, _CUTS, generator)
    ]
    return (value - float(np.mean(found))) / (math.sqrt(parts) - 1)
