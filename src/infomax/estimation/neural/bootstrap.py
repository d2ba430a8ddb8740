"""Intervals of estimates."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from infomax.bounds import Bound
from infomax.estimation.result import Interval
from infomax.score_matrix import ResampledScores

__all__ = ["bootstrap_interval", "interval_of_terms", "says_nothing"]

_DRAWS_OF_REFITS = 10
_DRAWS_OF_PAIRS = 40


def interval_of_terms(
    value: float, terms: NDArray[np.float64], confidence: float, *, second_order: float = 0.0
) -> Interval:
    r"""Return the normal interval of an estimate that is a mean of one term for each pair.

    The log density ratio less the information is the influence function of the information, so the
    variance of the terms over N is that of any estimate that is efficient. At independence it
    vanishes, and what is left is of second order: it is given, and added.

    Args:
        value: the estimate, in nats.
        terms: ``(N,)``, in nats.
        confidence: of the interval.
        second_order: variance of the estimate when nothing depends, in nats squared.
    """
    variance = float(terms.var()) / len(terms) + second_order
    half_width = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(variance)
    return Interval(value - half_width, value + half_width)


def bootstrap_interval(
    bound: Bound, scores: Tensor, confidence: float, generator: np.random.Generator
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
        confidence: of the interval.
        generator: draws refits and pairs.
    """
    refits, number = scores.shape[:2]
    value = float(bound.estimate(scores.mean(dim=0)))
    if says_nothing(scores):
        return Interval(min(value, 0.0), math.log(number))
    values = []
    for _ in range(_DRAWS_OF_REFITS):
        drawn = torch.from_numpy(generator.integers(refits, size=refits))
        values.append(_estimate_resampled(bound, scores[drawn].mean(dim=0), generator))
    shifted = np.concatenate([each - np.mean(values) for each in values])
    tail = (1 - confidence) / 2
    low, high = np.quantile(shifted, [tail, 1 - tail])
    return Interval(value + float(low), value + float(high))


def _estimate_resampled(
    bound: Bound, scores: Tensor, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return estimates of a bound on pairs ``(N, N)`` that are drawn again: ``(draws,)``."""
    number = len(scores)
    if bound.computed_from == "whole":
        halves = [
            torch.from_numpy(generator.permutation(number)[: number // 2])
            for _ in range(_DRAWS_OF_PAIRS)
        ]
        found = torch.stack([bound.estimate(scores[half][:, half]) for half in halves])
    else:
        counts = generator.multinomial(number, np.full(number, 1 / number), size=_DRAWS_OF_PAIRS)
        found = bound.estimate(ResampledScores(scores, torch.from_numpy(counts)))
    values: NDArray[np.float64] = found.double().numpy()
    return values


def says_nothing(scores: Tensor) -> bool:
    """Tell whether critics score all pairs alike: ``(R, N, N)``.

    Example:
        >>> says_nothing(torch.ones(2, 3, 3)), says_nothing(torch.eye(3).expand(2, 3, 3))
        (True, False)
    """
    return bool((scores == scores[:, :1, :1]).all())
