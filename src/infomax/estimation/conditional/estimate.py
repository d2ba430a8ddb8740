"""What x and y share given z: the estimate, what is known without one, and a fast form of it."""

import dataclasses
import math

import numpy as np

from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.conditional.condition import (
    drop_determined_columns,
    find_determined_given,
    warnings_of_condition,
)
from infomax.estimation.conditional.counts import StrataCounts
from infomax.estimation.conditional.local_tests import residual_samples
from infomax.estimation.conditional.neighbours import conditional_points, mixed_conditional_terms
from infomax.estimation.conditional.rows import rows_given
from infomax.estimation.diagnostics import (
    warnings_of_order,
    warnings_of_rows,
    warnings_of_scales,
)
from infomax.estimation.discrete.information import entropy_of_columns
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask, Method
from infomax.warnings import SaturationWarning

__all__ = ["estimate_given", "information_given"]


def estimate_given(method: Method, task: EstimationTask, *, declared: bool) -> MIResult:
    """Estimate by a method where an estimate is needed, and say of whom and of what it is.

    Args:
        method: that is asked for.
        task: all rows as they were read, with a condition that is not constant.
        declared: whether the user said which columns are discrete.
    """
    samples, settings = task.samples, task.settings
    kept = drop_determined_columns(samples)
    found = list(kept.warnings)
    permutations = settings.permutations
    if not (kept.x and kept.y):
        sides = " and ".join(side for side, left in (("x", kept.x), ("y", kept.y)) if not left)
        reason = f"{sides} is constant once given is known, and a constant shares nothing"
        result = task.known(0.0, 1.0, reason)
    elif (determined := find_determined_given(kept)) is not None:
        reason = (
            f"{determined}: as far as these rows show, one side determines the other once given is "
            "known, and the information of continuous variables that do is infinite"
        )
        p_value = 1 / (1 + permutations) if permutations else math.nan
        result = task.known(math.inf, p_value, reason)
    else:
        points = conditional_points(kept, task.generator())
        rows = rows_given(kept, points) if settings.in_time else None
        left = EstimationTask(kept, settings, known_rows=rows)
        # Of strong dependence that is said which is left when the condition is known.
        found += warnings_of_order(
            dataclasses.replace(kept, rows_left_out=samples.rows_left_out), left.rows
        )
        found += [
            each for each in warnings_of_rows(kept) if not isinstance(each, SaturationWarning)
        ]
        found += warnings_of_condition(kept, residual_samples(kept, points))
        if not declared:
            found += warnings_of_scales(kept)
        result = method.measure(left, "it was asked for")
    return dataclasses.replace(
        result,
        warnings=(*found, *result.warnings),
        rows_left_out=samples.rows_left_out,
        entropy_of_y=_entropy_given(samples, result.method),
        x_columns=tuple(column.name for column in samples.x),
        y_columns=tuple(column.name for column in samples.y),
        given_columns=tuple(column.name for column in samples.given),
    )


def information_given(
    x: Array,
    y: Array,
    given: Array,
    *,
    discrete: tuple[bool, bool, bool] = (False, False, False),
    neighbours: int = 5,
    random_state: int = 0,
) -> float:
    """Estimate the information of arrays given another, in nats: no test, interval or warning.

    For whoever asks very often, such as a selection of columns or a transfer entropy over lags.
    Levels are counted where all sides are discrete; else it is mixed KSG 1 with a condition. A
    reading may be below 0.

    Args:
        x: ``(N, dx)``; whole numbers from 0 where it is discrete.
        y: ``(N, dy)``.
        given: ``(N, dz)``; constant columns are no condition.
        discrete: whether x, y and given are.
        neighbours: k.
        random_state: seed that orders values which repeat.

    Raises:
        UserError: if there are not more than k rows.

    Example:
        >>> x, noise, z = np.random.default_rng(0).standard_normal((3, 2000, 1))
        >>> y = 0.75 * x + (1 - 0.75**2) ** 0.5 * noise + z**2  # 0.413 nats given z
        >>> round(information_given(x + z, y, z), 1)
        0.4
    """
    of_x, of_y, of_given = (
        tuple(Column("", values, is_discrete) for values in side.astype(np.float64).T)
        for side, is_discrete in zip((x, y, given), discrete, strict=True)
    )
    samples = PairedSamples(of_x, of_y, given=of_given)
    if all(discrete):
        return StrataCounts.of_samples(samples).information("chao-wang-jost")
    points = conditional_points(samples, np.random.default_rng(random_state))
    return float(mixed_conditional_terms(*points, neighbours=neighbours).mean())


def _entropy_given(samples: PairedSamples, name: str) -> float:
    """Return what y holds once the condition is known, in nats; NaN unless both are discrete."""
    if not all(column.discrete for column in (*samples.y, *samples.given)):
        return math.nan
    return entropy_of_columns((*samples.y, *samples.given), name) - entropy_of_columns(
        samples.given, name
    )
