"""What makes two views of one item, and what an item may be."""

from typing import Literal, Protocol, TypeAlias, runtime_checkable

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["ItemKind", "LocalViewMaker", "ViewMaker", "kind_of"]


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


@runtime_checkable
class LocalViewMaker(ViewMaker, Protocol):
    """Makes further views of an item, of small parts of it, beside the two of a pair.

    Attributes:
        local_crops: number of them; 0 for none.
    """

    local_crops: int

    def local_views(self, items: Tensor, generator: torch.Generator) -> Tensor:
        """Return L views of each item, of the shape of x: ``(L, N, *x_shape)``."""


ItemKind: TypeAlias = Literal["features", "series", "images"]
"""``(features,)``, ``(length, channels)`` or ``(height, width, channels)``."""

_KINDS: dict[int, ItemKind] = {1: "features", 2: "series", 3: "images"}


def kind_of(item_shape: tuple[int, ...]) -> ItemKind:
    """Return what items of a shape are.

    Raises:
        UserError: if items of that shape are neither features, series nor images.

    Example:
        >>> kind_of((28, 28, 1))
        'images'
    """
    if len(item_shape) not in _KINDS:
        raise UserError(
            f"items are of shape {tuple(item_shape)}: views are made of (features,), "
            "(length, channels) or (height, width, channels)"
        )
    return _KINDS[len(item_shape)]
