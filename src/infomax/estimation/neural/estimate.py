"""Estimates by a bound, with critics that are trained, and what speaks against them."""

import dataclasses
import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from infomax.bounds import (
    DENSITY_BOUNDS,
    Bound,
    LikelihoodBound,
    PlainBound,
    donsker_varadhan,
    find_bound,
)
from infomax.errors import UserError
from infomax.estimation.arrays import Array
from infomax.estimation.columns import Column
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.neural.beginnings import Beginning, best_beginning, try_beginnings
from infomax.estimation.neural.bootstrap import bootstrap_interval
from infomax.estimation.neural.conditional_density import density_critics
from infomax.estimation.neural.critic import CriticMaker
from infomax.estimation.neural.fit import NeuralFit, fit_neural
from infomax.estimation.neural.fit_warnings import effective_terms, warnings_of_fit
from infomax.estimation.neural.networks import additive_critics, network_critics
from infomax.estimation.permutation import combine_tests, permute_scores
from infomax.estimation.result import MIResult, tails_of
from infomax.estimation.row_tests import run_row_tests
from infomax.estimation.samples import PairedSamples
from infomax.estimation.split import Split
from infomax.estimation.task import EstimationTask, Method

__all__ = [
    "bound_method",
    "fit_bound",
    "measure_by_bound",
    "part_for_critics",
    "reads_on",
    "result_of_fit",
]

_MOST_PAIRS = 50_000
_MOST_LEVELS_PER_ROW = 0.1
# What InfoNCE reads of exact critics so far below its cap is still a tenth of a nat too little.
_CAP_TAKES_OFF_NATS = 3.0
_LITTLE_PATIENCE = 2
_FEWEST_TERMS_BEYOND_CAP = 50
# It is read only where its normaliser is known so well that it is the bound of its expectation.
_BEYOND_CAP = PlainBound(
    "donsker-varadhan",
    "lower bound",
    donsker_varadhan,
    label="Donsker-Varadhan",
    computed_from="tiles",
    heavy_tailed=True,
)


def measure_by_bound(name: str, task: EstimationTask, reason: str) -> MIResult:
    """Train critics by a bound and estimate from the test pairs, once.

    Args:
        name: of a bound, of scores or of a learned density.
        task: the pairs and settings.
        reason: why this method.

    Raises:
        UserError: if the bound needs a density of y that y does not have.
    """
    task = part_for_critics(task)
    return result_of_fit(fit_bound(name, task), task, reason)


def part_for_critics(task: EstimationTask) -> EstimationTask:
    """Return the part of very many pairs that critics are trained, validated and tested on.

    They are trained for at most 4,000 updates of 128 pairs, part by part, and tested on at most
    2,000 pairs: 50,000 pairs are as many as that can use up, and closed forms that they begin as
    are fitted to them in seconds.
    """
    return task.part("critics, and what they are compared with,", _MOST_PAIRS)


def fit_bound(
    name: str,
    task: EstimationTask,
    *,
    split: Split | None = None,
    like: NeuralFit | None = None,
) -> NeuralFit:
    """Train critics by a bound, on rows that the task's split leaves for it.

    Args:
        name: of a bound, of scores or of a learned density.
        task: the pairs and settings.
        split: another one than the task's.
        like: a fit to more pairs, from which are taken what critics begin as and which corrections
            are worth training, if any is, and with less patience; by default all are tried.

    Raises:
        UserError: if the bound needs a density of y that y does not have.
    """
    split = task.split if split is None else split
    bound: Bound = DENSITY_BOUNDS[name]() if name in DENSITY_BOUNDS else find_bound(name)
    samples, settings = task.samples, task.settings
    x, y = _coordinates(samples.x), _coordinates(samples.y)
    corrections: list[CriticMaker]
    beginnings: list[Beginning] = []
    if isinstance(bound, LikelihoodBound):
        _check_density(bound, samples)
        corrections = [partial(density_critics, exact_entropy=bound.exact_entropy)]
    else:
        beginnings = try_beginnings(
            x,
            y,
            split.refits,
            settings.random_state,
            settings.progress,
            of_these=None if like is None else {best_beginning(like.beginnings).name},
        )
        corrections = [additive_critics, partial(network_critics, scaling=settings.scaling)]
    if like is not None:
        borne_out = zip(corrections, like.borne_out, strict=True)
        worth_training = [make for make, borne in borne_out if borne]
        # A critic that begins as nothing and is not trained would say nothing.
        corrections = worth_training if worth_training or beginnings else corrections
    return fit_neural(
        x,
        y,
        split,
        bound,
        corrections,
        beginnings=beginnings,
        seed=settings.random_state,
        progress=settings.progress,
        **({} if like is None else {"patience": _LITTLE_PATIENCE}),
    )


