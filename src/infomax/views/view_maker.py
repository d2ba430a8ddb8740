"""What makes two views of one item."""

from typing import Protocol

import torch
from torch import Tensor

__all__ = ["ViewMaker"]


class ViewMaker(Protocol):
    """Makes the pairs that encoders see, a batch at a time, on the device of the batch."""

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y of one item.

        Raises:
            UserError: if no such views can be made of items of that shape.
        """

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return x ``(N, *x_shape)`` and y ``(N, *y_shape)`` of items ``(N, *item_shape)``.

        Whatever is random is drawn from the generator, which is on the device of the items.
        """

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return x and y without anything random, for codes of items: shapes as of pairs."""
