"""Nearest-neighbour estimates: information from how many neighbours a pair has on each side."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import digamma

from infomax.estimation.arrays import Array
from infomax.estimation.neighbours.space import (
    LEVELS_APART,
    SHORTENED,
    count_copies,
    count_others_within,
    find_neighbours,
)
from infomax.estimation.result import MIResult
from infomax.estimation.task import EstimationTask, Method
from infomax.estimation.terms import first_line, measure_by_terms

__all__ = [
    "KSG_1",
    "KSG_METHODS",
    "MIXED_KSG_1",
    "ksg_1_terms",
    "ksg_2_terms",
    "mixed_ksg_1_terms",
    "mixed_ksg_terms",
]


def ksg_1_terms(x: Array, y: Array, *, neighbours: int) -> Array:
    r"""First estimator of Kraskov, Stögbauer and Grassberger, one term for each pair, in nats.

    .. math:: \hat I = \psi(k) + \psi(N)
              - \frac{1}{N} \sum_i \big( \psi(n_x(i) + 1) + \psi(n_y(i) + 1) \big)

    With :math:`\epsilon_i` the largest of the distances in x and in y to the k-th neighbour,
    :math:`n_x(i)` counts the other points closer than that in x alone. It assumes independent draws
    of continuous variables, has no cap and is no bound: it is biased towards 0 where dependence is
    strong or the dimension high.

    Source: Kraskov, Stögbauer and Grassberger (2004), equation 8.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        neighbours: k.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are not more than k pairs.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.normal(size=(2, 2000, 1))
        >>> y = 0.75 * x + (1 - 0.75**2) ** 0.5 * noise  # 0.413 nats
        >>> round(float(ksg_1_terms(x, y, neighbours=3).mean()), 2)
        0.4
    """
    radii = find_neighbours(x, y, neighbours)[0][:, -1] * SHORTENED
    inside_x, inside_y = count_others_within(x, radii), count_others_within(y, radii)
    terms: Array = (
        digamma(neighbours) + digamma(len(x)) - digamma(inside_x + 1) - digamma(inside_y + 1)
    )
    return terms


def ksg_2_terms(x: Array, y: Array, *, neighbours: int) -> Array:
    r"""Second estimator of Kraskov, Stögbauer and Grassberger, one term for each pair, in nats.

    .. math:: \hat I = \psi(k) - \frac{1}{k} + \psi(N)
              - \frac{1}{N} \sum_i \big( \psi(n_x(i)) + \psi(n_y(i)) \big)

    Here each side has a radius of its own, the largest distance in it to any of the k neighbours,
    and :math:`n_x(i)` counts the other points that are no farther. It assumes what the first
    estimator does, errs less in its spread and more in its mean.

    Source: Kraskov, Stögbauer and Grassberger (2004), equation 9.

    Arguments, result and errors are those of ``ksg_1_terms``.
    """
    nearest = find_neighbours(x, y, neighbours)[1]
    inside = []
    for side in (x, y):
        distances = np.abs(side[nearest] - side[:, None]).max(axis=(1, 2))
        inside.append(np.maximum(count_others_within(side, distances / SHORTENED), 1))
    terms: Array = (
        digamma(neighbours)
        - 1 / neighbours
        + digamma(len(x))
        - digamma(inside[0])
        - digamma(inside[1])
    )
    return terms


def mixed_ksg_terms(x: Array, y: Array, *, neighbours: int) -> Array:
    r"""Nearest-neighbour estimate for discrete, continuous and mixed variables, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i
              \big( \psi(k_i) + \log N - \log(n_x(i) + 1) - \log(n_y(i) + 1) \big)

    :math:`\rho_i` is the distance to the k-th neighbour; where it is 0, :math:`k_i` counts all
    pairs at the very same place, elsewhere it is k. :math:`n_x(i)` counts the other points that are
    no farther than :math:`\rho_i` in x alone. It assumes independent draws; no bound.

    Source: Gao, Kannan, Oh and Viswanath (2017), algorithm 1.

    Args:
        x: ``(N, dx)``; levels of a discrete variable lie farther apart than anything else.
        y: ``(N, dy)``.
        neighbours: k.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are not more than k pairs.

    Example:
        >>> x = np.repeat([[0.0], [1.0]], 500, axis=0)
        >>> round(float(mixed_ksg_terms(x, x, neighbours=5).mean()), 2)  # log 2
        0.69
    """
    radii = find_neighbours(x, y, neighbours)[0][:, -1] / SHORTENED
    joint = np.hstack([x, y])
    tied = radii == 0
    counted = np.full(len(x), float(neighbours))
    if tied.any():
        counted[tied] = count_copies(joint)[tied] - 1
    inside_x, inside_y = count_others_within(x, radii), count_others_within(y, radii)
    terms: Array = digamma(counted) + np.log(len(x)) - np.log(inside_x + 1) - np.log(inside_y + 1)
    return terms


def mixed_ksg_1_terms(
    x: Array, y: Array, *, neighbours: int, levels_apart: float = math.inf
) -> Array:
    r"""KSG's first estimator where no pair repeats, and plug-in where pairs do, in nats.

    .. math:: \hat I = \psi(N) + \frac{1}{N} \sum_i
              \big( \psi(k_i) - \psi(n_x(i) + 1) - \psi(n_y(i) + 1) \big)

    :math:`k_i` counts pair i and the others that are closer than its k-th neighbour, n those that
    are closer in x, in y. Of continuous pairs :math:`k_i` is k, and this is KSG 1, or for a
    discrete x and a continuous y the estimator of Ross. Of discrete pairs neighbours are tied: all
    others of the same levels are closer, whether they are fewer than k or, at distance 0, more, and
    this is the plug-in estimate, with the correction of Miller that the digammas bring. Unlike
    mixed KSG, whose logarithms in the place of digammas leave an error of order 1 / k, it needs no
    large k. It assumes independent draws; no bound.

    Source: Kraskov, Stögbauer and Grassberger (2004), equation 8; Ross (2014), equation 5; Gao,
    Kannan, Oh and Viswanath (2017), for joining the two at each pair; Miller (1955).

    Args:
        x: ``(N, dx)``; levels of a discrete variable lie farther apart than anything else.
        y: ``(N, dy)``.
        neighbours: k.
        levels_apart: the least distance between two levels of a discrete variable. Where a pair has
            fewer than k others of its levels, k is their number there: of two other levels neither
            is the nearer one.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are not more than k pairs.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> x = generator.integers(5, size=(2000, 1)).astype(float)
        >>> y = x + generator.uniform(0, 2, size=(2000, 1))  # log 5 - 0.8 log 2 = 1.055 nats
        >>> round(float(mixed_ksg_1_terms(1000 * x, y, neighbours=5).mean()), 1)
        1.1
    """
    distances = find_neighbours(x, y, neighbours)[0]
    of_its_levels = (distances < levels_apart).sum(axis=1)
    farthest = distances[np.arange(len(x)), np.maximum(of_its_levels, 1) - 1]
    radii = np.minimum(farthest, levels_apart) * SHORTENED
    counted = (distances < radii[:, None]).sum(axis=1) + 1.0
    same_place = radii == 0
    if same_place.any():
        counted[same_place] = count_copies(np.hstack([x, y]))[same_place]
    inside_x, inside_y = count_others_within(x, radii), count_others_within(y, radii)
    terms: Array = (
        digamma(counted) + digamma(len(x)) - digamma(inside_x + 1) - digamma(inside_y + 1)
    )
    return terms


def _measure(
    name: str,
    terms_of: Callable[..., Array],
    task: EstimationTask,
    reason: str,
    *,
    continuous: bool,
) -> MIResult:
    of_pairs = partial(terms_of, neighbours=task.settings.neighbours)
    return measure_by_terms(name, of_pairs, task, reason, continuous=continuous)


def _method(name: str, terms_of: Callable[..., Array], *, continuous: bool = False) -> Method:
    measure = partial(_measure, name, terms_of, continuous=continuous)
    return Method(name, first_line(getattr(terms_of, "func", terms_of)), "neither", measure)


KSG_1 = _method("ksg-1", ksg_1_terms, continuous=True)
MIXED_KSG_1 = _method("mixed-ksg-1", partial(mixed_ksg_1_terms, levels_apart=LEVELS_APART))

KSG_METHODS = (
    KSG_1,
    _method("ksg-2", ksg_2_terms, continuous=True),
    _method("mixed-ksg", mixed_ksg_terms),
    MIXED_KSG_1,
)
"""The methods of nearest neighbours."""
