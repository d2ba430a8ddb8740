"""Estimates by an elliptical model that is fitted to the pairs."""

import copy
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from infomax.bounds import Kind
from infomax.errors import UserError, choosing
from infomax.estimation.arrays import Array
from infomax.estimation.copula.attenuation import attenuation_by_ranks
from infomax.estimation.copula.elliptical import CopulaRatio, EllipticalDependence
from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_gaussian,
    fit_gaussian_copula,
)
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.diagnostics import WAYS_OUT, warnings_of_atoms
from infomax.estimation.few_rows import FEW_ROWS, interval_of_few_rows
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.permutation import DependenceTest, combine_tests, permute_scores
from infomax.estimation.result import MIResult, tails_of
from infomax.estimation.row_tests import run_row_tests
from infomax.estimation.task import EstimationTask, Method
from infomax.estimation.terms import first_line, interval_around, refuse_discrete
from infomax.warnings import AssumptionWarning

__all__ = ["COPULA_METHODS", "HeldOutModel", "measure_by_copula"]

_FAR_FROM_MODEL = 4
# The fit itself, and what its ranks take off.
_STEPS = 2

Fit = Callable[[Array, Array], EllipticalDependence]


class HeldOutModel(NamedTuple):
    """A model that was fitted to rows that a task does not test.

    Attributes:
        model: itself.
        task: whose split tells the rows, all pairs or a part of them.
    """

    model: EllipticalDependence
    task: EstimationTask


def measure_by_copula(
    method: str,
    fit: Fit,
    task: EstimationTask,
    reason: str,
    *,
    kind: Kind = "neither",
    excess: float = 0.0,
    held_out: HeldOutModel | None = None,
) -> MIResult:
    """Estimate by the closed form of an elliptical model, less its optimism.

    The model is fitted on all pairs. The test for any dependence is by a second fit, on four fifths
    of them, and its log density ratios of the last fifth.

    Args:
        method: its name.
        fit: from x and y to the model.
        task: the pairs and settings.
        reason: why this method.
        kind: a lower bound, where only x and y by themselves are of the model: the mean log density
            ratio is then the estimate, in place of the closed form (Barber and Agakov, 2003).
        excess: what a lower bound takes off the mean log density ratio, because x and y by
            themselves are not of the model either.
        held_out: the model of the rows that are not tested, where it is known already.

    Raises:
        UserError: if a column is discrete, or there are hardly more pairs than columns.
    """
    samples, confidence = task.samples, task.settings.confidence
    refuse_discrete(method, samples)
    x, y = samples.arrays()
    progress = task.settings.progress
    progress.start("fitting the copula to all pairs", _STEPS)
    model = fit(x, y)
    progress.advance(1)
    worth = task.rows.worth(len(x))
    if math.isinf(model.optimism(worth)):
        raise UserError(
            f"method {method} fits the correlations of {len(samples.columns)} columns to "
            f"{len(x)} pairs, which as few make perfect whatever they share: {WAYS_OUT}, "
            f"or choose {choosing('method', 'auto')}"
        )
    terms = model.log_ratios(np.hstack([x, y]))
    of_model = model.mutual_information if kind == "neither" else float(terms.mean())
    generator = task.generator_after_split()
    # Where nothing is known but ranks; a stream of its own, so that what follows stays what it is.
    by_ranks = isinstance(model.margins, NormalScores) and kind == "neither"
    off = attenuation_by_ranks(model, len(x), copy.deepcopy(generator)) if by_ranks else 0.0
    progress.advance(2)
    value = of_model - model.optimism(worth) - excess - off
    spread = task.rows.spread(terms)
    error = math.sqrt(model.variance(spread.variance * (worth / len(x)), worth))
    tails = tails_of(kind, confidence)
    if len(x) < FEW_ROWS and task.rows.exchangeable and kind == "neither":
        sizes = (len(samples.x), len(samples.y))
        interval = interval_of_few_rows(value, error, tails, len(x), sizes)
    else:
        interval = interval_around(value, error, tails, spread.quantile)
    test = combine_tests(
        [
            _test_held_out(held_out or _fitted(fit, task), generator),
            *run_row_tests(task, *neighbour_space(samples, generator), generator),
        ]
    )
    warnings = warnings_of_atoms(method, samples)
    apart = abs(float(terms.mean()) - of_model)
    if apart > _FAR_FROM_MODEL * error:
        warnings.append(
            AssumptionWarning(
                f"the model says {model.mutual_information:z.2f} nats and the mean of its own log "
                f"density ratios {terms.mean():z.2f}: the data are not of its kind"
            )
        )
    return task.result(
        method, reason, test, value=value, interval=interval, kind=kind, warnings=warnings
    )


def _fitted(fit: Fit, task: EstimationTask) -> HeldOutModel:
    return HeldOutModel(fit(*task.samples.take(task.split.fitted).arrays()), task)


def _test_held_out(held_out: HeldOutModel, generator: np.random.Generator) -> DependenceTest:
    model, task = held_out
    sides = model.sides(np.hstack(task.samples.take(task.split.test).arrays()))
    gaussian = math.isinf(model.degrees_of_freedom)
    scores = CopulaRatio(model, gaussian=gaussian).of_arrays(*sides)
    return permute_scores(scores, task.settings.permutations, generator, task.rows)


COPULA_METHODS = tuple(
    Method(name, first_line(fit), "neither", partial(measure_by_copula, name, fit))
    for name, fit in {
        "gaussian": fit_gaussian,
        "gaussian-copula": fit_gaussian_copula,
        "elliptical-copula": fit_elliptical_copula,
    }.items()
)
"""The methods of elliptical models."""
