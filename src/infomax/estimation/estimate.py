"""The question that all of this is for: how many nats do x and y share, and how sure is that?"""

import dataclasses
import math
import warnings
from collections.abc import Collection
from typing import Any

from infomax.errors import UserError
from infomax.estimation.conditional.automatic import find_method_with_condition
from infomax.estimation.conditional.condition import drop_constant_condition
from infomax.estimation.conditional.estimate import estimate_given
from infomax.estimation.diagnostics import (
    warnings_of_order,
    warnings_of_rows,
    warnings_of_scales,
)
from infomax.estimation.discrete.information import entropy_of_columns, most_held
from infomax.estimation.methods import find_method
from infomax.estimation.permutation import MOST_PAIRS_REPEATED
from infomax.estimation.redundant_columns import drop_redundant_columns, find_determined_column
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples, read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask, Method
from infomax.estimation.times import order_of_times
from infomax.training import NoProgress, RandomState, StagedProgress, checked_seed
from infomax.warnings import SampleSizeWarning, SaturationWarning

__all__ = ["estimate_mi"]

# Beyond that, decomposing their correlations alone takes minutes.
_MOST_COLUMNS = 2000


def estimate_mi(
    x: Any,
    y: Any,
    method: str = "auto",
    *,
    given: Any = None,
    discrete: Collection[str] | None = None,
    confidence: float = 0.95,
    permutations: int = 199,
    neighbours: int = 5,
    scaling: str = "rank-gaussian",
    random_state: RandomState = 0,
    missing: str = "refuse",
    order: Any = None,
    progress: StagedProgress | None = None,
) -> MIResult:
    """Estimate the mutual information of x and y, given a condition or not, in nats.

    Args:
        x: ``(N,)`` or ``(N, dx)``: an array, a list, a tensor, a sparse matrix, or a table of
            pandas, Polars or Arrow, or a dictionary of columns, whose names are kept; row i was
            measured together with row i of y.
        y: ``(N,)`` or ``(N, dy)``.
        method: ``auto`` chooses by what the data contradict and says why; see ``METHODS``, and
            ``CONDITIONAL_METHODS`` for those with a condition.
        given: ``(N,)`` or ``(N, dz)``, what x and y are conditioned on, of any kind: the estimate
            is of what they share beyond what the condition tells of each, I(X; Y | Z), and its test
            permutes among rows of like condition. None for no condition.
        discrete: names of discrete columns (``x0``, ``y1``, ... in arrays); by default whole
            numbers of at most 20 levels, with a warning of those, and of more that repeat. Truth
            values and pandas categories always are.
        confidence: of the interval.
        permutations: of the test for any dependence at all; 0 leaves it out, where levels are not
            tested without any.
        neighbours: k of the nearest-neighbour methods.
        scaling: of what the networks of the neural methods see, ``rank-gaussian`` or ``standard``.
        random_state: seed of everything that is drawn: a whole number, a ``RandomState`` of NumPy,
            or None for a fresh one, which the result tells.
        missing: ``refuse``, or ``drop`` rows in which a value of x, y or the condition is
            missing.
        order: of rows in time, which are no independent draws: ``rows`` where they are in order of
            time, or the time of each row, ``(N,)`` numbers or dates, by which they are sorted. Then
            the test shifts y against x in place of permuting it, intervals are those of blocks, and
            splits have gaps; see `RowsInTime`. With a condition what it leaves of x is shifted.
        progress: is told what is being done, by ``start(doing, steps)``, and how far it is, by
            ``advance(step)``: any object that has both.

    Returns:
        The estimate, with its interval, p-value, method, history and warnings.

    Raises:
        UserError: if the pairs cannot be estimated from as they are; the message says what to mend.

    Warns:
        EstimationWarning: for each reason to read the number with care; also in the result.

    Example:
        >>> import numpy as np
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 2000))
        >>> y = np.exp(0.75 * x + (1 - 0.75**2) ** 0.5 * noise)  # 0.413 nats
        >>> result = estimate_mi(x, y)
        >>> round(result.value, 1), 0.413 in result.interval, result.p_value
        (0.4, True, 0.005)

        Two that a third one drives share nothing beyond it:

        >>> z, x_noise, y_noise = generator.standard_normal((3, 2000))
        >>> result = estimate_mi(z + x_noise, z**2 + y_noise, given=z)
        >>> round(result.value, 1), result.p_value > 0.05
        (0.0, True)
    """
    chosen = find_method(method) if given is None else find_method_with_condition(method)
    settings = EstimationSettings(
        confidence,
        permutations,
        neighbours,
        scaling,
        checked_seed(random_state),
        in_time=order is not None,
        progress=NoProgress() if progress is None else progress,
    )
    settings.progress.start("reading columns", 1)
    rows, of_times = order_of_times(order)
    samples = read_samples(x, y, given=given, discrete=discrete, missing=missing, order=rows)
    samples = dataclasses.replace(samples, warnings=(*of_times, *samples.warnings))
    _check_sizes(samples, settings)
    task = EstimationTask(samples, settings)
    if given is None:
        result = _estimate(chosen, task, declared=discrete is not None)
    else:
        result = _estimate_given(chosen, task, declared=discrete is not None)
    for warning in result.warnings:
        warnings.warn(warning, stacklevel=2)
    return result


