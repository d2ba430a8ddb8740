"""Pairs of a PyTorch data set."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from infomax.data.rows import Places
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training import Batches, PlacedBatches

__all__ = ["DatasetPairs"]


class DatasetPairs:
    """Pairs that a map-style data set gives by their number.

    Args:
        dataset: ``dataset[i]`` is a pair of tensors or arrays, x and y, and maybe more behind them;
            it has a length.
        device: where they are encoded.

    Raises:
        UserError: if the data set has no length, is empty, or gives something else.
    """

    def __init__(self, dataset: Dataset[object], device: torch.device) -> None:
        try:
            self._number = len(dataset)  # type: ignore[arg-type]
        except TypeError as error:
            raise UserError(
                f"{type(dataset).__name__} has no length: give a map-style data set, or a "
                "DataLoader of yours"
            ) from error
        if not self._number:
            raise UserError(f"{type(dataset).__name__} is empty: expected pairs")
        self.name = type(dataset).__name__
        self._dataset = dataset
        self._device = device
        x, y = self._read(torch.tensor([0]))
        self.x_shape, self.y_shape = tuple(x.shape[1:]), tuple(y.shape[1:])

    def __len__(self) -> int:
        return self._number

    def batches(
        self,
        places: Places,
        batch_size: int,
        *,
        order: torch.Generator,
        views: torch.Generator,
        processes: Processes,
    ) -> Batches:
        """Return an endless stream of batches of some of the pairs, read ahead by a thread."""
        return PlacedBatches(
            torch.from_numpy(places),
            self._read,
            lambda read, _: (read[0].to(self._device), read[1].to(self._device)),
            batch_size,
            order=order,
            views=views,
            processes=processes,
        )

    def pairs(
        self,
        places: Places,
        batch_size: int,
        views: torch.Generator,  # noqa: ARG002 - what is random is the data set's own affair
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller."""
        for some in torch.from_numpy(places).split(batch_size):
            x, y = self._read(some)
            yield x.to(self._device), y.to(self._device)

    def clean_views(self, places: Places, batch_size: int) -> Iterator[Tensor]:
        """Yield view x of some pairs."""
        for some in torch.from_numpy(places).split(batch_size):
            yield self._read(some)[0].to(self._device)

    def _read(self, places: Tensor) -> tuple[Tensor, Tensor]:
        given = default_collate([self._dataset[place] for place in places.tolist()])
        if not isinstance(given, (list, tuple)) or len(given) < 2:
            raise UserError(
                f"{self.name}[{int(places[0])}] is no pair: expected (x, y), two tensors or arrays"
            )
        return given[0].to(torch.float32), given[1].to(torch.float32)
