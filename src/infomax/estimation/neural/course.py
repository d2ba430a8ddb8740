"""Training of refits side by side until none gets better, and how it went."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from infomax.training import (
    BestWeights,
    EarlyStopping,
    PairTraining,
    ScheduledEvaluation,
    Trainer,
)

__all__ = ["Course", "join_courses", "train_until_settled"]


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

    @property
    def gain(self) -> float:
        """How far above what it began with a refit's best validation value is on average."""
        return float((self.validation.max(dim=0).values - self.validation[0]).mean())


def join_courses(courses: Sequence[Course]) -> Course:
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


def train_until_settled(
    training: PairTraining[Any],
    validate: Callable[[int], Tensor],
    *,
    most_steps: int,
    evaluate_every: int,
    patience: int,
    least_gain: float = 0.0,
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
        least_gain: how much better a new best has to be for training to go on for it; what is less
            than that is kept, but not waited for.
    """
    train: list[Tensor] = []
    validation: list[Tensor] = []

    def evaluate(step: int, _indices: Sequence[int]) -> list[float]:
        before = best.evaluations[-1][0] if best.evaluations else 0
        train.append(training.training_curve()[before:].mean(dim=0))
        validation.append(validate(step).detach().cpu())
        return validation[-1].tolist()

    best = BestWeights(lambda values: values)
    stopping = EarlyStopping(best, patience, least_gain=least_gain)
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
