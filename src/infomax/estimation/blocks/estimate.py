"""Estimates as a sum over blocks of columns that do not depend on each other."""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from infomax.bounds import Kind
from infomax.estimation.blocks.independence import CONTRADICTING_DEVIATIONS, IndependentBlocks
from infomax.estimation.neighbours.estimate import NEIGHBOUR_METHODS, claim_by_curve
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.permutation import DependenceTest, combine_tests
from infomax.estimation.result import MIResult, tails_of
from infomax.estimation.row_tests import run_row_tests
from infomax.estimation.sample_size import SampleSizeCurve
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask
from infomax.estimation.terms import interval_around
from infomax.warnings import EstimationWarning, SampleSizeWarning

__all__ = ["measure_by_blocks", "shared_blocks"]

_NAME = "independent-blocks"
_MOST_TOLD = 3


def shared_blocks(samples: PairedSamples, found: IndependentBlocks) -> list[PairedSamples]:
    """Return the blocks that have columns of both sides: no other shares anything.

    Args:
        samples: all columns.
        found: their blocks.
    """
    sides = len(samples.x)
    blocks = []
    for block in found.blocks:
        x = tuple(samples.x[each] for each in block if each < sides)
        y = tuple(samples.y[each - sides] for each in block if each >= sides)
        if x and y:
            blocks.append(PairedSamples(x, y))
    return blocks


def measure_by_blocks(
    task: EstimationTask,
    found: IndependentBlocks,
    measure: Callable[[EstimationTask, str], MIResult],
) -> MIResult:
    r"""Estimate each block that both sides have a part in, and add.

    .. math:: I(X; Y) = \sum_b I(X_b; Y_b)

    Errors of independent blocks are independent, so their squares add. The sum is a lower bound
    where an estimate of a block is. Whether anything depends is tested on all columns together.

    Args:
        task: all columns.
        found: their blocks, of which at least one has columns of both sides.
        measure: the estimate of a block.
    """
    samples, settings = task.samples, task.settings
    blocks = shared_blocks(samples, found)
    reason = _reason(samples, found, blocks)
    task.note_part("finding blocks of columns", found.rows)
    if len(blocks) == 1:
        result = measure(EstimationTask(blocks[0], settings, parts=task.parts), "")
        return dataclasses.replace(result, reason=f"{reason}; of these: {result.reason}")
    alone = dataclasses.replace(settings, permutations=0)
    results = [
        dataclasses.replace(
            measure(EstimationTask(block, alone, parts=task.parts), ""),
            x_columns=tuple(column.name for column in block.x),
            y_columns=tuple(column.name for column in block.y),
        )
        for block in blocks
    ]
    by_neighbours = [each for each in results if each.method in NEIGHBOUR_METHODS]
    # What neighbours by themselves say of more pairs is chance more often, the more blocks there
    # are: their curves are read together.
    bounds = [each for each in results if each.at_least and each not in by_neighbours]
    kind: Kind = "lower bound" if bounds else "neither"
    error = math.sqrt(sum(_error(each) ** 2 for each in results))
    generator = task.generator()
    value = sum(each.raw_value for each in results)
    tests = run_row_tests(task, *neighbour_space(samples, generator), generator)
    test = combine_tests(tests) if tests else DependenceTest(value, np.zeros(0))
    interval = interval_around(value, error, tails_of(kind, settings.confidence), stats.norm.ppf)
    methods = sorted({each.method for each in results})
    result = task.result(
        _NAME,
        f"{reason}; each by {' or '.join(methods)}",
        test,
        value=value,
        interval=interval,
        kind=kind,
        warnings=_warnings(results),
    )
    curves = [each.curve for each in by_neighbours if len(each.curve)]
    return claim_by_curve(result, SampleSizeCurve.summed(curves)) if curves else result


def _error(result: MIResult) -> float:
    """Return the standard error that an interval shows, of the side that nothing cuts."""
    low, high = result.interval
    beyond = high - result.value if math.isfinite(high) and not result.at_least else 0.0
    tail = tails_of("lower bound" if result.at_least else "neither", result.confidence)[0]
    return max(result.value - low, beyond) / -float(stats.norm.ppf(tail))


def _reason(
    samples: PairedSamples, found: IndependentBlocks, blocks: Sequence[PairedSamples]
) -> str:
    told = [
        f"({', '.join(column.name for column in each.x)}; "
        f"{', '.join(column.name for column in each.y)})"
        for each in blocks
    ]
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    idle = len(samples.columns) - sum(len(each.columns) for each in blocks)
    others = f", and the other {idle} share nothing" if idle else ""
    return (
        f"columns fall into blocks that do not depend on each other: {', '.join(told[:_MOST_TOLD])}"
        f"{more}{others}; together they are {found.deviations:.1f} standard deviations from blocks "
        f"permuted by themselves, where {CONTRADICTING_DEVIATIONS:g} would contradict it"
    )


def _warnings(results: Sequence[MIResult]) -> list[EstimationWarning]:
    """Return the first warning of each kind, and of how many blocks there are such."""
    of_kinds: dict[type[EstimationWarning], list[str]] = {}
    for result in results:
        columns = ", ".join((*result.x_columns, *result.y_columns))
        for warning in result.warnings:
            if isinstance(warning, SampleSizeWarning) and result.method in NEIGHBOUR_METHODS:
                continue
            of_kinds.setdefault(type(warning), []).append(f"of {columns}: {warning}")
    return [
        kind(f"{told[0]}{f'; so of {len(told) - 1} other blocks' if len(told) > 1 else ''}")
        for kind, told in of_kinds.items()
    ]
