"""Song and Ermon's tests of whether an estimate behaves as information does, on MNIST."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.data import DATASETS, ImageDataset
from infomax.experiments.pixel_information import PairDraw, PixelReading, read_pixels

__all__ = ["CONSISTENCY_COLUMNS", "ConsistencyRow", "self_consistency"]

CONSISTENCY_COLUMNS = ("test", "seed", "ratio", "low", "high", "expected", "holds", "seconds")
"""What stands in a row of the table, in order."""

_ROWS = (7, 14, 21)
_SHOWN, _MASKED_MORE = 14, 11


@dataclass(frozen=True)
class ConsistencyRow:
    """The ratio of two readings, and what it should be.

    Attributes:
        test: which two readings.
        seed: of weights and pairs.
        ratio: of the two readings.
        low: lower end of its 95 % interval, by the delta method from those of both readings.
        high: upper end.
        expected: what information would give: one number, or a smallest and a largest.
        seconds: that the training of what stands above took; what stands below is trained once.
    """

    test: str
    seed: int
    ratio: float
    low: float
    high: float
    expected: tuple[float, float]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the interval reaches what is expected."""
        smallest, largest = self.expected
        return self.low <= largest and self.high >= smallest

    @property
    def expected_told(self) -> str:
        """What is expected, in words."""
        smallest, largest = self.expected
        return f"{smallest:g}" if smallest == largest else f"{smallest:.2f} to {largest:g}"

    def cells(self) -> tuple[object, ...]:
        """Return what stands in the columns ``CONSISTENCY_COLUMNS``."""
        said = (round(self.ratio, 4), round(self.low, 4), round(self.high, 4))
        told = (self.expected_told, self.holds, round(self.seconds, 1))
        return (self.test, self.seed, *said, *told)


def self_consistency(
    *, samples: int, bound: str = "infonce", seed: int = 0
) -> Iterator[ConsistencyRow]:
    r"""Train on images and parts of them, and yield the ratios of readings one by one.

    .. math:: \frac{\hat I(X; Y_t)}{\hat I(X; X)} \uparrow 1, \quad
              \frac{\hat I([X, X]; [Y_t, Y_{t - 3}])}{\hat I(X; Y_t)} = 1, \quad
              \frac{\hat I([X_1, X_2]; [Y_1, Y_2])}{\hat I(X; Y)} = 2

    X is a digit, :math:`Y_t` its upper t rows. First the baseline, for 7, 14 and 21 of 28 rows:
    each reading may not be below the last one's nor above that of the whole. Then data processing:
    fewer rows beside the 14 that are there already tell nothing. Then additivity: two digits that
    have nothing to do with each other hold twice as much. All readings are of test images.

    Source: Song and Ermon (2020), section 4 and section 6.2.

    Args:
        samples: number of pairs that each model is trained on.
        bound: name of a bound, to train by and to read.
        seed: of weights, pairs and order.
    """
    images = DATASETS["mnist"]()

    def read(draw: PairDraw) -> PixelReading:
        return read_pixels(draw, pairs=samples, bound=bound, seed=seed)

    whole = read(_parts(images, rows=28))
    least, shown = 0.0, whole
    for rows in _ROWS:
        reading = read(_parts(images, rows=rows))
        row = _ratio(f"baseline, {rows} of 28 rows", seed, reading, whole, (least, 1.0))
        yield row
        least = max(least, row.low)
        shown = reading if rows == _SHOWN else shown
    twice = read(_parts(images, rows=_SHOWN, again=_MASKED_MORE))
    yield _ratio("data processing", seed, twice, shown, (1.0, 1.0))
    two = read(_parts(images, rows=_SHOWN, digits=2))
    yield _ratio("additivity", seed, two, shown, (2.0, 2.0))


def _parts(images: ImageDataset, *, rows: int, again: int = 0, digits: int = 1) -> PairDraw:
    """Draw digits and their upper rows, one or more of them side by side in a pair."""
    pixels = {
        "train": torch.from_numpy(images.train_images)[..., 0],
        "test": torch.from_numpy(images.test_images)[..., 0],
    }

    def draw(split: str, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        of_split = pixels[split]
        # None twice in a batch but by chance: a permutation, of which each pair takes its digits.
        order = torch.randperm(len(of_split), generator=generator)
        chosen = order[: count * digits].reshape(count, digits)
        whole = of_split[chosen].float() / images.brightest
        upper = [whole[:, :, :rows].flatten(1)]
        copies = [whole.flatten(1)]
        if again:
            upper.append(whole[:, :, :again].flatten(1))
            copies *= 2
        return torch.cat(copies, dim=1), torch.cat(upper, dim=1)

    return draw


def _ratio(
    test: str,
    seed: int,
    above: PixelReading,
    below: PixelReading,
    expected: tuple[float, float],
) -> ConsistencyRow:
    ratio = above.value / below.value
    relative = math.hypot(*((each.high - each.low) / 2 / each.value for each in (above, below)))
    half_width = abs(ratio) * relative
    return ConsistencyRow(
        test, seed, ratio, ratio - half_width, ratio + half_width, expected, above.seconds
    )
