"""Estimates by a bound, with critics that are trained."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from infomax.bounds import DENSITY_BOUNDS, Bound, LikelihoodBound, find_bound
from infomax.errors import UserError
from infomax.estimation.columns import Column
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.neural.bootstrap import bootstrap_interval
from infomax.estimation.neural.conditional_density import density_critics
from infomax.estimation.neural.copula_critics import copula_critics
from infomax.estimation.neural.diagnostics import cautions_of_fit
from infomax.estimation.neural.fit import NeuralFit, fit_neural
from infomax.estimation.neural.refit_critic import CriticMaker
from infomax.estimation.permutation import permute_scores, together
from infomax.estimation.result import MIResult
from infomax.estimation.row_tests import row_tests
from infomax.estimation.samples import PairedSamples
from infomax.estimation.settings import EstimationSettings
from infomax.estimation.split import Split, split_pairs

__all__ = ["fit_bound", "measure_by_bound", "read_bound"]


def measure_by_bound(
    name: str, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Train critics by a bound and estimate from the test pairs, once.

    Args:
        name: of a bound, of scores or of a learned density.
        samples: the pairs.
        settings: of the estimate.
        reason: why this method.

    Raises:
        UserError: if the bound needs a density of y that y does not have.
    """
    fit = fit_bound(name, samples, _split(samples, settings), settings)
    return read_bound(fit, samples, settings, reason)


def fit_bound(
    name: str, samples: PairedSamples, split: Split, settings: EstimationSettings
) -> NeuralFit:
    """Train critics by a bound, on rows that a split leaves for it."""
    bound: Bound = DENSITY_BOUNDS[name]() if name in DENSITY_BOUNDS else find_bound(name)
    make: CriticMaker
    if isinstance(bound, LikelihoodBound):
        _check_density(bound, samples)
        make = partial(density_critics, exact_entropy=bound.exact_entropy)
    else:
        make = partial(copula_critics, scaling=settings.scaling, shift=bound.optimal_shift)
    x, y = _coordinates(samples.x), _coordinates(samples.y)
    return fit_neural(
        x, y, split, bound, make, seed=settings.random_state, progress=settings.progress
    )


def read_bound(
    fit: NeuralFit, samples: PairedSamples, settings: EstimationSettings, reason: str
) -> MIResult:
    """Read the bound, its interval and the permutation test from the test pairs."""
    generator = np.random.default_rng((settings.random_state, 1))
    scores = fit.mean_scores.double().numpy()
    of_scores = permute_scores(scores, settings.permutations, generator)
    settings.progress.start("drawing test pairs again, for the interval", 1)
    interval = bootstrap_interval(fit.bound, fit.test_scores, settings.confidence, generator)
    of_rows = row_tests(samples, *neighbour_space(samples, generator), settings, generator)
    test = together([of_scores, *of_rows])
    return MIResult(
        value=fit.value,
        interval=interval,
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
