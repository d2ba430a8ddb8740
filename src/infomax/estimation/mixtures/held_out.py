"""How rich a closed form may be: as pairs that it was not fitted on bear out."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from infomax.bounds import find_bound
from infomax.critics import Critic
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.copula.margins import Scaling

__all__ = [
    "Best",
    "ScalingMaker",
    "clusters",
    "held_out_information",
    "richest_borne_out",
    "scaled_and_sized",
    "small_fits",
]

_BATCH = 500
_BOUND = find_bound("infonce-symmetric")
_PATIENCE = 2
# Every further component costs time in each update of a critic that begins as the mixture.
_LEAST_GAIN_NATS = 0.003
_FEWEST_ROWS = 10
_COMPARED_SIZES = 3
_ITERATIONS_OF_CLUSTERS = 50

FitT = TypeVar("FitT")
ScalingMaker: TypeAlias = Callable[[Array], Scaling]
"""Fits a scaling to rows."""


def held_out_information(critic: Critic, x: Array, y: Array) -> float:
    """Return symmetric InfoNCE of held-out pairs, in batches of at most 500, in nats.

    It holds for any critic, where a mean log density ratio may be too large if the sides are not as
    the density has them.

    Args:
        critic: of which nothing is trained.
        x: sides of the pairs, as the critic wants them: ``(M, ...)``.
        y: the same of y.

    Example:
        >>> from infomax.critics import InnerProductCritic
        >>> x = np.zeros((4, 1))
        >>> held_out_information(InnerProductCritic(1, 1, torch.Generator()), x, x)
        0.0
    """
    batches = -(-len(x) // _BATCH)
    size = len(x) // batches
    dtype = torch.get_default_dtype()
    of_x, of_y = (
        torch.as_tensor(side[: batches * size], dtype=dtype).unflatten(0, (batches, size))
        for side in (x, y)
    )
    with torch.no_grad():
        return float(_BOUND.estimate(critic(of_x, of_y)).mean())


class Best(NamedTuple, Generic[FitT]):
    """The best of several fits.

    Attributes:
        fit: itself.
        value: what it holds of held-out pairs, in nats.
        in_vain: how many richer ones were tried since, and gained nothing.
    """

    fit: FitT
    value: float
    in_vain: int = 0


def richest_borne_out(
    fits: Iterable[FitT], information: Callable[[FitT], float], best: Best[FitT] | None = None
) -> Best[FitT]:
    """Return the best of ever richer fits; two in a row that gain less than 0.003 nats end it.

    Args:
        fits: at least one, made only when its turn comes.
        information: of a fit, of held-out pairs.
        best: of fits that came before, where any did.

    Example:
        >>> richest_borne_out([1, 2, 3, 4, 5, 6], lambda size: -abs(size - 3))
        Best(fit=3, value=0, in_vain=2)
    """
    waiting = iter(fits)
    if best is None:
        first = next(waiting)
        best = Best(first, information(first))
    while best.in_vain < _PATIENCE and (fit := next(waiting, None)) is not None:
        value = information(fit)
        gained = value > best.value + _LEAST_GAIN_NATS
        best = Best(fit, value) if gained else best._replace(in_vain=best.in_vain + 1)
    return best


def scaled_and_sized(
    fit: Callable[[ScalingMaker, int], FitT],
    information: Callable[[FitT], float],
    sizes: Sequence[int],
    rows: int,
    scalings: Sequence[ScalingMaker],
) -> Best[FitT]:
    """Return the best of fits of several scalings and sizes.

    Scalings are compared in the first three sizes, and only the best goes on to larger ones. Sizes
    with fewer than ten rows for each component are left out, but never the first.

    Args:
        fit: makes one from a scaling and a number of components.
        information: of a fit, of held-out pairs.
        sizes: in rising order.
        rows: number of rows that fits are made of.
        scalings: to compare.
    """
    permitted = [size for size in sizes if size == sizes[0] or size * _FEWEST_ROWS <= rows]
    first, rest = permitted[:_COMPARED_SIZES], permitted[_COMPARED_SIZES:]
    begun = [
        (richest_borne_out((fit(scaling, size) for size in first), information), scaling)
        for scaling in scalings
    ]
    best, scaling = max(begun, key=lambda each: each[0].value)
    return richest_borne_out((fit(scaling, size) for size in rest), information, best)


def clusters(rows: Array, number: int, seed: int, *, starts: int = 1) -> Indices:
    """Return the cluster of each row by k-means, those numbered that hold any: ``(N,)``."""
    means = KMeans(number, n_init=starts, max_iter=_ITERATIONS_OF_CLUSTERS, random_state=seed)
    labels: Indices = np.unique(means.fit_predict(rows), return_inverse=True)[1]
    return labels


@contextmanager
def small_fits() -> Iterator[None]:
    """Fit small models by scikit-learn: on one thread, without warnings of what has not settled.

    A second thread only waits for the first where matrices are small. What has not settled, or has
    found fewer clusters than asked for, is a fit all the same: held-out pairs judge it.
    """
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
