"""Refits of a critic on pairs, and what their mean critic says of pairs that none of them saw."""

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
from infomax.estimation.neural.course import Course, join_courses, train_until_settled
from infomax.estimation.neural.critic import CriticMaker, RefitCritic, sum_critics
from infomax.estimation.split import Split
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairTraining,
    SeparateBatches,
    StagedProgress,
    generator_for,
)

__all__ = ["NeuralFit", "fit_neural", "says_nothing"]

_BATCH_SIZE = 128
_LEARNING_RATE = 5e-3
_MOST_STEPS = 4000
_EVALUATE_EVERY = 100
_PATIENCE = 3
# Validation values of critics that have settled scatter by less: of several refits one would have
# a new best every few hundred updates.
_LEAST_GAIN_NATS = 0.003


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
        borne_out: of each correction, whether validation pairs read more with it, by 0.003 nats on
            average over refits.
    """

    bound: Bound
    test_scores: Tensor = field(repr=False)
    course: Course = field(repr=False)
    validation_scores: Tensor = field(repr=False)
    train_estimate: float
    beginnings: tuple[Beginning, ...] = field(default=(), repr=False)
    borne_out: tuple[bool, ...] = ()

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
    patience: int = _PATIENCE,
    most_steps: int = _MOST_STEPS,
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
        corrections: none, or each makes a part of the critic of every refit, and fits whatever that
            begins with on the training rows.
        beginnings: the closed forms to choose from; by default critics begin as 0.
        seed: of weights and batches.
        progress: is told of each validation.
        patience: number of validations without a new best after which a part is settled.
        most_steps: number of updates after which a part is taken as it is.
    """
    chosen = best_beginning(beginnings).parts if beginnings else ()
    parts = [[part] for part in chosen] or [[] for _ in split.refits]
    courses: list[Course] = []
    training: PairTraining[Any] | None = None
    progress.start("training critics until they settle", most_steps * len(corrections))
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
            partial(_advance, progress, nth * most_steps),
            patience=patience,
            most_steps=most_steps,
        )
        courses.append(course)
        for part in made:
            part.critic.requires_grad_(False)
        # A correction that begins as 0 and never rises is 0.
        if nth < len(corrections) - 1 and not course.rose:
            for kept in parts:
                kept.pop()
    sides = [sum_critics(kept, len(x), shift=bound.optimal_shift) for kept in parts]
    scores_of: Callable[[Tensor, Tensor], Tensor] = (
        training.scores if training is not None else partial(_scores, sides)
    )
    train, test = (
        _rows_of_each(sides, rows)
        for rows in (
            [refit.train[: len(split.test)] for refit in split.refits],
            [split.test] * len(sides),
        )
    )
    validation_scores = scores_of(*_validation(sides, split))
    return NeuralFit(
        bound=bound,
        test_scores=scores_of(*test),
        course=join_courses(courses) if courses else _untrained(bound, validation_scores),
        validation_scores=validation_scores,
        train_estimate=float(bound.estimate(scores_of(*train)).mean()),
        beginnings=tuple(beginnings),
        borne_out=tuple(each.gain > _LEAST_GAIN_NATS for each in courses),
    )


def _train_last_part(
    parts: Sequence[Sequence[RefitCritic]],
    split: Split,
    bound: Bound,
    generators: Sequence[torch.Generator],
    advance: Callable[[int], None],
    *,
    patience: int,
    most_steps: int,
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
        most_steps=most_steps,
        evaluate_every=_EVALUATE_EVERY,
        patience=patience,
        least_gain=_LEAST_GAIN_NATS,
    )
    return training, course


def _untrained(bound: Bound, validation_scores: Tensor) -> Course:
    values = bound.estimate(validation_scores).mean(dim=-1)[None]
    return Course([0], torch.full_like(values, torch.nan), values, settled=True)


@torch.no_grad()
def _scores(sides: Sequence[RefitCritic], x: Tensor, y: Tensor) -> Tensor:
    """Return the scores of critics of which nothing is trained: ``(R, ..., N, N)``."""
    each = zip(sides, x, y, strict=True)
    return torch.stack([side.critic(of_x, of_y) for side, of_x, of_y in each])


def _advance(progress: StagedProgress, before: int, step: int) -> None:
    progress.advance(before + step)


def _validation(sides: Sequence[RefitCritic], split: Split) -> tuple[Tensor, Tensor]:
    rows = _rows_of_each(sides, [refit.validation for refit in split.refits])
    return in_batches(rows[0]), in_batches(rows[1])


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
