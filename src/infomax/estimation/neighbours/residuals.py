r"""Nearest neighbours among what a regression leaves, which errs less where dependence is strong.

For any function g that is fitted to the pairs, and :math:`R = Y - g(X)`,

.. math:: I(X; Y) = h(Y) - h(Y \mid X) = h(Y) - h(R) + I(R; X)

is exact: given x, a shift moves nothing. So g needs not be right. The better it is, the less is
left for I(R; X), which is the part that neighbours read too low or too high where a narrow ridge
runs across the plane. The two entropies are of one column each, where they are known well.
"""

import math
from functools import partial

import numpy as np
from scipy import stats
from scipy.special import digamma
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from infomax.errors import UserError, choosing
from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.neighbours.ksg import ksg_1_terms
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask, Method
from infomax.estimation.terms import first_line, measure_by_terms

__all__ = [
    "RESIDUAL_KSG",
    "entropy_terms",
    "has_a_density",
    "left_to_share",
    "residual_ksg_terms",
    "residual_space",
]

_MOST_KNOTS, _ROWS_PER_KNOT = 8, 60
# Of a normal column it is 0, of one whose far values hide all others from a regression it is large.
_LARGEST_KURTOSIS = 15.0
# In shares of what there was: less is left by what y follows without any noise.
_ROUNDING = 1e-6
# Draws of a computer's numbers may meet.
_MOST_COPIES = 2


def residual_ksg_terms(x: Array, y: Array, *, neighbours: int) -> Array:
    r"""KSG 1 on regression residuals, for one column with one, a term for each pair, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i \big( \hat h_y(i) - \hat h_r(i) + \hat I_{rx}(i) \big)

    with terms of Kozachenko and Leonenko for the entropies and of KSG for what residuals still
    share. It is made with y left by x and x left by y, and both are averaged; g is a line or a
    cubic spline, whichever leaves less to share. It assumes independent draws of continuous
    variables, has no cap and is no bound.

    Source: Kraskov, Stögbauer and Grassberger (2004), equation 8; Kozachenko and Leonenko (1987).

    Args:
        x: ``(N, 1)``, no value twice.
        y: ``(N, 1)``.
        neighbours: k.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.normal(size=(2, 1000, 1))
        >>> y = x + 1e-4 * noise  # 9.210 nats, where KSG 1 reads 6.6
        >>> round(float(residual_ksg_terms(x, y, neighbours=5).mean()), 1)
        9.2
    """
    one, other = (_of_direction(*sides, neighbours=neighbours) for sides in ((x, y), (y, x)))
    terms: Array = (one + other) / 2
    return terms


def left_to_share(x: Array, y: Array, *, neighbours: int) -> float:
    """Return how little residuals share with what they are left by, in nats.

    Args:
        x: ``(N, 1)``.
        y: ``(N, 1)``.
        neighbours: k.

    Returns:
        The smaller one of y left by x and of x left by y; infinite where only rounding is left.
    """
    found = (_least_shared(*sides, neighbours=neighbours) for sides in ((x, y), (y, x)))
    return min(math.inf if each is None else abs(float(each[1].mean())) for each in found)


def _of_direction(x: Array, y: Array, *, neighbours: int) -> Array:
    """Return the terms of y as x explains it; those of KSG where nothing but rounding is left."""
    found = _least_shared(x, y, neighbours=neighbours)
    if found is None:
        return ksg_1_terms(x, y, neighbours=neighbours)
    left, shared = found
    of_y, of_left = (entropy_terms(each, neighbours=neighbours) for each in (y, left))
    terms: Array = of_y - of_left + shared
    return terms


