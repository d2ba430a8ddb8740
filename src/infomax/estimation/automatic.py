"""``auto``: the simplest method that the data do not contradict.

1. Where all columns are discrete, levels are counted together: with at most three columns in all,
   and with more as long as three rows in five share their combination of levels with others. What
   the counts of rare combinations make the estimate too large by is taken off as Chao, Wang and
   Jost do, which erred least of all corrections that were compared.
2. Where more than three columns fall into blocks that no test sees depend on each other, and there
   are 50 rows for each column, so that the tests see something, information is the sum of that of
   each block, of which each is estimated as here is told. See `find_independent_blocks`.
3. Where a column is discrete, or a single value holds a tenth of its rows, no copula fits: with
   at most three columns in all mixed KSG 1, with more critics trained by symmetric InfoNCE.
4. Elsewhere an elliptical copula, which is exact for elliptical data behind any increasing map of
   each column and has the least error of all methods where it is. It is kept unless something else
   finds more:
   - with at most three columns in all, nearest neighbours on the same pairs, which assume nothing
     of the shape and err little in so few dimensions: KSG 1, of one strongly dependent column
     with one on regression residuals;
   - with more columns, critics that begin as the best of several closed forms and are trained by
     symmetric InfoNCE, on pairs kept for validation.
   Where the pairs are few for so many correlations, critics begin far below the copula, whose
   correction is exact for any number: they contradict it if they read more than it does. With
   fewer than two pairs for each column its spread is no longer known, and critics are taken.
   "More" is more than three standard errors of the difference, pair by pair, and beyond what the
   copula loses only because its correlations are fitted on fewer pairs. Critics that could not have
   found more, because the copula says about as much as their bound can hold, are no comparison.
5. That nothing else finds more may only mean that nothing else sees more. So a copula is claimed
   only where a test of its fit, of each side and of both, does not contradict it either. Where it
   does, few columns go to nearest neighbours. Of many, the copula's mean log density ratio is a
   lower bound if both sides are as it says, since then it is that of some density with the sides
   of the data, and else less the normaliser of InfoNCE; where critics are the better by ever so
   little, theirs is read. All say so.

Critics are read by Donsker-Varadhan where symmetric InfoNCE comes near to log K of K test pairs and
that interval begins higher, and those of quarters and halves of the pairs tell whether more pairs
would read more.

What is compared are training and validation pairs alone. Whether a column is discrete or has
values of positive probability is a question about one column by itself, and asked of all rows.
"""

import dataclasses
import math

import numpy as np
from torch import Tensor

from infomax.errors import UserError, choosing
from infomax.estimation.arrays import Array
from infomax.estimation.blocks.estimate import measure_by_blocks, shared_blocks
from infomax.estimation.blocks.independence import find_independent_blocks
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.copula.estimate import HeldOutModel, measure_by_copula
from infomax.estimation.copula.excess import excess_of_ratios
from infomax.estimation.copula.fits import (
    fewer_than_columns_need,
    fit_elliptical_copula,
    too_few_pairs,
)
from infomax.estimation.copula.goodness_of_fit import (
    CONTRADICTING_DEVIATIONS,
    GoodnessOfFit,
    goodness_of_fit,
)
from infomax.estimation.discrete.contingency import count_levels
from infomax.estimation.discrete.information import COUNT_METHODS
from infomax.estimation.neighbours.estimate import (
    measure_by_neighbours,
    neighbour_terms,
    reach_as_far_as_neighbours,
)
from infomax.estimation.neural.estimate import (
    fit_bound,
    part_for_critics,
)
from infomax.estimation.neural.fit import NeuralFit
from infomax.estimation.neural.sample_size import result_with_curve
from infomax.estimation.result import MIResult
from infomax.estimation.rows import RowOrder
from infomax.estimation.task import EstimationTask, Method
from infomax.warnings import AssumptionWarning

__all__ = ["AUTO", "INDEPENDENT_BLOCKS"]

_COPULA, _CRITICS = "elliptical-copula", "infonce-symmetric"
_FEW_COLUMNS = 3
_STANDARD_ERRORS = 3
_MOST_ALONE = 0.4
# Of fewer, what many columns add that is weak by itself escapes all tests of independent blocks.
_ROWS_PER_COLUMN = 50
_NEAR_CAP_NATS = 1.0
# Critics of few pairs contradict nothing, so the test of fit stands alone, and is taken more
# strictly: spirals of few rows lie between this and what contradicts a copula elsewhere.
_MOST_DEVIATIONS_OF_FEW = 5.0


