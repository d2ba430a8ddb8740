"""What a bound shows on pixels: a model trained on fresh pairs, read on images held out."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from infomax.bounds import Kind, find_bound
from infomax.encoders import ViewShape
from infomax.errors import UserError
from infomax.evaluation import means_over_batches
from infomax.experiments.build import ModelConfig, build_model
from infomax.experiments.train import train
from infomax.training import OptimizerConfig, PairModel, generator_for
from infomax.warnings import InfomaxWarning

__all__ = ["BATCH_SIZE", "ModelMaker", "PairDraw", "PixelReading", "perceptrons", "read_pixels"]

BATCH_SIZE = 256
"""Pairs in a batch of the training."""

_VALIDATION_PAIRS = 2048
_READ_BATCHES = 2
# Each takes as long as twenty updates of small networks.
_EVALUATIONS = 5
_LEARNING_RATE = 3e-3
_LAYER_SIZES = (512, 64)

PairDraw: TypeAlias = Callable[[str, int, torch.Generator], tuple[Tensor, Tensor]]
"""Draws pairs of one split, ``"train"`` or ``"test"``: x ``(N, ...)`` and y ``(N, ...)``."""

ModelMaker: TypeAlias = Callable[[tuple[ViewShape, ViewShape], int], PairModel]
"""From the shapes of an x and a y and a seed to a model with weights to train."""


@dataclass(frozen=True)
class PixelReading:
    """What a bound shows of held-out images, in nats.

    Attributes:
        value: mean over batches of test images.
        low: lower end of its 95 % interval over test pairs; it knows nothing of other trainings.
        high: upper end.
        kind: side of the information on which the bound stands.
        seconds: that training and reading took.
        warnings: names of the types of warnings that came up.
    """

    value: float
    low: float
    high: float
    kind: Kind
    seconds: float
    warnings: tuple[str, ...]


def perceptrons(shapes: tuple[ViewShape, ViewShape], seed: int) -> PairModel:
    """Make dense layers of 512 and 64 for each side and a separable critic.

    Args:
        shapes: of an x and of a y.
        seed: of the weights.
    """
    layers = {"layer_sizes": _LAYER_SIZES}
    return build_model(ModelConfig("mlp", "separable", encoder_options=layers, seed=seed), shapes)


def read_pixels(
    draw: PairDraw,
    *,
    pairs: int,
    bound: str,
    seed: int,
    make_model: ModelMaker = perceptrons,
    read_size: int = 2048,
) -> PixelReading:
    """Train a model on fresh pairs, and read the bound on others.

    Adam at a rate that falls from 0.003 to 0 along half a cosine, batches of 256; the weights are
    those of the best of five evaluations on 2,048 more pairs of training images. The reading is the
    mean over two batches of pairs of test images, which nothing was chosen by.

    Args:
        draw: draws pairs of training or of test images.
        pairs: number of pairs to train on, each drawn once.
        bound: name of a bound, to train by and to read.
        seed: of weights, pairs and order.
        make_model: makes what is trained.
        read_size: pairs in each batch that is read: InfoNCE cannot pass the log of them.

    Raises:
        UserError: if there are too few pairs for a batch, or the bound is unknown.
    """
    if pairs < BATCH_SIZE:
        raise UserError(f"{pairs} pairs to train on: give at least {BATCH_SIZE}, a batch")
    chosen = find_bound(bound)
    start = time.perf_counter()
    validation = draw("train", _VALIDATION_PAIRS, generator_for(seed, "validation pairs"))
    shapes = (tuple(validation[0].shape[1:]), tuple(validation[1].shape[1:]))
    steps = pairs // BATCH_SIZE
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InfomaxWarning)
        trained = train(
            DataLoader(_FreshBatches(draw, generator_for(seed, "batches")), batch_size=None),
            make_model(shapes, seed),
            chosen,
            optimizer=OptimizerConfig(_LEARNING_RATE, cosine_steps=steps),
            steps=steps,
            validation=validation,
            evaluate_every=max(steps // _EVALUATIONS, 1),
            jacobian_images=0,
            random_state=seed,
        )
    x, y = draw("test", read_size * _READ_BATCHES, generator_for(seed, "test pairs"))
    batches = zip(x.split(read_size), y.split(read_size), strict=True)
    ceilings = {"bound": chosen.ceiling(read_size)}
    means = means_over_batches(
        trained.model, batches, {"bound": chosen.estimate}, ceilings=ceilings
    )
    mean = means["bound"]
    names = dict.fromkeys(
        each.category.__name__ for each in caught if issubclass(each.category, InfomaxWarning)
    )
    seconds = time.perf_counter() - start
    return PixelReading(mean.mean, mean.low, mean.high, chosen.kind, seconds, tuple(names))


class _FreshBatches(IterableDataset[Any]):
    """An endless stream of batches that are drawn as they are asked for."""

    def __init__(self, draw: PairDraw, generator: torch.Generator) -> None:
        super().__init__()
        self._draw, self._generator = draw, generator

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield self._draw("train", BATCH_SIZE, self._generator)
