"""``auto`` with a condition: the simplest method that the data do not contradict.

1. Where x, y and z are all discrete, levels are counted within each combination of levels of z, as
   long as three rows in five share their combination of all with others.
2. Where a column is discrete, or a single value holds a tenth of its rows, no copula fits: mixed
   KSG 1 with a condition, of what the condition leaves of x and y, where x, y and z have at most
   six columns in all; with more, the difference of two bounds by trained critics.
3. Elsewhere an elliptical copula of x, y and z together, whose information given z is one of
   partial correlations: it is kept unless nearest neighbours find more by three standard errors,
   row by row, on training and validation rows (with at most six columns), or a test of its fit
   contradicts it. Where they do, as in 2.
4. Where rows are too few for the correlations of x and y, or for those with z, critics are taken.
"""

import math
from functools import partial

import numpy as np

from infomax.estimation.conditional.copula import fit_conditional
from infomax.estimation.conditional.counts import StrataCounts
from infomax.estimation.conditional.critics import measure_by_difference
from infomax.estimation.conditional.methods import (
    CONDITIONAL_METHODS,
    find_conditional_method,
)
from infomax.estimation.conditional.neighbours import conditional_points, mixed_conditional_terms
from infomax.estimation.copula.fits import fit_elliptical_copula, too_few_pairs
from infomax.estimation.copula.goodness_of_fit import CONTRADICTING_DEVIATIONS, goodness_of_fit
from infomax.estimation.result import MIResult
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask, Method

__all__ = ["CONDITIONAL_AUTO", "find_method_with_condition"]

_CRITICS = "infonce-symmetric"
_MOST_ALONE = 0.4
_FEW_COLUMNS = 6
_STANDARD_ERRORS = 3
_FEWEST_ROWS_OF_CORRECTION = 50


def measure_conditional_automatically(task: EstimationTask, _reason: str) -> MIResult:
    """Choose a method, say why, and estimate by it."""
    samples = task.samples
    if (
        all(column.discrete for column in samples.columns)
        and StrataCounts.of_samples(samples).alone <= _MOST_ALONE
    ):
        # The correction of Chao, Wang and Jost is an expansion for 50 rows or more.
        few = len(samples) < _FEWEST_ROWS_OF_CORRECTION
        counted = CONDITIONAL_METHODS["grassberger" if few else "chao-wang-jost"]
        return counted.measure(
            task, "all columns are discrete, and combinations of their levels can be counted"
        )
    if samples.discrete or samples.columns_with_atoms:
        return _without_copula(task, "columns are discrete or have values of positive probability")
    fitted = len(task.split.fitted)
    x_size, y_size, given_size = (len(side) for side in (samples.x, samples.y, samples.given))
    if too_few_pairs(x_size, y_size + given_size, fitted) or len(samples.columns) > fitted / 2:
        return measure_by_difference(
            _CRITICS,
            task,
            f"{len(samples)} rows are too few for the correlations of {len(samples.columns)} "
            "columns, so no closed form: critics",
        )
    return _by_copula_unless_contradicted(task)


def _by_copula_unless_contradicted(task: EstimationTask) -> MIResult:
    fitted = task.samples.take(task.split.fitted)
    x, y = fitted.arrays()
    given = fitted.condition()
    copula = fit_conditional(fit_elliptical_copula, x, y, given)
    generator = task.generator()
    compared = "neighbours are too far apart in so many columns to be compared with it"
    if len(task.samples.columns) <= _FEW_COLUMNS:
        of_neighbours = task.rows.terms(
            partial(mixed_conditional_terms, neighbours=task.settings.neighbours),
            *conditional_points(fitted, generator),
        )
        worth = task.rows.worth(len(fitted))
        of_copula = copula.log_ratios(np.hstack([x, y, given])) - copula.optimism(worth)
        differences = of_neighbours - of_copula
        variance = task.rows.spread(differences).variance
        more, error = differences.mean(), math.sqrt(variance / len(differences))
        compared = (
            f"nearest neighbours find {more:+z.3f} nats more than it (one standard error: "
            f"{error:z.3f})"
        )
        if more > _STANDARD_ERRORS * error:
            return _without_copula(task, f"no elliptical copula: {compared}")
    # The fit is to x, y and the condition themselves, and what they remember.
    alone = PairedSamples((*task.samples.x, *task.samples.y), task.samples.given)
    rows = EstimationTask(alone, task.settings).rows
    of_x, of_others = (rows.thinned(side) for side in (x, np.hstack([y, given])))
    fit = goodness_of_fit(copula.both, of_x, of_others, generator)
    if not fit.agrees:
        said = str(fit).replace("x and y together", "x, y and given together")
        return _without_copula(
            task, f"no elliptical copula: {said.replace('y by', 'y and given by')}"
        )
    reason = (
        f"the data do not contradict an elliptical copula: {compared}, and its fit is no farther "
        f"than {CONTRADICTING_DEVIATIONS:g} standard deviations from its samples"
    )
    return CONDITIONAL_METHODS["elliptical-copula"].measure(task, reason)


def _without_copula(task: EstimationTask, why: str) -> MIResult:
    if len(task.samples.columns) <= _FEW_COLUMNS:
        return CONDITIONAL_METHODS["mixed-ksg-1"].measure(task, f"few columns, and {why}")
    return measure_by_difference(_CRITICS, task, f"many columns, and {why}")


CONDITIONAL_AUTO = Method(
    "auto",
    "Elliptical copula, counts, neighbours or critics: what the data do not contradict; says why.",
    None,
    measure_conditional_automatically,
)


def find_method_with_condition(name: str) -> Method:
    """Return the method of a name, ``auto`` among them.

    Raises:
        UserError: if there is none that takes a condition.
    """
    return CONDITIONAL_AUTO if name == CONDITIONAL_AUTO.name else find_conditional_method(name)