def _least_shared(x: Array, y: Array, *, neighbours: int) -> tuple[Array, Array] | None:
    """Return the residuals of y that share least with x, and the terms of what they share."""
    knots = min(len(x) // _ROWS_PER_KNOT, _MOST_KNOTS)
    found = []
    for left in [_line(x, y), *([_spline(x, y, knots)] if knots > 1 else [])]:
        if left.std() < _ROUNDING * y.std():
            return None
        shared = ksg_1_terms(left / left.std(), x / x.std(), neighbours=neighbours)
        found.append((left, shared))
    return min(found, key=lambda each: abs(float(each[1].mean())))


def _line(x: Array, y: Array) -> Array:
    return _left(y, LinearRegression().fit(x, y).predict(x), 2)


def _spline(x: Array, y: Array, knots: int) -> Array:
    spline = SplineTransformer(knots, degree=3, knots="quantile", include_bias=False)
    fitted = make_pipeline(spline, LinearRegression()).fit(x, y)
    return _left(y, fitted.predict(x), knots + 2)


def _left(y: Array, explained: Array, coefficients: int) -> Array:
    """Return residuals, as wide as those of new pairs would be."""
    left: Array = (y - explained) * math.sqrt(len(y) / (len(y) - coefficients))
    return left


def entropy_terms(values: Array, *, neighbours: int) -> Array:
    r"""Return terms of the entropy of one continuous column, in nats.

    .. math:: \hat h = \psi(N) - \psi(k) + \frac{1}{N} \sum_i \log 2 \epsilon_i

    with the distance :math:`\epsilon_i` to the k-th neighbour.

    Source: Kozachenko and Leonenko (1987).

    Args:
        values: ``(N, 1)``; where one is there more than k times, its term is that of the smallest
            distance that a computer's numbers have.
        neighbours: k.

    Example:
        >>> values = np.random.default_rng(0).uniform(0, 2, size=(4000, 1))
        >>> round(float(entropy_terms(values, neighbours=5).mean()), 1)  # log 2
        0.7
    """
    order = values[:, 0].argsort()
    ordered = np.concatenate(
        [np.full(neighbours, -np.inf), values[order, 0], np.full(neighbours, np.inf)]
    )
    size = len(order)
    # The k nearest of a point are next to it in order, so many below it and the others above.
    radii = np.min(
        [
            np.maximum(
                ordered[neighbours : neighbours + size] - ordered[neighbours - below :][:size],
                ordered[2 * neighbours - below :][:size] - ordered[neighbours : neighbours + size],
            )
            for below in range(neighbours + 1)
        ],
        axis=0,
    )
    terms = np.empty(size)
    terms[order] = (
        digamma(size)
        - digamma(neighbours)
        + np.log(2 * np.maximum(radii, np.spacing(np.abs(values[order, 0]).max())))
    )
    return terms


def has_a_density(column: Column) -> bool:
    """Tell whether hardly a value of a column repeats, and none more than once."""
    return bool(np.unique(column.measured, return_counts=True)[1].max() <= _MOST_COPIES)


def residual_space(samples: PairedSamples, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return x and y ``(N, 1)`` as a regression can explain them.

    A column is taken as it is, in standard deviations, unless it has values often or far tails.
    Then it becomes random normal scores: its ranks, at which the values of as many normal draws
    stand. Those of a fixed grid would be farther apart than draws are, and their entropy too high.

    Source: Bell and Doksum (1965), for random normal scores.

    Args:
        samples: the pairs, of one continuous column with one.
        generator: draws the scores, and orders values that repeat.
    """
    of_x, of_y = (_coordinate(column, generator) for column in (*samples.x, *samples.y))
    return of_x, of_y


def _coordinate(column: Column, generator: np.random.Generator) -> Array:
    values = column.measured
    size = len(values)
    if has_a_density(column) and stats.kurtosis(values) < _LARGEST_KURTOSIS:
        scaled: Array = (values - values.mean()) / values.std()
        return scaled[:, None]
    scores = np.empty(size)
    scores[np.lexsort((generator.random(size), values))] = np.sort(generator.standard_normal(size))
    return scores[:, None]


def _measure(task: EstimationTask, reason: str) -> MIResult:
    samples, neighbours = task.samples, task.settings.neighbours
    if len(samples.columns) > 2 or not task.rows.exchangeable:
        raise UserError(
            "method residual-ksg is for one column with one, of rows that are independent draws: "
            f"choose {choosing('method', 'ksg-1', 'auto')}"
        )
    return measure_by_terms(
        "residual-ksg",
        partial(residual_ksg_terms, neighbours=neighbours),
        task,
        reason,
        continuous=True,
        space=residual_space,
        of_permuted=partial(ksg_1_terms, neighbours=neighbours),
    )


RESIDUAL_KSG = Method("residual-ksg", first_line(residual_ksg_terms), "neither", _measure)
