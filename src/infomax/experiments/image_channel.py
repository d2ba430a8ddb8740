"""Images whose information is known: rows of digits 0 and 1, some of which were turned over."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor, nn

from infomax.critics import InnerProductCritic
from infomax.data import DATASETS, ImageDataset
from infomax.encoders import Encoder, ViewShape
from infomax.errors import UserError
from infomax.experiments.pixel_information import read_pixels
from infomax.information import NATS_OF
from infomax.layers import dense, undrawn
from infomax.training import PairModel, generator_for
from infomax.truth_table import TruthRow

__all__ = ["IMAGE_TASKS", "ImageChannel", "WideImageEncoder", "measure_images"]

_FILTERS = (8, 16)
_KERNEL_SIZE = 5
_CODE_SIZE = 64
# Of so many pairs, exact scores read 0.03 nats below 8 bits; of 2,048 they read 0.2 below.
_READ_SIZE = 8192


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


class WideImageEncoder(Encoder):
    """Encodes grey images by two strided convolutions and a dense layer of all their positions.

    Convolutions of 8 and 16 filters, 5 x 5, stride 2, ReLU; dense layer of 64. Nothing is pooled:
    what stands where is what the code must tell. Filters are the same all along an image, so a
    digit is learned once for all places.

    Args:
        view_shape: height and width of the view.
        generator: draws the weights, Glorot-uniform.

    Example:
        >>> encoder = WideImageEncoder((14, 140), torch.Generator().manual_seed(0))
        >>> encoder(torch.zeros(5, 14, 140)).shape
        torch.Size([5, 64])
    """

    code_size = _CODE_SIZE

    def __init__(self, view_shape: ViewShape, generator: torch.Generator) -> None:
        super().__init__()
        self.view_shape = view_shape
        layers: list[nn.Module] = []
        size, inputs = view_shape, 1
        for filters in _FILTERS:
            layer = undrawn(
                nn.Conv2d, inputs, filters, _KERNEL_SIZE, stride=2, padding=_KERNEL_SIZE // 2
            )
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
            layers += [layer, nn.ReLU(inplace=True)]
            size, inputs = tuple(-(-each // 2) for each in size), filters
        self.layers = nn.Sequential(*layers)
        self.output = dense(inputs * math.prod(size), _CODE_SIZE, generator)

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, height, width)`` -> ``(N, 64)``."""
        image = view.unsqueeze(1).contiguous(memory_format=torch.channels_last)
        code: Tensor = self.output(self.layers(image).flatten(1))
        return code


def measure_images(task: str, *, samples: int, bound: str = "infonce", seed: int = 0) -> TruthRow:
    """Train on pairs of images of known information, and return what the bound shows of others.

    A ``WideImageEncoder`` for each side, and scores that are inner products of codes; the bound is
    read on two batches of 8,192 pairs of test images.

    Args:
        task: name in ``IMAGE_TASKS``.
        samples: number of pairs to train on, each drawn once.
        bound: name of a bound, to train by and to read.
        seed: of weights, pairs and order.
    """
    channel, images = IMAGE_TASKS[task], _digits()

    def draw(split: str, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        return channel.draw(images, split, count, generator)

    reading = read_pixels(
        draw,
        pairs=samples,
        bound=bound,
        seed=seed,
        make_model=_convnets,
        read_size=_READ_SIZE,
    )
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


@cache
def _digits() -> ImageDataset:
    """Return MNIST, read once: decompressing it takes a tenth as long as a training."""
    return DATASETS["mnist-14"]()


def _convnets(shapes: tuple[ViewShape, ViewShape], seed: int) -> PairModel:
    generator = generator_for(seed, "convolutions")
    x, y = (WideImageEncoder(shape, generator) for shape in shapes)
    return PairModel(x, y, InnerProductCritic(_CODE_SIZE, _CODE_SIZE, generator))


def _entropy(share: float) -> float:
    """Return the entropy of a bit that is 1 with this share, in nats."""
    if share in {0.0, 1.0}:
        return 0.0
    return -share * math.log(share) - (1 - share) * math.log1p(-share)
