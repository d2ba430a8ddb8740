"""Intervals of bounds by the bootstrap, over test pairs and over refits of critics."""

import math

import numpy as np
import torch
from torch import Tensor

from infomax.bounds import Bound
from infomax.estimation.arrays import Array
from infomax.estimation.neural.fit import says_nothing
from infomax.estimation.result import Interval
from infomax.estimation.rows import IndependentRows, RowOrder
from infomax.score_matrix import ResampledScores

__all__ = ["bootstrap_interval"]

_DRAWS_OF_REFITS = 10
_DRAWS_OF_PAIRS = 40
_INDEPENDENT = IndependentRows()


def bootstrap_interval(
    bound: Bound,
    scores: Tensor,
    tails: tuple[float, float],
    generator: np.random.Generator,
    rows: RowOrder = _INDEPENDENT,
) -> Interval:
    """Return the bootstrap interval of a bound of the mean scores, over pairs and over refits.

    Refits and test pairs are drawn with replacement, 400 times in all. What the resampled values
    scatter around is not the estimate, because repeated refits are a smaller ensemble: their
    quantiles are shifted to it.

    Critics that score all pairs alike say nothing of any sample, and that their bound is 0 in each
    is no certainty. Of them the interval is all that N pairs can show, from 0 to log N.

    A bound that is computed from a whole tensor alone cannot be told that copies of a pair are no
    negatives of each other: it is estimated on halves of the pairs, drawn without replacement,
    whose values scatter as those of all pairs drawn with replacement do.

    Source: Efron and Tibshirani (1993), chapter 13, for percentiles; Shao and Wu (1989) for halves.

    Args:
        bound: of the estimate.
        scores: of each refit on the same test pairs: ``(R, N, N)``.
        tails: quantiles at which the interval ends; 0 and 1 for no end.
        generator: draws refits and pairs.
        rows: how pairs are drawn again.
    """
    refits, size = scores.shape[:2]
    value = float(bound.estimate(scores.mean(dim=0)))
    low, high = tails
    if says_nothing(scores):
        return Interval(min(value, 0.0), math.inf if high == 1 else math.log(size))
    values = []
    for _ in range(_DRAWS_OF_REFITS):
        drawn = torch.from_numpy(generator.integers(refits, size=refits))
        values.append(_estimate_resampled(bound, scores[drawn].mean(dim=0), generator, rows))
    shifted = np.concatenate([each - np.mean(values) for each in values])
    return Interval(
        -math.inf if low == 0 else value + float(np.quantile(shifted, low)),
        math.inf if high == 1 else value + float(np.quantile(shifted, high)),
    )


def _estimate_resampled(
    bound: Bound, scores: Tensor, generator: np.random.Generator, rows: RowOrder
) -> Array:
    """Return estimates of a bound on pairs ``(N, N)`` that are drawn again: ``(draws,)``."""
    # What a pair adds to a bound: rows in time are drawn in blocks as long as it is remembered.
    terms = (scores.diagonal() - scores.logsumexp(dim=-1)).double().numpy()
    if bound.computed_from == "whole":
        halves = [torch.from_numpy(rows.half(terms, generator)) for _ in range(_DRAWS_OF_PAIRS)]
        found = torch.stack([bound.estimate(scores[half][:, half]) for half in halves])
    else:
        counts = rows.counts(terms, _DRAWS_OF_PAIRS, generator)
        found = bound.estimate(ResampledScores(scores, torch.from_numpy(counts)))
    values: Array = found.double().numpy()
    return values
