"""Permutation of x among rows whose condition is alike: it breaks what x and y share beyond z.

A permutation of all rows would break what x shares with z too, and whatever z explains of both
sides would look like dependence of x and y.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial import KDTree

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column, stack_columns
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.discrete.contingency import combine_levels
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.task import EstimationTask
from infomax.training import StagedProgress

__all__ = ["draw_local_permutations", "draw_partners", "permute_locally"]

_NEIGHBOURS = 5
# So far apart are rows of one value of positive probability, to be in no order of their own.
_APART = 1e-9


def draw_local_permutations(
    given: Sequence[Column], permutations: int, generator: np.random.Generator
) -> Indices:
    """Draw for each row a row of nearly the same condition, whose x it is to have.

    Rows take their turn at random, and each takes one of its 5 nearest rows, itself among them,
    that no other has taken; one that is taken where there is none else. Rows of other levels of a
    discrete condition are never near; a condition that is all discrete permutes each combination of
    its levels as a whole.

    Source: Runge (2018), algorithm 1.

    Args:
        given: the columns of the condition.
        permutations: B.
        generator: draws the turns and the rows.

    Returns:
        Row numbers, ``(B, N)``.

    Example:
        >>> column = Column("z0", np.repeat([0.0, 1.0], 3), discrete=True)
        >>> drawn = draw_local_permutations([column], 9, np.random.default_rng(0))
        >>> drawn.shape, bool((np.sort(drawn[:, :3]) == np.arange(3)).all())
        ((9, 6), True)
    """
    rows = len(given[0].measured)
    discrete = [column for column in given if column.discrete]
    strata = combine_levels(discrete) if discrete else np.zeros(rows, dtype=np.int64)
    continuous = [column for column in given if not column.discrete]
    if not continuous:
        in_order = np.argsort(strata, kind="stable")
        drawn = np.empty((permutations, rows), dtype=np.int64)
        for permuted in drawn:
            permuted[in_order] = np.lexsort((generator.random(rows), strata))
        return drawn
    measured = stack_columns(continuous)
    points = NormalScores(measured)(measured)
    near = _nearest(points + _APART * generator.standard_normal(points.shape), strata)
    return _drawn_in_turn(near, permutations, generator)


def draw_partners(
    task: EstimationTask, chosen: Indices, permutations: int, generator: np.random.Generator
) -> Indices:
    """Draw for chosen rows, so many times, the rows whose x they are to have.

    Independent rows get that of a row of like condition, see `draw_local_permutations`. Rows in
    time get that of a row so many rows later, see `RowsInTime`: what the condition leaves of x is
    then as good as independent of it, and keeps its own course.

    Args:
        task: the rows, with a condition.
        chosen: rows, ``(M,)``.
        permutations: B.
        generator: draws them.

    Returns:
        Row numbers, ``(B, M)``.
    """
    if task.rows.exchangeable:
        given = task.samples.take(chosen).given
        return chosen[draw_local_permutations(given, permutations, generator)]
    shifted = task.rows.partners(chosen, len(task.samples), permutations, generator)
    return np.array(list(shifted), dtype=np.int64).reshape(permutations, len(chosen))


def permute_locally(
    statistics: Callable[[Indices], Array],
    chosen: Indices,
    permutations: Indices,
    progress: StagedProgress,
) -> list[DependenceTest]:
    """Test by statistics of the rows as they are, and with the x of others.

    Args:
        statistics: from the row whose x each row has, ``(M,)``, to some numbers that each grow with
            dependence.
        chosen: the rows themselves, ``(M,)``.
        permutations: ``(B, M)``.
        progress: is told of each permutation; its stage has begun.
    """
    null_values = []
    for index, permuted in enumerate(permutations):
        progress.advance(index)
        null_values.append(statistics(permuted))
    observed = statistics(chosen)
    nulls = np.array(null_values).reshape(-1, len(observed)).T
    return [DependenceTest(float(value), null) for value, null in zip(observed, nulls, strict=True)]


def _nearest(points: Array, strata: Indices) -> Indices:
    """Return the nearest rows of the same stratum, itself first and again where there are few."""
    near = np.tile(np.arange(len(points))[:, None], (1, _NEIGHBOURS))
    for stratum in range(int(strata.max()) + 1):
        rows = np.flatnonzero(strata == stratum)
        size = min(_NEIGHBOURS, len(rows))
        found = KDTree(points[rows]).query(points[rows], k=np.arange(size) + 1, p=np.inf)[1]
        near[rows, :size] = rows[found]
    return near


def _drawn_in_turn(near: Indices, permutations: int, generator: np.random.Generator) -> Indices:
    size, choices = near.shape
    drawn = np.empty((permutations, size), dtype=np.int64)
    taken = np.zeros((permutations, size), dtype=bool)
    turns = generator.random((permutations, size)).argsort(axis=1)
    each = np.arange(permutations)
    # All permutations at once, a row of each at a time.
    for row in turns.T:
        offered = near[row]
        preferred = generator.random((permutations, choices)) - taken[each[:, None], offered]
        chosen = offered[each, preferred.argmax(axis=1)]
        taken[each, chosen] = True
        drawn[each, row] = chosen
    return drawn
