"""Views that are parts of an item: its halves, some of its channels, or groups of its features."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

import torch
from pydantic import BeforeValidator
from torch import Tensor

from infomax.errors import UserError, unknown_name
from infomax.views.view_maker import ItemKind, kind_of

__all__ = ["Channels", "Cut", "FeatureGroups", "Halves", "Indices", "split_indices"]


def _indices_of(value: object) -> object:
    """Return the indices that text or one number names; the type judges whatever else there is."""
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, str):
        return value
    indices: list[int] = []
    for part in value.strip("()[] ").rstrip(",").split(","):
        first, dash, last = part.partition("-")
        try:
            indices += range(int(first), int(last) + 1) if dash else [int(part)]
        except ValueError:
            raise ValueError("give whole numbers and ranges, as in 0-3,7") from None
    return tuple(indices)


Indices: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(_indices_of)]
"""Indices counted from 0; from the shell, numbers and ranges: ``0-3,7``."""


def split_indices(
    x: tuple[int, ...], y: tuple[int, ...] | None, size: int, kind: str
) -> tuple[list[int], list[int]]:
    """Return the indices of x and of y on an axis.

    Args:
        x: indices of view x, in the order that they are wanted.
        y: indices of view y; ``None`` for all that are not of x, in their order.
        size: of the axis.
        kind: what stands at the indices, for messages: ``channels``.

    Raises:
        UserError: if a view gets no index, or a index is not there, or named twice.

    Example:
        >>> split_indices((0, 2), None, 4, "channels")
        ([0, 2], [1, 3])
    """
    others = [index for index in range(size) if index not in set(x)]
    sides = {"x": list(x), "y": others if y is None else list(y)}
    for side, indices in sides.items():
        for index in indices:
            if not 0 <= index < size:
                raise UserError(
                    f"view {side} takes {kind} {index}: items have {size} {kind}, counted from 0"
                )
        if not indices:
            raise UserError(f"view {side} gets no {kind} of {size}: name at least one for each")
        if len(set(indices)) < len(indices):
            raise UserError(f"view {side} names {kind} twice: {indices}, name each once")
    common = sorted(set(sides["x"]) & set(sides["y"]))
    if common:
        raise UserError(f"views x and y both take {kind} {common}: each belongs to one view")
    return sides["x"], sides["y"]


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
    """Makes views of the two halves of an item: x the first, y the second.

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
            # Every other index along the axis, which comes last for the slice.
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


@dataclass(frozen=True)
class Channels:
    """Makes views of channels of images or series, such as brightness and colour, or sensors.

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


@dataclass(frozen=True)
class FeatureGroups:
    """Makes views of groups of plain features, such as the columns of two measurements.

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
