"""What is measured while encoders train: bounds, codes, and reasons for care."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.bounds import Bound
from infomax.data.rows import Places
from infomax.data.validation_split import RowSplit
from infomax.errors import UserError
from infomax.evaluation import (
    BatchMean,
    alignment,
    collapse_sign,
    effective_rank,
    encode,
    fit_probe,
    jacobian_singular_values,
    log_condition_numbers,
    means_over_batches,
    neighbours_accuracy,
    uniformity,
)
from infomax.records import Split
from infomax.runs.cautions import (
    CodesCollapsedWarning,
    NearCeilingWarning,
    PartingWarning,
    TrainingWarning,
)
from infomax.runs.pair_source import PairSource
from infomax.score_matrix import Scores
from infomax.training import BatchPlan, PairModel, generator_for, unshared_scores

__all__ = ["Look", "Looks", "Measured"]

_NEAR_CEILING_NATS = 0.3
_PARTING_NATS = 0.3
_CAPPED = ("infonce", "infonce-columns", "infonce-symmetric")
_MOST_PROBED = 5_000
_MOST_CODES = 2_000
_JACOBIANS = 8


@dataclass(frozen=True)
class Measured:
    """A value, and what it is a value of."""

    split: Split
    metric: str
    value: float


@dataclass(frozen=True)
class Look:
    """What one look found.

    Attributes:
        step: updates made before it.
        measured: all values.
        validation_bound: held-out bound in nats; NaN without validation pairs.
        cautions: reasons for care.
    """

    step: int
    measured: tuple[Measured, ...]
    validation_bound: float
    cautions: tuple[TrainingWarning, ...]


class Looks:
    """Looks at a model in training, always at the same pairs.

    Args:
        model: under training.
        bound: to read.
        source: of the pairs.
        split: which of them are trained on and which validate; no validation places, no look at
            what was not trained on.
        batch_size: pairs in a batch, on which the ceiling of InfoNCE depends.
        plan: how batches are worked through.
        labels: of all items, for the probes; ``None`` without.
        seed: of what is random in views.

    Raises:
        UserError: if there are fewer validation pairs than two batches, or labels that no probe can
            learn.
    """

    def __init__(
        self,
        model: PairModel,
        bound: Bound,
        source: PairSource,
        split: RowSplit,
        batch_size: int,
        *,
        plan: BatchPlan,
        labels: NDArray[np.int64] | None,
        seed: int,
    ) -> None:
        self._model = model
        self._bound = bound
        self._source = source
        self._batch_size, self._plan = batch_size, plan
        self._seed = seed
        # In an order of their own: rows that lie side by side are often alike.
        generator = np.random.default_rng(seed)
        self._train = generator.permutation(split.train)
        self._validation = generator.permutation(split.validation)
        whole = len(self._validation) // batch_size
        if len(self._validation) and whole < 2:
            raise UserError(
                f"{len(self._validation)} validation pairs are fewer than two batches of "
                f"{batch_size}: keep more of the data for validation, or make the batch smaller"
            )
        self._in_batches = self._validation[: whole * batch_size]
        self._probed = None
        if labels is not None and len(self._validation):
            self._probed = _probed(
                labels, self._train[:_MOST_PROBED], self._validation[:_MOST_CODES]
            )

    @property
    def validates(self) -> bool:
        """Whether there are pairs that are not trained on."""
        return len(self._in_batches) > 0

    @torch.no_grad()
    def look(self, step: int, estimates: Tensor) -> Look:
        """Measure the model as it is.

        Args:
            step: updates made so far.
            estimates: of the updates since the look before, in nats: ``(updates,)``.
        """
        training_bound = float(estimates.mean()) if len(estimates) else math.nan
        measured = [Measured("train", "bound", training_bound)]
        cautions: list[TrainingWarning] = []
        validation_bound = math.nan
        if len(self._in_batches):
            views = generator_for(self._seed, "views of validation")
            batches = self._source.pairs(self._in_batches, self._batch_size, views)
            read = {"bound": self._bound.read}
            held_out = means_over_batches(self._scores, batches, read)["bound"]
            validation_bound = held_out.mean
            measured += [
                Measured("test", "bound", held_out.mean),
                Measured("test", "bound_low", held_out.low),
                Measured("test", "bound_high", held_out.high),
            ]
            cautions += self._cautions_of_bounds(training_bound, held_out)
        measured += self._codes(cautions)
        if self._probed is not None:
            measured += self._probes(self._probed)
        return Look(step, tuple(measured), validation_bound, tuple(cautions))

    def _scores(self, x: Tensor, y: Tensor) -> Scores:
        return unshared_scores(self._model, x, y, self._plan)

    def _cautions_of_bounds(self, training: float, held_out: BatchMean) -> list[TrainingWarning]:
        found: list[TrainingWarning] = []
        ceiling = math.log(self._batch_size)
        if self._bound.name in _CAPPED and held_out.mean > ceiling - _NEAR_CEILING_NATS:
            found.append(
                NearCeilingWarning(
                    f"the bound on validation pairs is {held_out.mean:.2f} nats and cannot exceed "
                    f"log {self._batch_size} = {ceiling:.2f}: it says no more than that the views "
                    "share that much; a larger batch lifts the ceiling"
                )
            )
        # Beyond what another draw of so few batches could explain.
        if training - held_out.high > _PARTING_NATS:
            found.append(
                PartingWarning(
                    f"the bound is {training:.2f} nats on training pairs, {held_out.mean:.2f} on "
                    "validation pairs: the encoders learn the pairs by heart; stop earlier "
                    "(patience), decay weights, or bring more pairs"
                )
            )
        return found

    def _codes(self, cautions: list[TrainingWarning]) -> Sequence[Measured]:
        places = (self._validation if len(self._validation) else self._train)[:_MOST_CODES]
        split: Split = "test" if len(self._validation) else "train"
        views = generator_for(self._seed, "views of codes")
        x_codes, y_codes = [], []
        for x, y in self._source.pairs(places, self._batch_size, views):
            x_codes.append(encode(self._model.x_encoder, x))
            y_codes.append(encode(self._model.y_encoder, y))
        x_code, y_code = torch.cat(x_codes), torch.cat(y_codes)
        if sign := collapse_sign(x_code):
            cautions.append(CodesCollapsedWarning(f"codes have collapsed: {sign}"))
        first = next(iter(self._source.pairs(places[:_JACOBIANS], _JACOBIANS, views)))[0]
        condition = log_condition_numbers(jacobian_singular_values(self._model.x_encoder, first))
        values = {
            "uniformity": uniformity(x_code),
            "effective_rank": effective_rank(x_code),
            "log_condition_number_p50": float(condition.median()),
        }
        if x_code.shape == y_code.shape:
            values["alignment"] = alignment(x_code, y_code)
        return [Measured(split, name, value) for name, value in values.items()]

    def _probes(self, labels: "_ProbedLabels") -> Sequence[Measured]:
        codes = self._clean_codes(labels.train_places), labels.train
        held_out = self._clean_codes(labels.held_out_places), labels.held_out
        accuracy = fit_probe(*codes, seed=self._seed).accuracy(*held_out)
        return [
            Measured("test", "probe_accuracy", accuracy),
            Measured("test", "neighbours_accuracy", neighbours_accuracy(*codes, *held_out)),
        ]

    def _clean_codes(self, places: Places) -> Tensor:
        views = self._source.clean_views(places, self._batch_size)
        return torch.cat([encode(self._model.x_encoder, some) for some in views])


@dataclass(frozen=True, eq=False)
class _ProbedLabels:
    """Which places the probes are fitted on and held out, and classes counted from 0 of each."""

    train_places: Places
    train: NDArray[np.int64]
    held_out_places: Places
    held_out: NDArray[np.int64]


def _probed(labels: NDArray[np.int64], train: Places, held_out: Places) -> _ProbedLabels:
    classes, sizes = np.unique(labels[train], return_counts=True)
    # A class with a single code cannot be learned and checked: its held-out codes count as
    # mistaken, as do those of classes that no training pair has.
    learnt = classes[sizes > 1]
    if len(learnt) < 2:
        raise UserError(
            f"of {len(classes)} classes that the labels hold, {len(learnt)} have two pairs to "
            "train on: a probe needs two such classes; leave the labels out"
        )
    train = train[np.isin(labels[train], learnt)]
    numbers = {label: number for number, label in enumerate(learnt.tolist())}
    of_train, of_held_out = (
        np.array([numbers.get(label, -1) for label in labels[places].tolist()])
        for places in (train, held_out)
    )
    return _ProbedLabels(train, of_train, held_out, of_held_out)
