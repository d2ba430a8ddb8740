"""One group of features as one view, another as the other."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.views.indices import Indices, split_indices
from infomax.views.item_kind import kind_of

__all__ = ["FeatureGroups"]


@dataclass(frozen=True)
class FeatureGroups:
    """Views that are groups of plain features, as the columns of two measurements.

    Args:
        x: features of view x, counted from 0.
        y: features of view y; ``None`` for all others.

    Example:
        >>> groups = FeatureGroups(x=(3, 0), y=(1,))
        >>> x, y = groups(torch.arange(4.0).reshape(1, 4), torch.Generator())
        >>> x.tolist(), y.tolist()
        ([[3.0, 0.0]], [[1.0]])
    """

    x: Indices
    y: Indices | None = None

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y.

        Raises:
            UserError: if items are not plain features, or a view gets none, one that is not there,
                or one twice.
        """
        x, y = self._features(item_shape)
        return (len(x),), (len(y),)

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return the features of each view of items ``(N, features)``."""
        x, y = self._features(items.shape[1:])
        return items[:, x], items[:, y]

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features of each view: nothing here is random."""
        return self(items, torch.Generator())

    def _features(self, item_shape: tuple[int, ...]) -> tuple[list[int], list[int]]:
        if (kind := kind_of(item_shape)) != "features":
            raise UserError(
                f"groups of features need items of one axis: {kind} are {tuple(item_shape)}"
            )
        return split_indices(self.x, self.y, item_shape[0], "features")
