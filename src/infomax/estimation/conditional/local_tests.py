"""Tests for any dependence of x and y beyond z, each by local permutation."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from sklearn.linear_model import Ridge

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.conditional.local_permutation import (
    draw_local_permutations,
    permute_locally,
)
from infomax.estimation.conditional.residuals import features_of_condition
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


def repeat_locally(
    estimate: Callable[[Array, Array, Array], float],
    task: EstimationTask,
    points: Points,
    generator: np.random.Generator,
) -> tuple[DependenceTest, float]:
    """Repeat a whole estimate on local permutations of at most 1,000 rows.

    Args:
        estimate: from x, y and the condition to a number that grows with dependence.
        task: the rows, and the number of permutations.
        points: what is estimated from.
        generator: draws the rows and the permutations.

    Returns:
        The test, and the variance of the estimate where x and y share nothing beyond the condition,
        from these and at least 20 permutations; it falls with 1 / N from the rows that were taken.
    """
    settings, size = task.settings, len(task.samples)
    permutations = max(settings.permutations, _BROKEN)
    settings.progress.start("repeating the estimate on permuted pairs", permutations)
    chosen = generator.permutation(size)[:MOST_PAIRS_REPEATED]
    x, y, given = (side[chosen] for side in points)
    drawn = draw_local_permutations(task.samples.take(chosen).given, permutations, generator)

    def statistic(rows: Indices) -> Array:
        return np.array([estimate(x[rows], y, given)])

    (repeated,) = permute_locally(statistic, drawn, settings.progress)
    test = DependenceTest(repeated.observed, repeated.null_values[: settings.permutations])
    return test, float(repeated.null_values.var(ddof=1)) * len(chosen) / size


def correlate_locally(
    task: EstimationTask, points: Points, generator: np.random.Generator
) -> list[DependenceTest]:
    """Test by correlations of functions of one x and one y, on at most 5,000 rows.

    The functions are those of `row_tests`: cosines of ranks, and levels. What the condition
    explains of them is taken off first, so that there is more to see of the rest.

    Args:
        task: the rows, and the number of permutations; for 0 no test is made.
        points: x and y with what the condition leaves of them.
        generator: draws the rows and the permutations.
    """
    settings, samples = task.settings, task.samples
    if not settings.permutations:
        return []
    chosen = generator.permutation(len(samples))[:_MOST_ROWS_CORRELATED]
    fewer = samples.take(chosen)
    features = features_of_condition(fewer.given)
    left = residual_samples(samples, points).take(chosen)
    of_x, of_y = (_functions(side, features, generator) for side in (left.x, left.y))
    if not (of_x.shape[1] and of_y.shape[1]):
        return []
    settings.progress.start("testing all rows by permutation", settings.permutations)
    statistics = correlations_with(of_y)
    drawn = draw_local_permutations(fewer.given, settings.permutations, generator)
    return permute_locally(lambda rows: statistics(of_x[rows]), drawn, settings.progress)


def residual_samples(samples: PairedSamples, points: Points) -> PairedSamples:
    """Return x and y with what the condition leaves of them, as samples without a condition."""
    of_x, of_y = (
        tuple(
            column if column.discrete or len(column.atoms) else Column(column.name, values, False)
            for column, values in zip(columns, of_side.T, strict=True)
        )
        for columns, of_side in ((samples.x, points[0]), (samples.y, points[1]))
    )
    return PairedSamples(of_x, of_y)


def _functions(
    columns: Sequence[Column], features: Array, generator: np.random.Generator
) -> Functions:
    functions = functions_of_columns(columns, generator)
    if not (functions.shape[1] and features.shape[1]):
        return functions
    explained = Ridge().fit(features, functions).predict(features).reshape(functions.shape)
    rest: Functions = (functions - explained).astype(np.float32)
    return rest