def _check_sizes(samples: PairedSamples, settings: EstimationSettings) -> None:
    if len(samples.columns) > _MOST_COLUMNS:
        condition = f" given {len(samples.given)}" if samples.given else ""
        raise UserError(
            f"there are {len(samples.x)} columns of x and {len(samples.y)} of y{condition}, and an "
            f"estimate takes at most {_MOST_COLUMNS} in all: give fewer columns, a few principal "
            "components of them (PCA of scikit-learn), or one column at a time "
            "(mutual_information_scores)"
        )
    # The choice of a method and the test look at some of the rows only.
    most = min(len(samples), MOST_PAIRS_REPEATED) // 2
    if settings.neighbours > most:
        raise UserError(
            f"neighbours is {settings.neighbours} for {len(samples)} rows: give at most {most}, "
            "half of the rows that a test looks at"
        )


def _estimate_given(method: Method, task: EstimationTask, *, declared: bool) -> MIResult:
    """Estimate with a condition; one that is constant is none, and a warning says so."""
    given = task.samples.given
    conditioned = drop_constant_condition(task.samples)
    task = EstimationTask(conditioned, task.settings)
    if conditioned.given:
        return estimate_given(method, task, declared=declared)
    without = find_method(method.name)
    result = _estimate(without, task, declared=declared)
    return dataclasses.replace(
        result,
        reason=f"given is constant, so as without a condition: {result.reason}",
        given_columns=tuple(column.name for column in given),
    )


def _estimate(method: Method, task: EstimationTask, *, declared: bool) -> MIResult:
    """Estimate by a method where an estimate is needed, and say of whom and of what it is.

    Args:
        method: that is asked for.
        task: all pairs as they were read.
        declared: whether the user said which columns are discrete.
    """
    samples, settings = task.samples, task.settings
    kept = drop_redundant_columns(samples)
    found = [*samples.warnings, *kept.warnings]
    if not (kept.x and kept.y):
        result = _nothing_shared(task, kept)
    else:
        determined = find_determined_column(kept)
        if determined is None:
            found += warnings_of_order(
                dataclasses.replace(kept, rows_left_out=samples.rows_left_out),
                EstimationTask(kept, settings).rows,
            )
            found += warnings_of_rows(kept)
        if not declared:
            found += warnings_of_scales(kept)
        if determined is None:
            result = method.measure(EstimationTask(kept, settings), "it was asked for")
        else:
            result = _everything_shared(task, determined)
    # Of what has no end it is no news that more rows would read more.
    without_end = any(isinstance(each, SaturationWarning) for each in found)
    return dataclasses.replace(
        result,
        warnings=(
            *found,
            *(
                each
                for each in result.warnings
                if not (without_end and isinstance(each, SampleSizeWarning))
            ),
        ),
        rows_left_out=samples.rows_left_out,
        entropy_of_x=entropy_of_columns(samples.x, result.method),
        entropy_of_y=entropy_of_columns(samples.y, result.method),
        most_shared=min(most_held(side, settings.confidence) for side in (samples.x, samples.y)),
        x_columns=tuple(column.name for column in samples.x),
        y_columns=tuple(column.name for column in samples.y),
    )


def _nothing_shared(task: EstimationTask, kept: PairedSamples) -> MIResult:
    constant = [side for side, columns in (("x", kept.x), ("y", kept.y)) if not columns]
    side = " and ".join(constant)
    reason = f"{side} is constant, and a constant shares no information with anything"
    return task.known(0.0, 1.0, reason)


def _everything_shared(task: EstimationTask, determined: str) -> MIResult:
    reason = (
        f"{determined}: as far as these rows show, one side determines the other, and the "
        "information of continuous variables that do is infinite"
    )
    permutations = task.settings.permutations
    return task.known(math.inf, 1 / (1 + permutations) if permutations else math.nan, reason)
