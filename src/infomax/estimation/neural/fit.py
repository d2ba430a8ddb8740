"""Refits of a critic on pairs, and what their mean critic says of pairs that none of them saw."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.bounds import Bound, LikelihoodBound
from infomax.estimation.neural.refit_critic import CriticMaker, RefitCritic
from infomax.estimation.progress import EstimationProgress
from infomax.estimation.split import Split
from infomax.training import (
    Course,
    Objective,
    Optimisation,
    PairTraining,
    SeparateBatches,
    generator_for,
    train_until_settled,
)

__all__ = ["NeuralFit", "fit_neural"]

Array: TypeAlias = NDArray[np.float64]

_BATCH_SIZE = 128
_LEARNING_RATE = 5e-3
_MOST_STEPS = 4000
_STEPS_BETWEEN_LOOKS = 100
_PATIENCE = 3
_VALIDATION_BATCH = 500


@dataclass(frozen=True, eq=False)
class NeuralFit:
    """Critics of all refits, trained, and their scores.

    Attributes:
        bound: that was trained.
        test_scores: of each refit on the test pairs: ``(R, K, K)``.
        course: how the training went, in estimates of the bound.
        validation_scores: of each refit on its validation pairs, in batches: ``(R, B, V, V)``.
        untrained_validation_scores: the same before training, where a critic is its copula.
        train_estimate: the bound on as many training pairs as there are test pairs, averaged over
            refits.
    """

    bound: Bound
    test_scores: Tensor
    course: Course
    validation_scores: Tensor
    untrained_validation_scores: Tensor
    train_estimate: float

    @property
    def mean_scores(self) -> Tensor:
        """Scores of the mean critic on the test pairs: ``(K, K)``."""
        return self.test_scores.mean(dim=0)

    @property
    def value(self) -> float:
        """The bound of the mean critic on the test pairs, in nats."""
        return float(self.bound.estimate(self.mean_scores))

    def history(self) -> pd.DataFrame:
        """Return the course as a table: refit, step, train, validation, in nats."""
        refits = self.test_scores.shape[0]
        return pd.DataFrame(
            {
                "refit": np.tile(np.arange(refits), len(self.course.steps)),
                "step": np.repeat(self.course.steps, refits),
                "train": torch.cat(self.course.train).numpy(),
                "validation": torch.cat(self.course.validation).numpy(),
            }
        )


def fit_neural(
    x: Array,
    y: Array,
    split: Split,
    bound: Bound,
    make_critics: CriticMaker,
    *,
    seed: int,
    progress: EstimationProgress,
) -> NeuralFit:
    """Train the critics of all refits side by side, each on its own rows.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        split: which rows are whose.
        bound: to train by.
        make_critics: makes them, and fits whatever they begin with on the training rows.
        seed: of weights and batches.
        progress: is told of each validation.
    """
    progress.start("fitting what critics begin as", 1)
    sides = make_critics(x, y, split.refits, seed)
    train = _rows_of_each(sides, [refit.train for refit in split.refits])
    validation = _rows_of_each(sides, [refit.validation for refit in split.refits])
    test = _rows_of_each(sides, [split.test] * len(sides))
    training = PairTraining(
        [side.critic for side in sides],
        SeparateBatches(
            *train,
            min(_BATCH_SIZE, train[0].shape[1]),
            [generator_for(seed, f"batches of refit {place}") for place in range(len(sides))],
        ),
        Objective(bound),
        optimisation=Optimisation(_LEARNING_RATE),
    )
    # An estimate from a density says nothing of how good it is: its likelihood does.
    validated = bound.objective if isinstance(bound, LikelihoodBound) else bound.estimate
    in_batches = [_cut(side, _VALIDATION_BATCH) for side in validation]

    looks = itertools.count()

    def validate() -> Tensor:
        progress.advance(next(looks) * _STEPS_BETWEEN_LOOKS)
        return validated(training.scores(*in_batches)).mean(dim=-1)

    untrained = training.scores(*in_batches)
    progress.start("training critics until they settle", _MOST_STEPS)
    course = train_until_settled(
        training,
        validate,
        most_steps=_MOST_STEPS,
        steps_between_looks=_STEPS_BETWEEN_LOOKS,
        patience=_PATIENCE,
    )
    as_many = [side[:, : len(split.test)] for side in train]
    return NeuralFit(
        bound=bound,
        test_scores=training.scores(*test),
        course=course,
        validation_scores=training.scores(*in_batches),
        untrained_validation_scores=untrained,
        train_estimate=float(bound.estimate(training.scores(*as_many)).mean()),
    )


def _rows_of_each(
    sides: Sequence[RefitCritic], rows: Sequence[NDArray[np.int64]]
) -> tuple[Tensor, Tensor]:
    """Return some rows of each refit: ``(R, rows, ...)``."""
    pairs = list(zip(sides, map(torch.from_numpy, rows), strict=True))
    return (
        torch.stack([side.x[chosen] for side, chosen in pairs]),
        torch.stack([side.y[chosen] for side, chosen in pairs]),
    )


def _cut(rows: Tensor, most: int) -> Tensor:
    """Cut rows into batches of one size, less the remainder: ``(R, V, d)`` -> ``(R, B, N, d)``."""
    batches = -(-rows.shape[1] // most)
    size = rows.shape[1] // batches
    cut: Tensor = rows[:, : batches * size].unflatten(1, (batches, size))
    return cut
