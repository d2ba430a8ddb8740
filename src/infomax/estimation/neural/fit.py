"""Refits of a critic on pairs, and what their mean critic says of pairs that none of them saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from infomax.bounds import Bound, LikelihoodBound
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.neural.critic import CriticMaker, RefitCritic
from infomax.estimation.task import Split
from infomax.training import (
    BestWeights,
    EarlyStopping,
    Objective,
    OptimizerConfig,
    PairTraining,
    ScheduledEvaluation,
    SeparateBatches,
    StagedProgress,
    Trainer,
    generator_for,
)

__all__ = ["Course", "NeuralFit", "fit_neural", "says_nothing", "train_until_settled"]

_BATCH_SIZE = 128
_LEARNING_RATE = 5e-3
_MOST_STEPS = 4000
_EVALUATE_EVERY = 100
_PATIENCE = 3
_VALIDATION_BATCH = 500


@dataclass(frozen=True, eq=False)
class Course:
    """How the training of R refits went.

    Attributes:
        steps: numbers of updates after which was validated, the first 0.
        train: mean of the watched estimate over the updates since the validation before, in nats:
            ``(validations, R)``; NaN at step 0.
        validation: value on validation pairs: ``(validations, R)``.
        settled: whether all refits had stopped rising before the last permitted update.
    """

    steps: list[int]
    train: Tensor
    validation: Tensor
    settled: bool


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
    test_scores: Tensor = field(repr=False)
    course: Course = field(repr=False)
    validation_scores: Tensor = field(repr=False)
    untrained_validation_scores: Tensor = field(repr=False)
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
                "train": self.course.train.flatten().numpy(),
                "validation": self.course.validation.flatten().numpy(),
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
    progress: StagedProgress,
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
            [generator_for(seed, f"batches of refit {index}") for index in range(len(sides))],
        ),
        Objective(bound),
        optimizer=OptimizerConfig(_LEARNING_RATE),
    )
    # An estimate from a density says nothing of how good it is: its likelihood does.
    validated = bound.objective if isinstance(bound, LikelihoodBound) else bound.estimate
    in_batches = [_cut(side, _VALIDATION_BATCH) for side in validation]

    def validate(step: int) -> Tensor:
        progress.advance(step)
        return validated(training.scores(*in_batches)).mean(dim=-1)

    untrained = training.scores(*in_batches)
    progress.start("training critics until they settle", _MOST_STEPS)
    course = train_until_settled(
        training,
        validate,
        most_steps=_MOST_STEPS,
        evaluate_every=_EVALUATE_EVERY,
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


def train_until_settled(
    training: PairTraining[Any],
    validate: Callable[[int], Tensor],
    *,
    most_steps: int,
    evaluate_every: int,
    patience: int,
) -> Course:
    """Train refits side by side until none gets better, and leave each with its best weights.

    The weights before the first update are validated too, so a critic that training only makes
    worse stays as it was. A value that is not finite is no best.

    Args:
        training: of all refits.
        validate: from the number of updates made to the value of each refit to be made large.
        most_steps: number of updates after which to stop in any case.
        evaluate_every: updates between two validations.
        patience: number of validations without a new best.
    """
    train: list[Tensor] = []
    validation: list[Tensor] = []

    def evaluate(step: int, _indices: Sequence[int]) -> list[float]:
        before = best.evaluations[-1][0] if best.evaluations else 0
        train.append(training.training_curve()[before:].mean(dim=0))
        validation.append(validate(step).detach().cpu())
        return validation[-1].tolist()

    best = BestWeights(lambda values: values)
    stopping = EarlyStopping(best, patience)
    steps = range(0, most_steps, evaluate_every)
    evaluation = ScheduledEvaluation(evaluate, {*steps, most_steps})
    trainer = Trainer(most_steps, [evaluation, best, stopping])
    trainer.fit(training)
    return Course(
        steps=[step for step, _ in best.evaluations],
        train=torch.stack(train),
        validation=torch.stack(validation),
        settled=stopping.is_due or not trainer.indices,
    )


def says_nothing(scores: Tensor) -> bool:
    """Tell whether critics score all pairs alike: ``(R, N, N)``.

    Example:
        >>> says_nothing(torch.ones(2, 3, 3)), says_nothing(torch.eye(3).expand(2, 3, 3))
        (True, False)
    """
    return bool((scores == scores[:, :1, :1]).all())


def _rows_of_each(sides: Sequence[RefitCritic], rows: Sequence[Indices]) -> tuple[Tensor, Tensor]:
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
