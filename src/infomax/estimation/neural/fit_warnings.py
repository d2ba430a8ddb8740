"""What the training of critics and their scores of test pairs give reason to warn of."""

import math

import torch
from torch import Tensor

from infomax.errors import choosing
from infomax.estimation.diagnostics import WAYS_OUT
from infomax.estimation.neural.fit import NeuralFit, says_nothing
from infomax.warnings import (
    CapWarning,
    EstimationWarning,
    FewSamplesWarning,
    GapWarning,
    HeavyTailWarning,
    StillIncreasingWarning,
)

__all__ = ["effective_terms", "warnings_of_fit"]

_NEAR_CAP_NATS = 0.3
_GAP_NATS = 0.1
_GAP_SHARE = 0.25
_FEWEST_EFFECTIVE_TERMS = 100
_FEWEST_EFFECTIVE_SHARE = 0.1


def warnings_of_fit(fit: NeuralFit) -> list[EstimationWarning]:
    """Return what the training and the scores of the test pairs give reason to."""
    found: list[EstimationWarning] = []
    value, bound = fit.value, fit.bound
    pairs = fit.test_scores.shape[-1]
    if says_nothing(fit.test_scores):
        found.append(
            FewSamplesWarning(
                "no critic says more of validation pairs than nothing at all: between 0 and "
                f"log {pairs} = {math.log(pairs):z.2f} nats, which is all that {pairs} test pairs "
                f"could show, these rows tell nothing; {WAYS_OUT}"
            )
        )
    if value > bound.ceiling(pairs) - _NEAR_CAP_NATS:
        found.append(
            CapWarning(
                f"{bound.label or bound.name} of {pairs} test pairs cannot exceed log {pairs} = "
                f"{math.log(pairs):.2f} nats, and the estimate is within {_NEAR_CAP_NATS} of that: "
                "the information may be far larger; give more pairs, or "
                f"{choosing('method', 'nwj')}"
            )
        )
    if not fit.course.settled:
        found.append(
            StillIncreasingWarning(
                f"the validation bound was still rising after {fit.course.steps[-1]} updates: the "
                "estimate is lower than the critic could reach"
            )
        )
    gap = fit.train_estimate - value
    if gap > max(_GAP_NATS, _GAP_SHARE * abs(value)):
        found.append(
            GapWarning(
                f"the bound is {fit.train_estimate:.2f} nats on training pairs and {value:z.2f} on "
                "test pairs: the critic has learned these pairs, not only their law; more pairs "
                "would bring both closer to the information"
            )
        )
    effective = effective_terms(fit.mean_scores)
    fewest = min(_FEWEST_EFFECTIVE_TERMS, _FEWEST_EFFECTIVE_SHARE * pairs * (pairs - 1))
    if bound.heavy_tailed and effective < fewest:
        found.append(
            HeavyTailWarning(
                f"the mean exponential of {pairs * (pairs - 1)} negatives rests on "
                f"{effective:z.0f} of them: the estimate may be far off, beyond its interval; "
                "infonce does not have this tail"
            )
        )
    return found


def effective_terms(scores: Tensor) -> float:
    """Effective sample size of the exponentials of the negatives (Kish, 1965)."""
    negatives = scores.double().clone().fill_diagonal_(-math.inf).flatten()
    return float((2 * torch.logsumexp(negatives, 0) - torch.logsumexp(2 * negatives, 0)).exp())
