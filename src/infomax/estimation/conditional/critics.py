r"""Conditional information by trained critics: a difference of two bounds on the same test pairs.

.. math:: I(X; Y \mid Z) = I(X; (Y, Z)) - I(X; Z)
"""

import math

import numpy as np
import torch

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.conditional.local_permutation import draw_partners, permute_locally
from infomax.estimation.conditional.local_tests import correlate_locally, residual_samples
from infomax.estimation.conditional.neighbours import conditional_points
from infomax.estimation.neural.estimate import fit_bound
from infomax.estimation.neural.fit import NeuralFit
from infomax.estimation.neural.fit_warnings import warnings_of_fit
from infomax.estimation.permutation import DependenceTest, combine_tests
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask
from infomax.score_matrix import ResampledScores
from infomax.warnings import AssumptionWarning

__all__ = ["measure_by_difference"]

_DRAWS_OF_REFITS = 10
_DRAWS_OF_PAIRS = 40
_OF_DIFFERENCE = (
    "a difference of two lower bounds may err to either side: as a rule the larger one misses "
    "more, and the number is too low, so its interval is open above; give more rows, or fewer "
    "columns"
)


def measure_by_difference(name: str, task: EstimationTask, reason: str) -> MIResult:
    """Estimate by the difference of what critics read of x with y and z, and of x with z.

    Both are trained on what the condition leaves of x and y (see `residual_scores`), as fitted on
    training and validation pairs: of x with z alone there is then little left to be read, and the
    errors of both are small. The difference of two lower bounds is no bound.

    Args:
        name: of a bound that is computed from a score matrix, such as ``infonce-symmetric``.
        task: the rows, with a condition, and settings.
        reason: why this method.
    """
    samples, settings = task.samples, task.settings
    generator = task.generator_after_split()
    points = conditional_points(samples, generator, fitted=task.split.fitted)
    left = residual_samples(samples, points)
    with_y = fit_bound(name, _task(left.x, (*left.y, *samples.given), task))
    without = fit_bound(name, _task(left.x, samples.given, task))
    value = with_y.value - without.value
    tests = [_test_scores(with_y, without, task, generator)] if settings.permutations else []
    tests += correlate_locally(task, points, generator)
    settings.progress.start("drawing test pairs again, for the interval", 1)
    return task.result(
        name,
        f"{reason}; I(X; Y, Z) - I(X; Z) = {with_y.value:z.3f} - {without.value:z.3f}",
        combine_tests(tests) if tests else DependenceTest(value, np.zeros(0)),
        value=value,
        interval=_interval(with_y, without, task, generator),
        history=with_y.history(),
        warnings=[*warnings_of_fit(with_y), AssumptionWarning(_OF_DIFFERENCE)],
    )


def _task(x: tuple[Column, ...], y: tuple[Column, ...], task: EstimationTask) -> EstimationTask:
    return EstimationTask(PairedSamples(x, y), task.settings, known_rows=task.rows)


def _test_scores(
    with_y: NeuralFit, without: NeuralFit, task: EstimationTask, generator: np.random.Generator
) -> DependenceTest:
    """Test by the mean difference of the scores of test pairs, which no critic was fitted on."""
    scores = (with_y.mean_scores - without.mean_scores).double().numpy()
    tested = EstimationTask(task.samples.take(task.split.test), task.settings, known_rows=task.rows)
    columns = np.arange(len(scores))
    drawn = draw_partners(tested, columns, task.settings.permutations, generator)

    def statistic(rows: Indices) -> Array:
        return np.array([scores[rows, columns].mean()])

    (test,) = permute_locally(statistic, columns, drawn, task.settings.progress)
    return test


def _interval(
    with_y: NeuralFit, without: NeuralFit, task: EstimationTask, generator: np.random.Generator
) -> Interval:
    """Return the bootstrap interval over refits and test pairs, both bounds on the same draws.

    What the first bound misses is open, and so is the upper end. The lower end is lower, in
    quadrature, by what the bound that is taken off reads less on test pairs than on training pairs.
    """
    value = with_y.value - without.value
    refits = len(with_y.test_scores)
    terms = (_terms(with_y) - _terms(without)).double().numpy()
    differences = []
    for _ in range(_DRAWS_OF_REFITS):
        drawn = torch.from_numpy(generator.integers(refits, size=refits))
        counts = torch.from_numpy(task.rows.counts(terms, _DRAWS_OF_PAIRS, generator))
        of_both = [
            fit.bound.estimate(ResampledScores(fit.test_scores[drawn].mean(dim=0), counts))
            for fit in (with_y, without)
        ]
        differences.append((of_both[0] - of_both[1]).double().numpy())
    shifted = np.concatenate([each - np.mean(differences) for each in differences])
    low = float(np.quantile(shifted, (1 - task.settings.confidence) / 2))
    taken_off = max(without.train_estimate - without.value, 0.0)
    return Interval(value - math.hypot(low, taken_off), math.inf)


def _terms(fit: NeuralFit) -> torch.Tensor:
    """Return what each test pair adds to a bound."""
    scores = fit.mean_scores
    return scores.diagonal() - scores.logsumexp(dim=-1)
