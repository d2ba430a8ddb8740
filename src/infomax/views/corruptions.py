"""Views that are the whole item, corrupted twice: by noise, or with parts hidden."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.views.view_maker import kind_of

__all__ = ["AdditiveNoise", "Masking"]


_PATCH_NAMES = {"features": "features", "series": "stretches", "images": "patches"}


@dataclass(frozen=True)
class AdditiveNoise:
    r"""Makes views that are the whole item plus Gaussian noise.

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
        return self.add_to(items, items, generator)

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the items without noise, as either view."""
        return items, items

    def add_to(self, x: Tensor, y: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return views that are there already with noise; of one shape, if they share it.

        Args:
            x: views x, of any shape.
            y: views y.
            generator: on the device of the views; draws the noise of x before that of y.
        """
        of_x = self._drawn_like(x, generator)
        of_y = of_x if self.shared else self._drawn_like(y, generator)
        return x + of_x, y + of_y

    def _drawn_like(self, views: Tensor, generator: torch.Generator) -> Tensor:
        noise = torch.randn(
            views.shape, generator=generator, device=views.device, dtype=views.dtype
        )
        return noise.mul_(self.deviation)


@dataclass(frozen=True)
class Masking:
    """Makes views that hide a share of an item's patches by 0, other ones in each view.

    A patch is a square of an image or a stretch of a series, with all its channels, or one feature.
    Just the share, rounded to whole patches, is hidden in each view of each item: patches are drawn
    without replacement.

    Source: He et al. (2022), "Masked autoencoders are scalable vision learners", section 3, for the
    way of drawing.

    Args:
        share: of the patches that are hidden, between 0 and 1.
        patch: side of a patch in pixels, or length of a stretch in time steps.

    Raises:
        UserError: if the share is not between 0 and 1, or the patch below 1.

    Example:
        >>> x, y = Masking(0.25)(torch.ones(3, 8), torch.Generator().manual_seed(0))
        >>> x.sum(1).tolist(), y.sum(1).tolist()
        ([6.0, 6.0, 6.0], [6.0, 6.0, 6.0])
    """

    share: float = 0.5
    patch: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise UserError(f"the share to mask is {self.share}: give a number between 0 and 1")
        if self.patch < 1:
            raise UserError(f"the patch to mask is {self.patch}: give a whole number from 1 up")

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape of an item, twice.

        Raises:
            UserError: if patches do not fill an item, or the share is rounded to none or to all.
        """
        self._hidden_patches(item_shape)
        return item_shape, item_shape

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return items ``(N, *item_shape)`` with patches set to 0, twice."""
        return self._masked(items, generator), self._masked(items, generator)

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the items with nothing hidden, as either view."""
        return items, items

    def _masked(self, items: Tensor, generator: torch.Generator) -> Tensor:
        grid, hidden = self._hidden_patches(items.shape[1:])
        keys = torch.rand(len(items), math.prod(grid), generator=generator, device=items.device)
        # A permutation holds each of the lowest ranks once, at places drawn evenly.
        mask = (keys.argsort(dim=1, stable=True) < hidden).unflatten(1, grid)
        for axis in range(1, mask.ndim):
            mask = mask.repeat_interleave(self.patch, dim=axis)
        if mask.ndim < items.ndim:
            mask = mask.unsqueeze(-1)
        return items.masked_fill(mask, 0)

    def _hidden_patches(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        """Return how many patches an item has along each axis, and how many are hidden."""
        kind = kind_of(item_shape)
        if kind == "features" and self.patch > 1:
            raise UserError(
                f"the patch to mask is {self.patch}: plain features are hidden one by one, with "
                "a patch of 1"
            )
        sides = item_shape if kind == "features" else item_shape[:-1]
        if any(side % self.patch for side in sides):
            raise UserError(
                f"patches of {self.patch} do not fill {kind} of {tuple(item_shape)}: give one that "
                f"divides {' and '.join(map(str, sides))}"
            )
        grid = tuple(side // self.patch for side in sides)
        patches = math.prod(grid)
        hidden = round(self.share * patches)
        if not 0 < hidden < patches:
            raise UserError(
                f"a share of {self.share} of {patches} {_PATCH_NAMES[kind]} is {hidden}: give one "
                "that hides some and leaves some"
            )
        return grid, hidden