def measure_automatically(task: EstimationTask, _reason: str) -> MIResult:
    """Choose a method on training and validation pairs, say why, and estimate by it."""
    samples = task.samples
    few = len(samples.columns) <= _FEW_COLUMNS
    if all(column.discrete for column in samples.columns) and (
        few or count_levels(samples).alone <= _MOST_ALONE
    ):
        reason = "all columns are discrete, and combinations of their levels can be counted"
        return COUNT_METHODS["chao-wang-jost"].measure(task, reason)
    enough = len(samples) >= _ROWS_PER_COLUMN * len(samples.columns)
    if not few and enough and task.rows.exchangeable:
        found = find_independent_blocks(samples.columns, task.generator())
        if len(found.blocks) > 1 and shared_blocks(samples, found):
            return measure_by_blocks(task, found, measure_automatically)
    if samples.discrete or samples.columns_with_atoms:
        return _without_copula(task, few=few)
    return _with_few_columns(task) if few else _with_many_columns(task)


def _without_copula(task: EstimationTask, *, few: bool) -> MIResult:
    why = "columns are discrete or have values of positive probability"
    if few:
        return measure_by_neighbours(task, f"few columns, and {why}")
    task = part_for_critics(task)
    return result_with_curve(fit_bound(_CRITICS, task), task, f"many columns, and {why}")


def _with_few_columns(task: EstimationTask) -> MIResult:
    fitted = task.samples.take(task.split.fitted)
    x, y = fitted.arrays()
    task.settings.progress.start("comparing the copula with nearest neighbours", 1)
    copula = fit_elliptical_copula(x, y)
    of_copula = copula.log_ratios(np.hstack([x, y])) - copula.optimism(task.rows.worth(len(x)))
    generator = task.generator()
    of_neighbours = neighbour_terms(task, fitted, generator)
    more, error = _mean_and_error(of_neighbours - of_copula, task.rows)
    compared = (
        f"nearest neighbours find {more:+z.3f} nats more than it (one standard error: {error:z.3f})"
    )
    if more > _STANDARD_ERRORS * error:
        reason = f"few columns, and no elliptical copula: {compared}"
    else:
        fit = _fit_of(copula, task, generator)
        if fit.agrees:
            result = _by_copula(task, compared, fit, copula)
            return reach_as_far_as_neighbours(result, of_neighbours, task)
        reason = f"few columns, and no elliptical copula: {fit}"
    return measure_by_neighbours(task, reason)


def _with_many_columns(task: EstimationTask) -> MIResult:
    task = part_for_critics(task)
    samples, split = task.samples, task.split
    trained = fit_bound(_CRITICS, task)
    correlations = len(samples.x) * len(samples.y)
    train = len(split.refits[0].train)
    if fewer_than_columns_need(len(samples.x), len(samples.y), train):
        why = (
            f"{len(samples)} pairs are too few for {correlations} correlations "
            "between the sides, so no closed form: critics, whose bound holds for any number"
        )
        return result_with_curve(trained, task, why)
    if too_few_pairs(len(samples.x), len(samples.y), train):
        return _with_few_pairs(task, trained)
    more, error = _mean_and_error(_validation_gains(trained), task.rows)
    fitted_on_few = correlations / (2 * task.rows.worth(train))
    compared = (
        f"trained critics find {more:+z.3f} nats more than it on validation pairs (one standard "
        f"error: {error:z.3f}), of which {fitted_on_few:z.3f} because it was fitted on fewer pairs"
    )
    x, y = samples.take(split.fitted).arrays()
    copula = fit_elliptical_copula(x, y)
    in_batch = trained.validation_scores.shape[-1]
    near_cap = copula.mutual_information > math.log(in_batch) - _NEAR_CAP_NATS
    if not near_cap and more - fitted_on_few > _STANDARD_ERRORS * error:
        return result_with_curve(trained, task, f"no elliptical copula: {compared}")
    if near_cap:
        compared = (
            f"it says {copula.mutual_information:z.2f} nats, and critics could not be compared: "
            f"their bound of {in_batch} pairs cannot exceed log {in_batch} = "
            f"{math.log(in_batch):z.2f}"
        )
    return _by_copula_or_at_least(
        task,
        trained,
        copula,
        compared=compared,
        near_cap=near_cap,
        critics_ahead=more > fitted_on_few,
    )


