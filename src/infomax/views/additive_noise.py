"""An item with noise, twice."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.views.item_kind import kind_of

__all__ = ["AdditiveNoise"]


@dataclass(frozen=True)
class AdditiveNoise:
    r"""Views that are the whole item plus Gaussian noise.

    .. math:: x = s + \sigma \epsilon_x, \quad y = s + \sigma \epsilon_y

    Each view has noise of its own, or both have the same and are equal.

    Args:
        deviation: standard deviation of the noise, in the units of the items; 0 or more.
        shared: whether both views get the same noise.

    Raises:
        UserError: if the deviation is negative or not finite.

    Example:
        >>> noise = AdditiveNoise(0.1, shared=True)
        >>> x, y = noise(torch.zeros(2, 3), torch.Generator().manual_seed(0))
        >>> x.shape, torch.equal(x, y)
        (torch.Size([2, 3]), True)
    """

    deviation: float
    shared: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.deviation) and self.deviation >= 0):
            raise UserError(
                f"the deviation of the noise is {self.deviation}: give a finite number from 0 up"
            )

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape of an item, twice."""
        kind_of(item_shape)
        return item_shape, item_shape

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return items ``(N, *item_shape)`` with noise, twice."""
        self.shapes(items.shape[1:])
        x = self._noisy(items, generator)
        return x, x.clone() if self.shared else self._noisy(items, generator)

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the items without noise, as either view."""
        return items, items

    def _noisy(self, items: Tensor, generator: torch.Generator) -> Tensor:
        noise = torch.randn(
            items.shape, generator=generator, device=items.device, dtype=items.dtype
        )
        return noise.mul_(self.deviation).add_(items)
