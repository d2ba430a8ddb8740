"""Refits of a critic on pairs, and what their mean critic says of pairs that none of them saw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.bounds import Bound
from infomax.estimation.critic import CopulaRatio, CorrectedCritic, SeparableNetworks
from infomax.estimation.elliptical import EllipticalDependence, fit_elliptical_copula
from infomax.estimation.margins import fitted_scaling
from infomax.estimation.split import Refit, Split
from infomax.training import (
    Course,
    Objective,
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
# What the best critic of a bound has beside the log density ratio.
_SHIFTS = {"nwj": 1.0}


@dataclass(frozen=True, eq=False)
class NeuralFit:
    """Critics of all refits, trained, and their scores.

    Attributes:
        bound: that was trained.
        test_scores: of each refit on the test pairs: ``(R, K, K)``.
        course: how the training went, in the bound that is read.
        validation_scores: of each refit on its validation pairs, in batches: ``(R, B, V, V)``.
        untrained_validation_scores: the same before training, where a critic is its copula.
        train_read: the bound on as many training pairs as there are test pairs, mean over refits.
    """

    bound: Bound
    test_scores: Tensor
    course: Course
    validation_scores: Tensor
    untrained_validation_scores: Tensor
    train_read: float

    @property
    def mean_scores(self) -> Tensor:
        """Scores of the mean critic on the test pairs: ``(K, K)``."""
        return self.test_scores.mean(dim=0)

    @property
    def value(self) -> float:
        """The bound of the mean critic on the test pairs, in nats."""
        return float(self.bound.read(self.mean_scores))

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
    *,
    scaling: str,
    seed: int,
) -> NeuralFit:
    """Train the critics of all refits side by side, each on its own rows.

    All that is fitted for a refit, scaling and copula too, is fitted on its training rows. The
    copula is where its critic begins, and as good a place as any where columns are discrete: the
    bounds hold for every critic.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        split: which rows are whose.
        bound: to train by.
        scaling: of what the networks see, by name.
        seed: of weights and batches.
    """
    sides = [_prepared(x, y, refit, scaling) for refit in split.refits]
    gaussian = all(math.isinf(side.copula.degrees_of_freedom) for side in sides)
    critics = [
        CorrectedCritic(
            SeparableNetworks(
                x.shape[1], y.shape[1], generator_for(seed, f"critic of refit {place}")
            ),
            CopulaRatio(side.copula, gaussian=gaussian, shift=_SHIFTS.get(bound.name, 0.0)),
        )
        for place, side in enumerate(sides)
    ]
    train = _rows_of_each(sides, [refit.train for refit in split.refits])
    validation = _rows_of_each(sides, [refit.validation for refit in split.refits])
    test = _rows_of_each(sides, [split.test] * len(sides))
    training = PairTraining(
        critics,
        SeparateBatches(
            *train,
            min(_BATCH_SIZE, train[0].shape[1]),
            [generator_for(seed, f"batches of refit {place}") for place in range(len(sides))],
        ),
        Objective(bound),
        learning_rate=_LEARNING_RATE,
    )
    in_batches = [_cut(side, _VALIDATION_BATCH) for side in validation]

    def validate() -> Tensor:
        return bound.read(training.scores(*in_batches)).mean(dim=-1)

    untrained = training.scores(*in_batches)
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
        train_read=float(bound.read(training.scores(*as_many)).mean()),
    )


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What the critic of one refit sees of all rows, as scaled and fitted by its training rows."""

    x: Tensor
    y: Tensor
    copula: EllipticalDependence


def _prepared(x: Array, y: Array, refit: Refit, scaling: str) -> _Prepared:
    seen = [fitted_scaling(scaling, side[refit.train])(side) for side in (x, y)]
    fitted = fit_elliptical_copula(x[refit.train], y[refit.train])
    behind = fitted.margins(np.hstack([x, y]))
    of_x, of_y = np.split(behind, [x.shape[1]], axis=1)
    return _Prepared(
        _tensor(np.hstack([seen[0], of_x])), _tensor(np.hstack([seen[1], of_y])), fitted
    )


def _tensor(values: Array) -> Tensor:
    return torch.from_numpy(values).to(torch.get_default_dtype())


def _rows_of_each(
    sides: Sequence[_Prepared], rows: Sequence[NDArray[np.int64]]
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
