"""Pairs of views of items that are read from wherever they are kept."""

import math
from collections.abc import Iterator
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from infomax.advice import advice
from infomax.data.dataset import Indices, ItemDataset, ItemSource
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training import Batches, PlacedBatches, ShuffledBatches
from infomax.views.view_maker import ViewMaker

__all__ = ["ItemPairs", "WhichView"]

WhichView: TypeAlias = Literal["x", "y"]
"""Which view of a pair."""

_Read: TypeAlias = tuple[Tensor, ...]
# Smaller data are laid out in the device's memory once and for all.
_MOST_BYTES_RESIDENT = 2**30


class ItemPairs:
    """Two views of each item, or two measurements of it that are the views.

    Args:
        items: what pairs are made of.
        views: makes both views of an item; ``None`` where the items come in two views.
        device: where views are made and encoded.

    Raises:
        UserError: if there are two views and a maker of views, or neither.
    """

    def __init__(self, items: ItemDataset, views: ViewMaker | None, device: torch.device) -> None:
        if items.y is None and views is None:
            raise UserError(
                f"{items.x.name} holds one view of each item: name the columns or the file of the "
                f"other ({advice('y', '--y or --y-data')}), or how to make two views of one item "
                f"({advice('views', '--views')})"
            )
        if items.y is not None and views is not None:
            raise UserError(
                f"{items.x.name} and {items.y.name} are two views of each item: views are made "
                "where there is one, leave out either"
            )
        self.name = items.x.name
        self._sides: tuple[ItemSource, ...] = (items.x,) if items.y is None else (items.x, items.y)
        self._views = views
        self._device = device
        if views is None:
            self.x_shape, self.y_shape = (side.shape for side in self._sides)
        else:
            self.x_shape, self.y_shape = views.shapes(items.x.shape)

    def __len__(self) -> int:
        return len(self._sides[0])

    def batches(
        self,
        places: Indices,
        batch_size: int,
        *,
        order: torch.Generator,
        views: torch.Generator,
        processes: Processes,
        keys: Tensor | None = None,
    ) -> Batches:
        """Return an endless stream of batches, from memory if there is room for all views."""
        values = len(places) * (math.prod(self.x_shape) + math.prod(self.y_shape))
        if self._views is None and values * 4 <= _MOST_BYTES_RESIDENT:
            x, y = self._make_views(self._read(torch.from_numpy(places)), views)
            return ShuffledBatches(x, y, batch_size, [order], processes=processes, keys=keys)
        return PlacedBatches(
            torch.from_numpy(places),
            self._read,
            self._make_views,
            batch_size,
            order=order,
            views=views,
            processes=processes,
            keys=keys,
        )

    def pairs(
        self, places: Indices, batch_size: int, views: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller."""
        for some in torch.from_numpy(places).split(batch_size):
            yield self._make_views(self._read(some), views)

    def clean_views(
        self, places: Indices, batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        """Yield a view of some items as codes are made of it, without anything random."""
        of_pair = 0 if view == "x" else 1
        side = of_pair if self._views is None else 0
        for some in torch.from_numpy(places).split(batch_size):
            values = self._on_device(self._sides[side], self._read_side(side, some.numpy()))
            yield values if self._views is None else self._views.clean(values)[of_pair]

    def _read(self, places: Tensor) -> _Read:
        asked = places.numpy()
        return tuple(self._read_side(side, asked) for side in range(len(self._sides)))

    def _read_side(self, side: int, places: Indices) -> Tensor:
        return torch.from_numpy(self._sides[side].read(places))

    def _make_views(self, read: _Read, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        values = [
            self._on_device(side, of_side) for side, of_side in zip(self._sides, read, strict=True)
        ]
        if self._views is None:
            x, y = values
            return x, y
        return self._views(values[0], generator)

    def _on_device(self, side: ItemSource, values: Tensor) -> Tensor:
        # Bytes travel to the device as bytes, a quarter of what floats would be.
        floats = values.to(self._device).to(torch.float32)
        return floats if side.brightest == 1 else floats / side.brightest
