"""Data sets of pairs: of tensors, of items that views are made of, and of whatever is given."""

import math
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from infomax.data import DialogueSource, Indices, ItemDataset, ItemSource
from infomax.data.values import check_float32_exact, not_finite_error
from infomax.errors import UserError, advice, message_of
from infomax.experiments.torch_pairs import TorchPairDataset
from infomax.training import PairDataset, Pairs, WhichView
from infomax.views import LocalViewMaker, ViewMaker

__all__ = ["ItemPairDataset", "PairsLike", "TensorPairDataset", "as_pair_dataset", "given_array"]

PairsLike: TypeAlias = (
    PairDataset | Pairs | Dataset[object] | DataLoader[Any] | tuple[ArrayLike, ArrayLike]
)
"""Views x and y as two arrays of equal length, or a map-style data set of pairs; of a DataLoader,
the data set, put together by its own function."""

# Smaller data are laid out in the device's memory once and for all.
_MOST_BYTES_RESIDENT = 2**30
_BYTES_OF_A_FLOAT = 4
_TWO = 2


class TensorPairDataset(PairDataset):
    """Pairs whose views are rows of two tensors.

    Args:
        pairs: x and y, of any shape behind the rows.
        name: what records call them.

    Raises:
        UserError: if a value is NaN or infinite.

    Example:
        >>> TensorPairDataset(Pairs(torch.zeros(5, 3), torch.zeros(5, 2)), "zeros")
        TensorPairDataset('zeros', 5 pairs, x_shape=(3,), y_shape=(2,))
    """

    def __init__(self, pairs: Pairs, name: str = "pairs") -> None:
        for side, values in (("x", pairs.x), ("y", pairs.y)):
            bad = ~values.isfinite()
            if bad.any():
                row = int(bad.flatten().nonzero()[0]) * len(bad) // bad.numel()
                raise not_finite_error(
                    f"view {side}", int(bad.sum()), row, leave_out="the rows of both views"
                )
        self.name = name
        self._pairs = pairs
        self.x_shape, self.y_shape = tuple(pairs.x.shape[1:]), tuple(pairs.y.shape[1:])

    def __len__(self) -> int:
        return len(self._pairs)

    def read(self, indices: Tensor) -> Pairs:
        """Read some rows of both tensors."""
        rows = indices.to(self._pairs.x.device)
        return Pairs(self._pairs.x[rows], self._pairs.y[rows])

    def make_views(
        self,
        read: Pairs,
        generator: torch.Generator,  # noqa: ARG002 - nothing is random in views that are given
    ) -> tuple[Tensor, Tensor]:
        """Return the rows as they are."""
        return read.x, read.y

    def clean_views(
        self, indices: Indices, batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        """Yield one view of some pairs."""
        values = self._pairs.x if view == "x" else self._pairs.y
        for some in torch.from_numpy(indices).split(batch_size):
            yield values[some.to(values.device)]

    def is_resident(self, count: int) -> bool:  # noqa: ARG002
        """Tell that the views are in memory already."""
        return True


class ItemPairDataset(PairDataset):
    """Two views of each item, or two measurements of it that are the views.

    Args:
        items: what pairs are made of.
        views: makes both views of an item; ``None`` where the items come in two views.
        device: where views are made and encoded.

    Raises:
        UserError: if there are two views and a maker of views, or neither.

    Example:
        >>> from infomax.data import ArraySource
        >>> from infomax.views import Halves
        >>> items = ItemDataset(ArraySource(np.zeros((5, 8, 8, 1), np.uint8), "digits"))
        >>> ItemPairDataset(items, Halves(), torch.device("cpu"))
        ItemPairDataset('digits', 5 pairs, x_shape=(4, 8, 1), y_shape=(4, 8, 1))
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
        if isinstance(items.x, DialogueSource):
            raise UserError(
                f"{items.x.name} holds dialogues as text: a run cuts them into tokens of its own "
                "vocabulary when it is trained, and only what a run does is done with them"
            )
        self.name = items.x.name
        self._sides: tuple[ItemSource, ...] = (items.x,) if items.y is None else (items.x, items.y)
        self._views = views
        self._device = device
        if views is None:
            self.x_shape, self.y_shape = (side.shape for side in self._sides)
        else:
            self.x_shape, self.y_shape = views.shapes(items.x.shape)
        self._local = views if isinstance(views, LocalViewMaker) else None
        self.local_crops = 0 if self._local is None else self._local.local_crops

    def __len__(self) -> int:
        return len(self._sides[0])

    def read(self, indices: Tensor) -> tuple[Tensor, ...]:
        """Read some items, in one view or in two, as they are kept."""
        return tuple(_read(side, indices) for side in self._sides)

    def make_views(
        self, read: tuple[Tensor, ...], generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Make views of items on the device, or return the two views that they come in."""
        values = [
            self._on_device(side, of_side) for side, of_side in zip(self._sides, read, strict=True)
        ]
        if self._views is None:
            x, y = values
            return x, y
        return self._views(values[0], generator)

    def local_views(self, read: tuple[Tensor, ...], generator: torch.Generator) -> Tensor:
        """Make further views of items on the device, of smaller parts."""
        if self._local is None:
            return super().local_views(read, generator)
        return self._local.local_views(self._on_device(self._sides[0], read[0]), generator)

    def clean_views(
        self, indices: Indices, batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        """Yield a view of some items as codes are made of it, without anything random."""
        of_pair = 0 if view == "x" else 1
        side = self._sides[of_pair if self._views is None else 0]
        for some in torch.from_numpy(indices).split(batch_size):
            values = self._on_device(side, _read(side, some))
            yield values if self._views is None else self._views.clean(values)[of_pair]

    def is_resident(self, count: int) -> bool:
        """Tell whether there is room for the views of so many pairs, and nothing random in them."""
        values = count * (math.prod(self.x_shape) + math.prod(self.y_shape))
        return self._views is None and values * _BYTES_OF_A_FLOAT <= _MOST_BYTES_RESIDENT

    def _on_device(self, side: ItemSource, values: Tensor) -> Tensor:
        # Bytes travel to the device as bytes, a quarter of what floats would be.
        floats = values.to(self._device).to(torch.float32)
        return floats if side.brightest == 1 else floats / side.brightest


def as_pair_dataset(pairs: PairsLike, device: torch.device) -> PairDataset:
    """Return whatever holds pairs as a data set of them, on a device.

    Raises:
        UserError: if these are no pairs, or of different lengths.

    Example:
        >>> as_pair_dataset((np.zeros((5, 3)), np.zeros(5)), torch.device("cpu"))
        TensorPairDataset('pairs', 5 pairs, x_shape=(3,), y_shape=(1,))
    """
    if isinstance(pairs, PairDataset):
        return pairs
    if isinstance(pairs, Pairs):
        return TensorPairDataset(Pairs(pairs.x.to(device), pairs.y.to(device)))
    if isinstance(pairs, (tuple, list)) and len(pairs) == _TWO:
        x, y = (_rows(side, name, device) for side, name in zip(pairs, "xy", strict=True))
        return TensorPairDataset(Pairs(x, y))
    if isinstance(pairs, DataLoader):
        return TorchPairDataset(pairs.dataset, device, pairs.collate_fn)
    if hasattr(pairs, "__getitem__"):
        return TorchPairDataset(cast(Dataset[object], pairs), device)
    raise UserError(
        f"{type(pairs).__name__} holds no pairs: give (x, y), a Dataset or a DataLoader of pairs"
    )


def given_array(values: ArrayLike | Tensor, name: str) -> NDArray[Any]:
    """Return measurements as an array, which is a copy only where it must be.

    A tensor may be on any device and part of a graph; bfloat16, which NumPy lacks, becomes float32.

    Args:
        values: ``(N, ...)``.
        name: what the message calls them.

    Raises:
        UserError: if they are no array, are complex, or hold no values (the device ``meta``).

    Example:
        >>> given_array(torch.ones(2, dtype=torch.bfloat16, requires_grad=True), "X")
        array([1., 1.], dtype=float32)
    """
    try:
        if isinstance(values, Tensor):
            values = values.detach().cpu()
            values = values.float() if values.dtype == torch.bfloat16 else values
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{name} is no array of numbers ({message_of(error)})") from error
    if array.dtype.kind == "c":
        raise UserError(f"{name} holds complex numbers: give real and imaginary parts side by side")
    return array


def _read(side: ItemSource, indices: Tensor) -> Tensor:
    return torch.from_numpy(side.read(indices.numpy()))


def _rows(side: ArrayLike | Tensor, name: str, device: torch.device) -> Tensor:
    if isinstance(side, Tensor) and side.is_floating_point() and not side.is_meta:
        values = side.detach()
    else:
        array = given_array(side, f"view {name}")
        check_float32_exact(array, f"view {name}")
        try:
            values = torch.from_numpy(np.asarray(array, dtype=np.float32))
        except (TypeError, ValueError) as error:
            raise UserError(f"view {name} is no array of numbers ({error})") from error
    if not values.ndim:
        raise UserError(f"view {name} is a single number: expected one row for each pair")
    if values.ndim == 1:
        values = values.unsqueeze(1)
    return values.to(device, torch.float32)
