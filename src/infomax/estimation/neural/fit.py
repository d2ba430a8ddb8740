"""Refits of a critic on pairs, and what their mean critic says of pairs that none of them saw."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from infomax.bounds import Bound, LikelihoodBound
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.neural.beginnings import Beginning, best_beginning, in_batches
from infomax.estimation.neural.critic import CriticMaker, RefitCritic, sum_critics
from infomax.estimation.split import Split
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

    @property
    def rose(self) -> bool:
        """Whether any refit's validation value was ever above what it began with."""
        return bool((self.validation > self.validation[0]).any())


def _joined(courses: Sequence[Course]) -> Course:
    """Join the courses of parts that were trained one after the other.

    A later part begins where the one before was best, which is no validation of its own.
    """
    ends = list(itertools.accumulate((course.steps[-1] for course in courses), initial=0))
    return Course(
        steps=[
            before + step
            for nth, (before, course) in enumerate(zip(ends, courses, strict=False))
            for step in course.steps[min(nth, 1) :]
        ],
        train=torch.cat([course.train[min(nth, 1) :] for nth, course in enumerate(courses)]),
        validation=torch.cat(
            [course.validation[min(nth, 1) :] for nth, course in enumerate(courses)]
        ),
        settled=all(course.settled for course in courses),
    )


@dataclass(frozen=True, eq=False)
class NeuralFit:
    """Critics of all refits, trained, and their scores.

    Attributes:
        bound: that was trained.
        test_scores: of each refit on the test pairs: ``(R, K, K)``.
        course: how the training went, in estimates of the bound.
        validation_scores: of each refit on its validation pairs, in batches: ``(R, B, V, V)``.
        train_estimate: the bound on as many training pairs as there are test pairs, averaged over
            refits.
        beginnings: the closed forms that the critics could begin as; empty where there was one way.
    """

    bound: Bound
    test_scores: Tensor = field(repr=False)
    course: Course = field(repr=False)
    validation_scores: Tensor = field(repr=False)
    train_estimate: float
    beginnings: tuple[Beginning, ...] = field(default=(), repr=False)

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
    corrections: Sequence[CriticMaker],
    *,
    beginnings: Sequence[Beginning] = (),
    seed: int,
    progress: StagedProgress,
) -> NeuralFit:
    """Train the critics of all refits side by side, each on its own rows, part after part.

    A critic begins as the closed form that holds most of validation pairs. To it corrections are
    added, one after the other, from those that assume much to those that assume little: each is
    trained until validation pairs say no more, while the parts before it stay as they are. A
    correction that validation pairs never bear out is left out, so that none makes a critic worse.

    Source: Friedman (2001), for fitting what earlier parts have left, part by part.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        split: which rows are whose.
        bound: to train by.
        corrections: each makes a part of the critic of every refit, and fits whatever that begins
            with on the training rows.
        beginnings: the closed forms to choose from; by default critics begin as 0.
        seed: of weights and batches.
        progress: is told of each validation.
    """
    chosen = best_beginning(beginnings).parts if beginnings else ()
    parts = [[part] for part in chosen] or [[] for _ in split.refits]
    courses: list[Course] = []
    progress.start("training critics until they settle", _MOST_STEPS * len(corrections))
    for nth, make in enumerate(corrections):
        made = make(x, y, split.refits, seed)
        for part, kept in zip(made, parts, strict=True):
            kept.append(part)
        training, course = _train_last_part(
            parts,
            split,
            bound,
            [
                generator_for(seed, f"batches of refit {index}, part {nth}")
                for index in range(len(parts))
            ],
            partial(_advance, progress, nth * _MOST_STEPS),
        )
        courses.append(course)
        for part in made:
            part.critic.requires_grad_(False)
        # A correction that begins as 0 and never rises is 0.
        if nth < len(corrections) - 1 and not course.rose:
            for kept in parts:
                kept.pop()
    sides = [sum_critics(kept, len(x), shift=bound.optimal_shift) for kept in parts]
    train, test = (
        _rows_of_each(sides, rows)
        for rows in (
            [refit.train[: len(split.test)] for refit in split.refits],
            [split.test] * len(sides),
        )
    )
    return NeuralFit(
        bound=bound,
        test_scores=training.scores(*test),
        course=_joined(courses),
        validation_scores=training.scores(*_validation(sides, split)),
        train_estimate=float(bound.estimate(training.scores(*train)).mean()),
        beginnings=tuple(beginnings),
    )


def _train_last_part(
    parts: Sequence[Sequence[RefitCritic]],
    split: Split,
    bound: Bound,
    generators: Sequence[torch.Generator],
    advance: Callable[[int], None],
) -> tuple[PairTraining[Any], Course]:
    """Train the last part of each refit's critic; the others have no gradients."""
    sides = [sum_critics(kept, len(kept[0].x), shift=bound.optimal_shift) for kept in parts]
    train = _rows_of_each(sides, [refit.train for refit in split.refits])
    training = PairTraining(
        [side.critic for side in sides],
        SeparateBatches(*train, min(_BATCH_SIZE, train[0].shape[1]), generators),
        Objective(bound),
        optimizer=OptimizerConfig(_LEARNING_RATE),
    )
    # An estimate from a density says nothing of how good it is: its likelihood does.
    validated = bound.objective if isinstance(bound, LikelihoodBound) else bound.estimate
    validation = _validation(sides, split)

    def validate(step: int) -> Tensor:
        advance(step)
        return validated(training.scores(*validation)).mean(dim=-1)

    course = train_until_settled(
        training,
        validate,
        most_steps=_MOST_STEPS,
        evaluate_every=_EVALUATE_EVERY,
        patience=_PATIENCE,
    )
    return training, course


def _advance(progress: StagedProgress, before: int, step: int) -> None:
    progress.advance(before + step)


def _validation(sides: Sequence[RefitCritic], split: Split) -> tuple[Tensor, Tensor]:
    rows = _rows_of_each(sides, [refit.validation for refit in split.refits])
    return in_batches(rows[0]), in_batches(rows[1])


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
