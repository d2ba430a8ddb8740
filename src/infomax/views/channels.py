"""Some channels of an item as one view, others as the other."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.views.indices import Indices, split_indices
from infomax.views.item_kind import kind_of

__all__ = ["Channels"]


@dataclass(frozen=True)
class Channels:
    """Views that are channels of images or of series, as brightness and colour, or two sensors.

    Source: Tian et al. (2020), "Contrastive multiview coding", where views are the channels of a
    colour space.

    Args:
        x: channels of view x, counted from 0.
        y: channels of view y; ``None`` for all others.

    Example:
        >>> x, y = Channels(x=(2,))(torch.arange(6.0).reshape(1, 2, 3), torch.Generator())
        >>> x.tolist(), y.tolist()
        ([[[2.0], [5.0]]], [[[0.0, 1.0], [3.0, 4.0]]])
    """

    x: Indices = (0,)
    y: Indices | None = None

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y.

        Raises:
            UserError: if items have no channels, or a view gets none, one that is not there, or one
                twice.
        """
        x, y = self._channels(item_shape)
        return (*item_shape[:-1], len(x)), (*item_shape[:-1], len(y))

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return the channels of each view of items ``(N, *item_shape)``."""
        x, y = self._channels(items.shape[1:])
        return items[..., x], items[..., y]

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the channels of each view: nothing here is random."""
        return self(items, torch.Generator())

    def _channels(self, item_shape: tuple[int, ...]) -> tuple[list[int], list[int]]:
        if kind_of(item_shape) == "features":
            raise UserError(
                "plain features have no channels: choose their groups by the views features"
            )
        return split_indices(self.x, self.y, item_shape[-1], "channels")
