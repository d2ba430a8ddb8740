"""Two halves of an item, cut in one of four ways."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from infomax.errors import UserError, unknown_name
from infomax.views.item_kind import ItemKind, kind_of

__all__ = ["Cut", "Halves"]

Cut: TypeAlias = Literal["top-bottom", "left-right", "even-odd-rows", "even-odd-columns"]
"""How an item is cut in two."""

# Rows of a series are its time steps; each feature is a row of its own.
_CUTS: dict[ItemKind, tuple[Cut, ...]] = {
    "images": get_args(Cut),
    "series": ("top-bottom", "even-odd-rows"),
    "features": ("top-bottom", "even-odd-rows"),
}
_AXIS_NAMES: dict[ItemKind, tuple[str, ...]] = {
    "images": ("rows", "columns"),
    "series": ("time steps",),
    "features": ("features",),
}


@dataclass(frozen=True)
class Halves:
    """Views that are two halves of an item: x the first, y the second.

    Images are cut along their height or width, series along their length, plain features along
    their only axis. The views are parts of the items' own memory.

    Source: Tschannen et al. (2020), section 3, for the top and bottom half.

    Args:
        cut: ``top-bottom`` (first and second half), ``left-right``, ``even-odd-rows`` (even rows,
            counted from 0, and odd ones) or ``even-odd-columns``.

    Raises:
        UserError: if there is no such cut.

    Example:
        >>> items = torch.arange(4.0).reshape(1, 4)
        >>> x, y = Halves("even-odd-rows")(items, torch.Generator())
        >>> x.tolist(), y.tolist()
        ([[0.0, 2.0]], [[1.0, 3.0]])
    """

    cut: Cut = "top-bottom"

    def __post_init__(self) -> None:
        if self.cut not in get_args(Cut):
            raise unknown_name("cut", self.cut, get_args(Cut))

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y, which are the same.

        Raises:
            UserError: if the cut has no meaning for such items, or their size is odd.
        """
        kind = kind_of(item_shape)
        if self.cut not in _CUTS[kind]:
            raise UserError(
                f"the cut {self.cut} has no meaning for {kind}: choose one of "
                f"{', '.join(_CUTS[kind])}"
            )
        axis = self._axis
        if item_shape[axis] % 2:
            raise UserError(
                f"{kind} have {item_shape[axis]} {_AXIS_NAMES[kind][axis]}: halves need an even "
                "number"
            )
        half = (*item_shape[:axis], item_shape[axis] // 2, *item_shape[axis + 1 :])
        return half, half

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return both halves of items ``(N, *item_shape)``."""
        self.shapes(items.shape[1:])
        axis = 1 + self._axis
        if self.cut.startswith("even-odd"):
            # Every other place along the axis, which comes last for the slice.
            rows = items.movedim(axis, -1)
            return rows[..., 0::2].movedim(-1, axis), rows[..., 1::2].movedim(-1, axis)
        x, y = items.chunk(2, dim=axis)
        return x, y

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return both halves: nothing here is random."""
        return self(items, torch.Generator())

    @property
    def _axis(self) -> int:
        return 1 if self.cut in {"left-right", "even-odd-columns"} else 0
