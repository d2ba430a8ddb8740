"""Estimates by a bound, with critics that are trained."""

from collections.abc import Sequence

import numpy as np

from infomax.bounds import BOUNDS
from infomax.estimation.confidence import bootstrap_interval
from infomax.estimation.diagnostics import cautions_of_fit
from infomax.estimation.neural import NeuralFit, fit_neural
from infomax.estimation.permutation import permute_scores
from infomax.estimation.result import MIResult
from infomax.estimation.samples import Column, PairedSamples
from infomax.estimation.settings import EstimationSettings
from infomax.estimation.split import Split, split_pairs

__all__ = ["fit_bound", "measure_by_bound", "read_bound"]


def measure_by_bound(
    name: str, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Train critics by a bound and read it from the test pairs, once.

    Args:
        name: of a bound that needs nothing but scores.
        samples: the pairs.
        settings: of the estimate.
        reason: why this method.
    """
    fit = fit_bound(name, samples, _split(samples, settings), settings)
    return read_bound(fit, samples, settings, reason)


def fit_bound(
    name: str, samples: PairedSamples, split: Split, settings: EstimationSettings
) -> NeuralFit:
    """Train critics by a bound, on rows that a split leaves for it."""
    return fit_neural(
        _coordinates(samples.x),
        _coordinates(samples.y),
        split,
        BOUNDS[name](),
        scaling=settings.scaling,
        seed=settings.random_state,
    )


def read_bound(
    fit: NeuralFit, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Read the bound, its interval and the permutation test from the test pairs."""
    generator = np.random.default_rng((settings.random_state, 1))
    scores = fit.mean_scores.double().numpy()
    test = permute_scores(scores, settings.permutations, generator)
    return MIResult(
        value=fit.value,
        interval=bootstrap_interval(fit.bound, fit.test_scores, settings.confidence, generator),
        p_value=test.p_value,
        method=fit.bound.name,
        kind=fit.bound.kind,
        reason=reason,
        pairs=len(samples),
        confidence=settings.confidence,
        null_values=test.null_values,
        observed=test.observed,
        history=fit.history(),
        warnings=tuple(cautions_of_fit(fit)),
    )


def _split(samples: PairedSamples, settings: EstimationSettings) -> Split:
    return split_pairs(len(samples), np.random.default_rng(settings.random_state))


def _coordinates(columns: Sequence[Column]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return continuous columns as they are, discrete ones as one for each level but the first."""
    coordinates = []
    for column in columns:
        if column.discrete:
            levels = np.unique(column.measured)
            coordinates += [(column.measured == level).astype(np.float64) for level in levels[1:]]
        else:
            coordinates.append(column.measured)
    return np.column_stack(coordinates)
