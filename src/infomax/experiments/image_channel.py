"""Images whose information is known: rows of digits 0 and 1, some of which were turned over."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from infomax.data import DATASETS, ImageDataset
from infomax.errors import UserError
from infomax.experiments.pixel_information import read_pixels
from infomax.information import NATS_OF
from infomax.truth_table import TruthRow

__all__ = ["IMAGE_TASKS", "ImageChannel", "measure_images"]


@dataclass(frozen=True)
class ImageChannel:
    r"""Draws pairs of images of ten digits each, of which y has some classes turned over.

    .. math:: B \sim U\{0, 1\}^k, \quad B'_i = B_i \oplus F_i, \quad P(F_i = 1) = \beta, \quad
              I(X; Y) = k \bigl(\log 2 - H(\beta)\bigr)

    X shows for each bit of B a digit of that class side by side, Y one for each of B'; which
    digit is drawn for each side by itself. An image tells its bits, so the information of the
    images is that of the bits. MNIST is taken at 14 x 14: 14 x 140 pixels with ten sources.

    Source: Lee and Rhee (2024), section 4 (binary symmetric channel), who take 28 x 28.

    Args:
        name: what it is called.
        bits: I(X; Y), in bits, at most as many as there are sources.
        sources: k, digits in an image.

    Raises:
        UserError: if the bits are not positive or more than the sources.

    Example:
        >>> channel = ImageChannel("example", bits=4.0)
        >>> round(channel.crossover, 4), round(channel.mutual_information, 4)
        (0.1461, 2.7726)
    """

    name: str
    bits: float
    sources: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.bits <= self.sources:
            raise UserError(
                f"{self.name!r} is to hold {self.bits} bits in {self.sources} sources: give a "
                "positive number of at most as many"
            )

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return self.sources * (math.log(2) - _entropy(self.crossover))

    @cached_property
    def crossover(self) -> float:
        """How often a class is turned over."""
        each = self.bits / self.sources * NATS_OF["bits"]
        if self.bits == self.sources:
            return 0.0
        return float(brentq(lambda turned: math.log(2) - _entropy(turned) - each, 1e-15, 0.5))

    def draw(
        self, images: ImageDataset, split: str, count: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Draw pairs of one split: x and y of shape ``(N, 14, 14 k)`` each, between 0 and 1."""
        pixels, labels = {
            "train": (images.train_images, images.train_labels),
            "test": (images.test_images, images.test_labels),
        }[split]
        shape = (count, self.sources)
        of_x = torch.rand(shape, generator=generator) < 0.5
        of_y = of_x ^ (torch.rand(shape, generator=generator) < self.crossover)
        digits = [torch.from_numpy(np.flatnonzero(labels == each)) for each in (0, 1)]
        all_pixels = torch.from_numpy(pixels)[..., 0]

        def shown(bits: Tensor) -> Tensor:
            zeros, ones = (
                each[torch.randint(len(each), shape, generator=generator)] for each in digits
            )
            rows = all_pixels[torch.where(bits, ones, zeros)].float() / images.brightest
            # (N, k, height, width) -> (N, height, k width)
            return rows.movedim(1, 2).flatten(2)

        return shown(of_x), shown(of_y)


IMAGE_TASKS: dict[str, ImageChannel] = {
    f"images-{bits}-bits": ImageChannel(f"images-{bits}-bits", float(bits))
    for bits in (2, 4, 6, 8, 10)
}
"""The channels of Lee and Rhee (2024), by name."""


def measure_images(task: str, *, samples: int, bound: str = "infonce", seed: int = 0) -> TruthRow:
    """Train on pairs of images of known information, and return what the bound shows of others.

    Args:
        task: name in ``IMAGE_TASKS``.
        samples: number of pairs to train on, each drawn once.
        bound: name of a bound, to train by and to read.
        seed: of weights, pairs and order.
    """
    channel, images = IMAGE_TASKS[task], DATASETS["mnist-14"]()

    def draw(split: str, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return channel.draw(images, split, count, generator)

    reading = read_pixels(draw, pairs=samples, bound=bound, seed=seed)
    return TruthRow(
        task=task,
        samples=samples,
        method=bound,
        seed=seed,
        truth=channel.mutual_information,
        truth_error=0.0,
        estimate=reading.value,
        low=reading.low,
        high=reading.high,
        at_least=reading.kind == "lower bound",
        seconds=reading.seconds,
        took=f"{bound} on pixels",
        warnings=reading.warnings,
    )


def _entropy(share: float) -> float:
    """Return the entropy of a bit that is 1 with this share, in nats."""
    if share in {0.0, 1.0}:
        return 0.0
    return -share * math.log(share) - (1 - share) * math.log1p(-share)
