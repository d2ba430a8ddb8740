"""Tests for any dependence of x and y beyond z, each by local permutation."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.conditional.local_permutation import draw_partners, permute_locally
from infomax.estimation.conditional.residuals import features_of_condition, less_explained
from infomax.estimation.permutation import MOST_PAIRS_REPEATED, DependenceTest
from infomax.estimation.row_tests import Functions, correlations_with, functions_of_columns
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask

__all__ = [
    "Points",
    "correlate_locally",
    "repeat_locally",
    "residual_samples",
]

Points: TypeAlias = tuple[Array, Array, Array]
"""x, y and the condition, as points among which neighbours mean something."""

_BROKEN = 20
_MOST_ROWS_CORRELATED = 5000
_MOST_ROWS_IN_TIME = 20_000


def repeat_locally(
    estimate: Callable[[Array, Array, Array], float],
    task: EstimationTask,
    points: Points,
    generator: np.random.Generator,
) -> tuple[list[DependenceTest], float]:
    """Repeat a whole estimate where x and y share nothing beyond the condition: on 1,000 rows.

    Args:
        estimate: from x, y and the condition to a number that grows with dependence; x and y may
            change places.
        task: the rows, and the number of permutations.
        points: what is estimated from.
        generator: draws the rows and the permutations.

    Returns:
        The test, and the variance of the estimate without dependence, from these and at least 20
        permutations; it falls as the worth of the rows rises that were taken. There is no test of
        rows in time if the condition is in both sides, as levels are that it explains: to move one
        of them would break what it shares with the condition.
    """
    settings, size, rows = task.settings, len(task.samples), task.rows
    permutations = max(settings.permutations, _BROKEN)
    settings.progress.start("repeating the estimate on permuted pairs", permutations)
    chosen = rows.fewer(rows.order(size, generator), MOST_PAIRS_REPEATED)
    moved, other, given = points
    left = [all(map(_is_smooth, side)) for side in (task.samples.x, task.samples.y)]
    if not rows.exchangeable and left == [False, True]:
        moved, other = other, moved
    drawn = draw_partners(task, chosen, permutations, generator)

    def statistic(partners: Indices) -> Array:
        return np.array([estimate(moved[partners], other[chosen], given[chosen])])

    (repeated,) = permute_locally(statistic, chosen, drawn, settings.progress)
    tests = []
    if settings.permutations and (rows.exchangeable or any(left)):
        null_values = repeated.null_values[: settings.permutations]
        tests = [DependenceTest(repeated.observed, null_values)]
    worth = rows.worth(len(chosen), -(-size // MOST_PAIRS_REPEATED))
    return tests, float(repeated.null_values.var(ddof=1)) * worth / rows.worth(size)


def correlate_locally(
    task: EstimationTask, points: Points, generator: np.random.Generator
) -> list[DependenceTest]:
    """Test by correlations of functions of one x and one y, on at most 5,000 rows.

    The functions are those of `row_tests`: cosines of ranks, and levels. What the condition
    explains of them is taken off first, so that there is more to see of the rest.

    Args:
        task: the rows, and the number of permutations; for 0 no test is made. Of rows in time at
            most 20,000 are taken.
        points: x and y with what the condition leaves of them.
        generator: draws the rows and the permutations.
    """
    settings, samples = task.settings, task.samples
    if not settings.permutations:
        return []
    most = _MOST_ROWS_CORRELATED if task.rows.exchangeable else _MOST_ROWS_IN_TIME
    chosen = task.rows.fewer(task.rows.order(len(samples), generator), most)
    fewer = EstimationTask(samples.take(chosen), settings, known_rows=task.rows)
    features = features_of_condition(fewer.samples.given)
    left = residual_samples(samples, points).take(chosen)
    of_x, of_y = (_functions(side, features, generator) for side in (left.x, left.y))
    if not (of_x.shape[1] and of_y.shape[1]):
        return []
    settings.progress.start("testing all rows by permutation", settings.permutations)
    statistics, each = correlations_with(of_y), np.arange(len(chosen))
    drawn = draw_partners(fewer, each, settings.permutations, generator)
    return permute_locally(lambda rows: statistics(of_x[rows]), each, drawn, settings.progress)


def residual_samples(samples: PairedSamples, points: Points) -> PairedSamples:
    """Return x and y with what the condition leaves of them, as samples without a condition."""
    of_x, of_y = (
        tuple(
            Column(column.name, values, False) if _is_smooth(column) else column
            for column, values in zip(columns, of_side.T, strict=True)
        )
        for columns, of_side in ((samples.x, points[0]), (samples.y, points[1]))
    )
    return PairedSamples(of_x, of_y)


def _functions(
    columns: Sequence[Column], features: Array, generator: np.random.Generator
) -> Functions:
    functions = functions_of_columns(columns, generator).astype(np.float64)
    return less_explained(functions, features).astype(np.float32)


def _is_smooth(column: Column) -> bool:
    """Tell whether what the condition explains can be taken off a column."""
    return not column.discrete and not len(column.atoms)
