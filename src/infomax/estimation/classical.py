"""Estimates without training: nearest neighbours, elliptical models and histograms."""

import itertools
import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.advice import advice, choosing
from infomax.bounds import Kind
from infomax.errors import UserError
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.diagnostics import columns_with_atoms, repetition_caution
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.neural.bootstrap import interval_of_terms
from infomax.estimation.neural.critic import CopulaRatio
from infomax.estimation.permutation import (
    PermutationTest,
    permute_and_repeat,
    permute_scores,
    together,
    variance_when_broken,
)
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.row_tests import row_tests
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings
from infomax.estimation.split import split_pairs
from infomax.warnings import AssumptionWarning, EstimationWarning

__all__ = ["NO_HISTORY", "measure_by_ellipse", "measure_by_terms"]

Array: TypeAlias = NDArray[np.float64]

NO_HISTORY = pd.DataFrame(columns=["refit", "step", "train", "validation"], dtype=float)
"""The history of a method that is not trained."""

_FAR_FROM_MODEL = 4
_ROUNDING = 1e-9


def measure_by_terms(
    method: str,
    samples: PairedSamples,
    settings: EstimationSettings,
    terms_of: Callable[[Array, Array], Array],
    reason: str,
    *,
    continuous: bool,
) -> MIResult:
    """Estimate by a mean of one term for each pair.

    Args:
        method: its name.
        samples: the pairs.
        settings: of the estimate.
        terms_of: from x and y to the terms, in nats.
        reason: why this method.
        continuous: whether the method assumes that no value has positive probability.

    Raises:
        UserError: if it does and a column is discrete.
    """
    cautions: list[EstimationWarning] = []
    if continuous:
        _refuse_discrete(method, samples)
        cautions += repetition_caution(method, columns_with_atoms(samples))
    generator = np.random.default_rng(settings.random_state)
    x, y = neighbour_space(samples, generator)
    terms = terms_of(x, y)

    def estimate(x: Array, y: Array) -> float:
        settings.progress.advance(next(calls))
        return float(terms_of(x, y).mean())

    settings.progress.start("repeating the estimate on permuted pairs", settings.permutations)
    calls = itertools.count()
    repeated = permute_and_repeat(estimate, x, y, settings.permutations, generator)
    value = float(terms.mean())
    interval = interval_of_terms(
        value,
        terms,
        settings.confidence,
        # Terms of pairs that are close are not independent: they count the same neighbours.
        second_order=variance_when_broken(estimate, x, y, generator),
    )
    if np.abs(terms).max() < _ROUNDING:
        # Each level is that of one row: that it says nothing of another is no certainty.
        interval = Interval(0.0, math.log(len(terms)))
    test = together([repeated, *row_tests(samples, x, y, settings, generator)])
    return _result(
        method,
        samples,
        settings,
        value=value,
        interval=interval,
        test=test,
        reason=reason,
        cautions=cautions,
    )


def measure_by_ellipse(
    method: str,
    samples: PairedSamples,
    settings: EstimationSettings,
    fit: Callable[[Array, Array], EllipticalDependence],
    reason: str,
    *,
    kind: Kind = "neither",
    excess: float = 0.0,
) -> MIResult:
    """Estimate by the closed form of an elliptical model, less its optimism.

    The model is fitted on all pairs. The test for any dependence is by a second fit, on four fifths
    of them, and its log density ratios of the last fifth.

    Args:
        method: its name.
        samples: the pairs.
        settings: of the estimate.
        fit: from x and y to the model.
        reason: why this method.
        kind: a lower bound, where only x and y by themselves are of the model: the mean log density
            ratio is then the estimate, in place of the closed form (Barber and Agakov, 2003).
        excess: what a lower bound takes off the mean log density ratio, because x and y by
            themselves are not of the model either.

    Raises:
        UserError: if a column is discrete.
    """
    _refuse_discrete(method, samples)
    x, y = samples.arrays()
    model = fit(x, y)
    optimism = model.optimism(len(x))
    terms = model.log_ratios(np.hstack([x, y]))
    of_model = model.mutual_information if kind == "neither" else float(terms.mean())
    value = of_model - optimism - excess
    # The variance of a chi-squared variable of dx * dy degrees of freedom, over (2N)^2.
    second_order = 2 * len(samples.x) * len(samples.y) / (2 * len(x)) ** 2
    interval = interval_of_terms(value, terms, settings.confidence, second_order=second_order)
    generator = np.random.default_rng(settings.random_state)
    test = together(
        [
            _test_ellipse(fit, x, y, settings, generator),
            *row_tests(samples, *neighbour_space(samples, generator), settings, generator),
        ]
    )
    cautions = repetition_caution(method, columns_with_atoms(samples))
    apart = abs(float(terms.mean()) - of_model)
    spread = interval_of_terms(value, terms, 0.68, second_order=second_order).width / 2
    if apart > _FAR_FROM_MODEL * spread:
        cautions.append(
            AssumptionWarning(
                f"the model says {model.mutual_information:.2f} nats and the mean of its own log "
                f"density ratios {terms.mean():.2f}: the data are not of its kind"
            )
        )
    return _result(
        method,
        samples,
        settings,
        value=value,
        interval=interval,
        test=test,
        reason=reason,
        cautions=cautions,
        kind=kind,
    )


def _test_ellipse(
    fit: Callable[[Array, Array], EllipticalDependence],
    x: Array,
    y: Array,
    settings: EstimationSettings,
    generator: np.random.Generator,
) -> PermutationTest:
    split = split_pairs(len(x), generator)
    model = fit(x[split.fitted], y[split.fitted])
    sides = model.sides(np.hstack([x[split.test], y[split.test]]))
    gaussian = math.isinf(model.degrees_of_freedom)
    scores = CopulaRatio(model, gaussian=gaussian).of_arrays(*sides)
    return permute_scores(scores, settings.permutations, generator)


def _refuse_discrete(method: str, samples: PairedSamples) -> None:
    discrete = [column.name for column in samples.columns if column.discrete]
    if discrete:
        raise UserError(
            f"method {method} needs continuous columns and {', '.join(discrete)} is discrete: "
            f"choose {choosing('method', 'mixed-ksg-1', 'auto')}, "
            f"or say {advice('discrete=[]', '--continuous')} if whole numbers are points on a scale"
        )


def _result(
    method: str,
    samples: PairedSamples,
    settings: EstimationSettings,
    *,
    value: float,
    interval: Interval,
    test: PermutationTest,
    reason: str,
    cautions: list[EstimationWarning],
    kind: Kind = "neither",
) -> MIResult:
    return MIResult(
        value=value,
        interval=interval,
        p_value=test.p_value,
        method=method,
        kind=kind,
        reason=reason,
        pairs=len(samples),
        confidence=settings.confidence,
        null_values=test.null_values,
        observed=test.observed,
        history=NO_HISTORY,
        warnings=tuple(cautions),
    )
