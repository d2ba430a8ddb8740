"""Encoders beside those that are audited, trained until their held-out bound is at a target."""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.audited_encoders import AuditedEncoders
from infomax.audit.probed_rows import ProbedRows
from infomax.audit.simple_critic import CHOSEN_AT, fit_simple_critic, held_out_bound
from infomax.evaluation import BatchMean, encode, fit_probe
from infomax.experiments.build import ModelConfig, build_model, build_objective
from infomax.processes import Processes
from infomax.training import (
    Callback,
    OptimizerConfig,
    PairModel,
    PairTraining,
    TimeLimit,
    Trainer,
    generator_for,
)

__all__ = ["MOST_SECONDS", "MOST_STEPS", "MatchedCodes", "other_architecture", "train_to_bound"]

MOST_STEPS: Final = 600
"""Updates of one training, at most."""

MOST_SECONDS: Final = 25.0
"""Seconds of one training, at most; where they end it, that is said."""

_GROWTH: Final = 1.4
_SMALLEST_IMAGE: Final = 12
_IMAGE_AXES: Final = 3
_WIDTH: Final = 300


@dataclass(frozen=True, eq=False)
class MatchedCodes:
    """What the simple critic and the linear probe read of codes.

    Attributes:
        bound: InfoNCE of held-out pairs, in nats.
        named: what the linear probe named held-out pairs, ``(m,)``.
        step: updates of the weights that made the codes; -1 of the audited ones.
        ended: why the training ended; empty of the audited ones.
    """

    bound: BatchMean
    named: NDArray[np.int64] = field(repr=False)
    step: int = -1
    ended: str = ""

    @classmethod
    def of(cls, codes: AuditedCodes, rows: ProbedRows) -> "MatchedCodes":
        """Read codes that are there."""
        return cls(_bound(codes), _named(codes, rows))


def other_architecture(
    encoders: AuditedEncoders, code_size: int, seed: int
) -> tuple[str, PairModel]:
    """Return another architecture in words, and a model of it with fresh weights.

    Beside a convolutional encoder it is an MLP; beside others a ConvNet where views are images of
    12 x 12 pixels and more, and else an MLP of another depth.

    Args:
        encoders: that are audited.
        code_size: of their codes.
        seed: of the weights.
    """
    shapes = (encoders.pairs.x_shape, encoders.pairs.y_shape)
    layers = list(encoders.x.modules())
    convolves = any(isinstance(each, nn.Conv1d | nn.Conv2d | nn.Conv3d) for each in layers)
    if not convolves and all(
        len(shape) == _IMAGE_AXES and min(shape[:2]) >= _SMALLEST_IMAGE for shape in shapes
    ):
        return "a ConvNet", build_model(ModelConfig("convnet", seed=seed), shapes)
    one_hidden = sum(isinstance(each, nn.Linear) for each in layers) == 2
    hidden = 2 if convolves or one_hidden else 1
    options = {"layer_sizes": [_WIDTH] * hidden + [code_size]}
    told = f"an MLP with {hidden} hidden layer{'s' if hidden > 1 else ''} of {_WIDTH} units"
    return told, build_model(ModelConfig("mlp", encoder_options=options, seed=seed), shapes)


def train_to_bound(
    model: PairModel, codes: AuditedCodes, rows: ProbedRows, target: float
) -> MatchedCodes:
    """Train a model on pairs that are not audited, until its held-out bound is at a target.

    The bound is read before the first update and after 1, 2, 3, 4, 6 ... of them. Of the weights
    before and behind the target those nearer to it are kept.

    Args:
        model: with fresh weights.
        codes: that are audited, with encoders and raw views.
        rows: that are probed.
        target: nats at which to stop.

    Raises:
        ValueError: if codes know no encoders.
    """
    encoders = codes.encoders
    if encoders is None:
        raise ValueError("codes without encoders have no training")
    batches = encoders.pairs.batches(
        encoders.others,
        min(encoders.batch_size, len(encoders.others)),
        order=generator_for(codes.seed, "order of a matched training"),
        views=generator_for(codes.seed, "views of a matched training"),
        processes=Processes(),
    )
    training = PairTraining(
        [model],
        batches,
        build_objective(encoders.bound),
        optimizer=OptimizerConfig(encoders.learning_rate),
    )
    nearest = _NearestToTarget(model, codes, target)
    trainer = Trainer(MOST_STEPS, [TimeLimit(MOST_SECONDS), nearest])
    trainer.fit(training)
    ended = trainer.stop_reason or f"all {MOST_STEPS} updates were made"
    if trainer.failures:
        ended = trainer.failures[0].reason
    return MatchedCodes(nearest.bound, _named(nearest.codes, rows), nearest.step, ended)


class _NearestToTarget(Callback):
    """Keeps the codes whose bound is nearest to a target, and stops where it is reached."""

    bound: BatchMean

    def __init__(self, model: PairModel, codes: AuditedCodes, target: float) -> None:
        self._model, self._audited, self._target = model, codes, target
        self._off = math.inf
        self.codes, self.step = codes, -1

    @property
    def stops(self) -> set[int]:
        """Numbers of updates that grow by two fifths."""
        found, step = {0}, 1.0
        while step < MOST_STEPS:
            found.add(round(step))
            step = max(step + 1, step * _GROWTH)
        return found

    def on_block_end(self, trainer: Trainer) -> None:
        """Read the bound, and stop where it is reached."""
        if self._audited.raw is None:
            raise ValueError("codes without raw views have no others")
        x, y = (
            encode(encoder, of_side).double()
            for encoder, of_side in zip(
                (self._model.x_encoder, self._model.y_encoder), self._audited.raw, strict=True
            )
        )
        if not (x.isfinite().all() and y.isfinite().all()):
            trainer.stop("codes are no longer finite")
            return
        codes = dataclasses.replace(self._audited, x=x, y=y)
        bound = _bound(codes)
        if abs(bound.mean - self._target) < self._off:
            self._off = abs(bound.mean - self._target)
            self.bound, self.codes, self.step = bound, codes, trainer.step
        if bound.mean >= self._target:
            trainer.stop("the target is reached")


def _bound(codes: AuditedCodes) -> BatchMean:
    size = min(CHOSEN_AT, len(codes.held_out) // 2)
    return held_out_bound(fit_simple_critic(codes), codes, size)


def _named(codes: AuditedCodes, rows: ProbedRows) -> NDArray[np.int64]:
    probe = fit_probe(codes.x[rows.fitted], rows.fitted_labels, seed=codes.seed)
    named: NDArray[np.int64] = probe.predict(codes.x[rows.held_out]).numpy()
    return named
