"""Estimates by nearest neighbours, with what their own curve over sample sizes says of them."""

import dataclasses
import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import stats

from infomax.estimation.arrays import Array
from infomax.estimation.few_rows import FEW_ROWS, reach_of_neighbours
from infomax.estimation.neighbours.ksg import (
    KSG_1,
    MIXED_KSG_1,
    ksg_1_terms,
    mixed_ksg_1_terms,
)
from infomax.estimation.neighbours.residuals import (
    RESIDUAL_KSG,
    has_a_density,
    left_to_share,
    residual_ksg_terms,
    residual_space,
)
from infomax.estimation.neighbours.space import LEVELS_APART, neighbour_space
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.sample_size import SampleSizeCurve, sample_size_curve
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask, Method
from infomax.warnings import SampleSizeWarning

__all__ = [
    "NEIGHBOUR_METHODS",
    "claim_by_curve",
    "measure_by_neighbours",
    "neighbour_terms",
    "reach_as_far_as_neighbours",
]

NEIGHBOUR_METHODS = tuple(method.name for method in (KSG_1, MIXED_KSG_1, RESIDUAL_KSG))
"""Names of the methods that are chosen among."""

# Of more pairs neighbours err little by themselves, and regressions of them take their time.
_MOST_PAIRS_REGRESSED = 20_000
# Below, neighbours err by less than entropies do.
_LEAST_NATS_REGRESSED = 0.5
_LARGEST_SHARE_LEFT = 0.5
_MOST_PAIRS_LOOKED_AT = 2_000


def measure_by_neighbours(task: EstimationTask, reason: str) -> MIResult:
    """Estimate by the nearest neighbours that err least on such columns, and claim what they can.

    One continuous column with one goes by KSG 1 on regression residuals, any other continuous ones
    by KSG 1, and by mixed KSG 1 what has levels or values of positive probability.

    Args:
        task: the pairs and settings.
        reason: why by neighbours.
    """
    method, terms_of, space = _choose(task)
    result = method.measure(task, reason)
    if not task.rows.exchangeable:
        # Halves of a series are not half of it drawn at random.
        return result
    curve = _curve(task, terms_of, space)
    if curve is None:
        return result
    task.note_part("values of more and fewer pairs", curve.pairs[-1])
    return claim_by_curve(result, curve)


def _curve(
    task: EstimationTask,
    terms_of: Callable[..., Array],
    space: Callable[..., tuple[Array, Array]],
) -> SampleSizeCurve | None:
    neighbours = task.settings.neighbours
    # A stream of its own, so that what a method draws by itself stays what it is.
    generator = np.random.default_rng((task.settings.random_state, 2))
    return sample_size_curve(
        lambda x, y: float(terms_of(x, y, neighbours=neighbours).mean()),
        *space(task.samples, generator),
        generator,
        fewest=2 * neighbours + 1,
    )


def neighbour_terms(
    task: EstimationTask, samples: PairedSamples, generator: np.random.Generator
) -> Array:
    """Return the terms by which some pairs of a task would be estimated, ``(N,)``, in nats."""
    _, terms_of, space = _choose(task)
    of_pairs = partial(terms_of, neighbours=task.settings.neighbours)
    return task.rows.terms(of_pairs, *space(samples, generator))


def _choose(
    task: EstimationTask,
) -> tuple[Method, Callable[..., Array], Callable[..., tuple[Array, Array]]]:
    samples = task.samples
    if samples.discrete or samples.columns_with_atoms:
        return MIXED_KSG_1, partial(mixed_ksg_1_terms, levels_apart=LEVELS_APART), neighbour_space
    if (
        len(samples.columns) == 2
        and task.rows.exchangeable
        and len(samples) <= _MOST_PAIRS_REGRESSED
        and all(has_a_density(column) for column in samples.columns)
        and _regression_helps(task)
    ):
        return RESIDUAL_KSG, residual_ksg_terms, residual_space
    return KSG_1, ksg_1_terms, neighbour_space


def _regression_helps(task: EstimationTask) -> bool:
    """Tell whether a regression takes most of what some pairs share, and that is not little."""
    neighbours, drawn = task.settings.neighbours, task.split.order[:_MOST_PAIRS_LOOKED_AT]
    x, y = (side[drawn] for side in residual_space(task.samples, task.generator()))
    shared = float(ksg_1_terms(x, y, neighbours=neighbours).mean())
    if shared < _LEAST_NATS_REGRESSED:
        return False
    return left_to_share(x, y, neighbours=neighbours) < _LARGEST_SHARE_LEFT * shared


def claim_by_curve(result: MIResult, curve: SampleSizeCurve) -> MIResult:
    """Return an estimate with the claim that its curve over sample sizes leaves.

    Where the curve still rises, the estimate is at least what it reads. Elsewhere what it may drift
    by with endless pairs is added to the interval, on that side.

    Args:
        result: the estimate.
        curve: of the same estimate from parts of the pairs.
    """
    result = dataclasses.replace(result, curve=curve.as_table())
    low, high = result.interval
    error = (high - low) / 2 / float(stats.norm.ppf((1 + result.confidence) / 2))
    drift = curve.drift(error)
    if curve.still_rises(error) or math.isinf(drift):
        return _at_least(result, curve)
    interval = Interval(max(low + min(drift, 0.0), 0.0), high + max(drift, 0.0))
    return dataclasses.replace(result, interval=interval)


def _at_least(result: MIResult, curve: SampleSizeCurve) -> MIResult:
    low = result.interval.low
    warning = SampleSizeWarning(
        f"what neighbours read still rises with the number of pairs ({curve.told()}), by about "
        f"{curve.left:z.2f} nats more if it goes on so: it is at least what it reads; "
        "more rows would tell"
    )
    return dataclasses.replace(
        result,
        kind="lower bound",
        interval=Interval(low, math.inf),
        warnings=(*result.warnings, warning),
    )


def reach_as_far_as_neighbours(
    result: MIResult, of_neighbours: Array, task: EstimationTask
) -> MIResult:
    """Let an interval of few rows hold what neighbours leave possible, of whatever family.

    Args:
        result: the estimate by a family that few rows do not contradict.
        of_neighbours: terms of the estimate by neighbours, which assume none.
        task: the pairs and settings.
    """
    if len(task.samples) >= FEW_ROWS or not task.rows.exchangeable:
        return result
    curve = _curve(task, ksg_1_terms, neighbour_space)
    if curve is None:
        return result
    error = float(of_neighbours.std()) / math.sqrt(len(task.samples))
    reach = reach_of_neighbours(curve, error, (1 + task.settings.confidence) / 2)
    low, high = result.interval
    if reach <= high:
        return result
    if math.isinf(reach):
        return _at_least(result, curve)
    reason = (
        f"{result.reason}; few rows cannot tell of which family they are, so the interval goes up "
        "to where nearest neighbours, which assume none, leave the information possible"
    )
    return dataclasses.replace(result, interval=Interval(low, reach), reason=reason)
