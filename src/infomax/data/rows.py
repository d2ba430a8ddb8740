"""What items are read from, wherever they are kept."""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Places", "Rows", "Values"]

Places: TypeAlias = NDArray[np.int64]
"""Which items, counted from 0."""

Values: TypeAlias = NDArray[np.float32] | NDArray[np.uint8]
"""Items as they are kept: ``(n, *shape)``."""


class Rows(Protocol):
    """Items of one shape, read by their places: in memory, mapped from a file, or image files.

    Attributes:
        name: what messages and records call them.
        shape: of one item: ``(features,)``, ``(length, channels)`` of a series, or
            ``(height, width, channels)`` of an image.
        brightest: what a value is divided by to lie in [0, 1]: 255 for images of bytes; 1 where
            values are taken as they are.
    """

    name: str
    shape: tuple[int, ...]
    brightest: float

    def __len__(self) -> int:
        """Return the number of items."""

    def read(self, places: Places) -> Values:
        """Return some items, in the order that is asked for: ``(n, *shape)``.

        Safe to call from one other thread: batches are read ahead.
        """