def _with_few_pairs(task: EstimationTask, trained: NeuralFit) -> MIResult:
    """Claim the copula where critics do not read more than it, though they know it less well."""
    x, y = task.samples.take(task.split.fitted).arrays()
    copula = fit_elliptical_copula(x, y)
    closed = copula.mutual_information - copula.optimism(task.rows.worth(len(x)))
    scores = trained.validation_scores
    terms = _terms(scores).flatten().double().numpy() + math.log(scores.shape[-1])
    read, error = _mean_and_error(terms, task.rows)
    compared = (
        f"trained critics read {read:z.3f} nats on validation pairs (one standard error: "
        f"{error:z.3f}) and it {closed:z.3f}"
    )
    if read - closed > _STANDARD_ERRORS * error:
        return result_with_curve(trained, task, f"no elliptical copula: {compared}")
    return _by_copula_or_at_least(
        task,
        trained,
        copula,
        compared=compared,
        near_cap=False,
        critics_ahead=read > closed,
        most_deviations=_MOST_DEVIATIONS_OF_FEW,
    )


def _by_copula_or_at_least(
    task: EstimationTask,
    trained: NeuralFit,
    copula: EllipticalDependence,
    *,
    compared: str,
    near_cap: bool,
    critics_ahead: bool,
    most_deviations: float = CONTRADICTING_DEVIATIONS,
) -> MIResult:
    """Claim a copula that critics do not contradict if its fit does not; else at least a bound."""
    fit = _fit_of(copula, task, task.generator())
    if fit.within(most_deviations):
        return _by_copula(task, compared, fit, copula, most_deviations)
    reason = f"no elliptical copula: {fit}; {compared}"
    if critics_ahead and not fit.sides_agree:
        result = result_with_curve(trained, task, reason)
    else:
        result = measure_by_copula(
            _COPULA,
            fit_elliptical_copula,
            task.whole,
            f"{reason}; its mean log density ratio is a lower bound all the same",
            kind="lower bound",
            excess=0.0 if fit.sides_agree else excess_of_ratios(copula, task),
            held_out=HeldOutModel(copula, task),
        )
    warning = AssumptionWarning(
        f"the data have a structure that an elliptical copula has not ({fit}) and that trained "
        f"critics {'could not show' if near_cap else 'do not find either'}: the number is a lower "
        "bound, and the information may be far larger"
    )
    return dataclasses.replace(result, warnings=(*result.warnings, warning))


def _fit_of(
    copula: EllipticalDependence, task: EstimationTask, generator: np.random.Generator
) -> GoodnessOfFit:
    x, y = (task.rows.thinned(side) for side in task.samples.take(task.split.fitted).arrays())
    fit = goodness_of_fit(copula, x, y, generator, task.settings.progress)
    if fit.rows < len(x):
        task.note_part("the test of fit", fit.rows)
    return fit


def _by_copula(
    task: EstimationTask,
    compared: str,
    fit: GoodnessOfFit,
    copula: EllipticalDependence,
    most_deviations: float = CONTRADICTING_DEVIATIONS,
) -> MIResult:
    reason = (
        f"the data do not contradict an elliptical copula: {compared}, and {fit}, where "
        f"{most_deviations:g} would contradict it"
    )
    held_out = HeldOutModel(copula, task)
    return measure_by_copula(_COPULA, fit_elliptical_copula, task.whole, reason, held_out=held_out)


def _validation_gains(fit: NeuralFit) -> Array:
    """Return how much training raised each validation pair's term of symmetric InfoNCE, in nats."""
    copula = fit.beginnings[1]
    gains = _terms(fit.validation_scores) - _terms(copula.validation_scores)
    flat: Array = gains.flatten().double().numpy()
    return flat


def _terms(scores: Tensor) -> Tensor:
    normalisers = (scores.logsumexp(dim=-1) + scores.logsumexp(dim=-2)) / 2
    return scores.diagonal(dim1=-2, dim2=-1) - normalisers


def _mean_and_error(differences: Array, rows: RowOrder) -> tuple[float, float]:
    error = math.sqrt(rows.spread(differences).variance / len(differences))
    return float(differences.mean()), error


def _measure_by_found_blocks(task: EstimationTask, _reason: str) -> MIResult:
    if not task.rows.exchangeable:
        raise UserError(
            "method independent-blocks tests rows as independent draws: leave order out, "
            f"or choose {choosing('method', 'auto')}"
        )
    found = find_independent_blocks(task.samples.columns, task.generator())
    if len(found.blocks) > 1 and shared_blocks(task.samples, found):
        return measure_by_blocks(task, found, measure_automatically)
    result = measure_automatically(task, "")
    return dataclasses.replace(
        result, reason=f"there are no independent blocks that both sides share: {result.reason}"
    )


AUTO = Method(
    "auto",
    "Elliptical copula, unless neighbours, critics or a test of fit contradict it; says why.",
    None,
    measure_automatically,
)

INDEPENDENT_BLOCKS = Method(
    "independent-blocks",
    "Sum over blocks of columns that no test sees depend on each other, each by auto.",
    None,
    _measure_by_found_blocks,
)