def result_of_fit(
    fit: NeuralFit, task: EstimationTask, reason: str, *, beyond_cap: bool = False
) -> MIResult:
    """Return the estimate of the test pairs, its interval and the test for any dependence.

    Args:
        fit: of critics.
        task: the pairs and settings.
        reason: why this method.
        beyond_cap: whether critics are read by Donsker-Varadhan where the bound that they were
            trained by comes near to the most that it can read of so many pairs, and where the
            interval then begins higher; see ``reads_on``.
    """
    settings = task.settings
    generator = np.random.default_rng((settings.random_state, 1))
    scores = fit.mean_scores.double().numpy()
    of_scores = permute_scores(scores, settings.permutations, generator, task.rows)
    settings.progress.start("drawing test pairs again, for the interval", 1)
    tails = tails_of(fit.bound.kind, settings.confidence)
    interval = bootstrap_interval(fit.bound, fit.test_scores, tails, generator, task.rows)
    if beyond_cap and reads_on(fit):
        # A stream of its own, so that the test stays what it is.
        of_reading = np.random.default_rng((settings.random_state, 3))
        further = bootstrap_interval(_BEYOND_CAP, fit.test_scores, tails, of_reading, task.rows)
        if further.low > interval.low:
            reason = f"{reason}; {_told_beyond_cap(fit)}"
            fit, interval = dataclasses.replace(fit, bound=_BEYOND_CAP), further
    of_rows = run_row_tests(task, *neighbour_space(task.samples, generator), generator)
    return task.result(
        fit.bound.name,
        reason,
        combine_tests([of_scores, *of_rows]),
        value=fit.value,
        interval=interval,
        kind=fit.bound.kind,
        history=fit.history(),
        warnings=warnings_of_fit(fit),
    )


def _told_beyond_cap(fit: NeuralFit) -> str:
    pairs = len(fit.mean_scores)
    return (
        f"{fit.bound.label or fit.bound.name} of {pairs} test pairs reads {fit.value:.2f} nats and "
        f"cannot exceed log {pairs} = {fit.bound.ceiling(pairs):z.2f}, so its critics are read by "
        "Donsker-Varadhan"
    )


def reads_on(fit: NeuralFit) -> bool:
    r"""Tell whether Donsker-Varadhan reads further than a bound that is capped, and may be trusted.

    The normaliser of InfoNCE holds each pair itself, which takes off the more the nearer the
    information is to log K. That of Donsker-Varadhan holds none,

    .. math:: \log Z = \log \frac{1}{K (K - 1)} \sum_{i \ne j} e^{s_{ij}}

    but the log of a mean is below that of its expectation by half its relative variance, and a mean
    that rests on a few of its terms may miss what it has not seen. So it is read only where it
    rests on as many as fifty (Kish, 1965).
    """
    cap = fit.bound.ceiling(len(fit.mean_scores))
    if not fit.bound.capped or not cap - _CAP_TAKES_OFF_NATS < fit.value < math.inf:
        return False
    further = float(_BEYOND_CAP.estimate(fit.mean_scores)) > fit.value
    return further and effective_terms(fit.mean_scores) >= _FEWEST_TERMS_BEYOND_CAP


def _check_density(bound: LikelihoodBound, samples: PairedSamples) -> None:
    discrete = [column.name for column in samples.y if column.discrete]
    if discrete:
        raise UserError(
            f"method {bound.name} needs a density of y, and {', '.join(discrete)} is discrete: "
            "swap x and y, or choose another method"
        )
    if bound.exact_entropy and len(samples.y) > 1:
        raise UserError(
            f"method {bound.name} needs the exact entropy of y, which is known for one column and "
            f"not for {len(samples.y)}: choose difference-of-entropies"
        )


def bound_method(name: str) -> Method:
    """Return the method of training by a bound: one of ``BOUNDS`` or ``DENSITY_BOUNDS``."""
    bound: Bound = DENSITY_BOUNDS[name]() if name in DENSITY_BOUNDS else find_bound(name)
    by = "" if isinstance(bound, LikelihoodBound) else "By trained critics: "
    return Method(name, f"{by}{bound.summary()}", bound.kind, partial(measure_by_bound, name))


def _coordinates(columns: Sequence[Column]) -> Array:
    """Return continuous columns as they are, discrete ones as one for each level but the first.

    Where that would be more columns than a tenth of the rows, no critic could learn what each of
    them says: then discrete columns are the numbers that stand for their levels. That leaves out
    nothing, and levels that are a scale are near each other again.
    """
    levels = {column.name: np.unique(column.measured) for column in columns if column.discrete}
    rows = len(columns[0].measured)
    apart = sum(map(len, levels.values())) <= rows * _MOST_LEVELS_PER_ROW
    coordinates = []
    for column in columns:
        if column.discrete and apart:
            indicators = levels[column.name][1:]
            coordinates += [(column.measured == level).astype(np.float64) for level in indicators]
        else:
            coordinates.append(column.measured)
    return np.column_stack(coordinates)
