"""Pairs of a PyTorch data set."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from infomax.data.dataset import Indices
from infomax.errors import UserError, reason_of
from infomax.experiments.two_views import TwoViews, two_views
from infomax.processes import Processes
from infomax.training import Batches, PlacedBatches, seeded_globally

__all__ = ["DatasetPairs"]

_CLEAN_SEED = 0


class DatasetPairs:
    """Pairs that a map-style data set gives by their number.

    Args:
        dataset: ``dataset[i]`` holds two tensors or arrays, x and y, in one of the forms that
            ``two_views`` takes; it has a length. What an item draws from the global generators of
            PyTorch, NumPy and Python is drawn from the run's seed.
        device: where they are encoded.
        collate: list of items -> batch.

    Attributes:
        left_out: what items hold beside views; empty where that is nothing.

    Raises:
        UserError: if the data set has no length, is empty, or gives something else.
    """

    def __init__(
        self,
        dataset: Dataset[object],
        device: torch.device,
        collate: Callable[[list[object]], object] = default_collate,
    ) -> None:
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
        self._collate = collate
        x, y, self.left_out = self._read(torch.tensor([0]), torch.Generator())
        self.x_shape, self.y_shape = tuple(x.shape[1:]), tuple(y.shape[1:])

    def __len__(self) -> int:
        return self._number

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
        """Return an endless stream of batches of some of the pairs.

        They are read between updates, not ahead: the global generators, which items may draw from,
        are one for all threads.
        """
        return PlacedBatches(
            torch.from_numpy(places),
            lambda asked: asked,
            self._views,
            batch_size,
            order=order,
            views=views,
            processes=processes,
            keys=keys,
        )

    def pairs(
        self,
        places: Indices,
        batch_size: int,
        views: torch.Generator,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller."""
        for some in torch.from_numpy(places).split(batch_size):
            yield self._views(some, views)

    def clean_views(self, places: Indices, batch_size: int) -> Iterator[Tensor]:
        """Yield view x of some pairs, always the same: what is random is drawn from one seed."""
        generator = torch.Generator().manual_seed(_CLEAN_SEED)
        for some in torch.from_numpy(places).split(batch_size):
            yield self._views(some, generator)[0]

    def _views(self, places: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        x, y, _ = self._read(places, generator)
        return x.to(self._device), y.to(self._device)

    def _read(self, places: Tensor, generator: torch.Generator) -> TwoViews:
        drawn = torch.randint(2**62, (), generator=generator, device=generator.device)
        with seeded_globally(int(drawn)):
            items = [self._dataset[place] for place in places.tolist()]
            try:
                batch = self._collate(items)
            except (TypeError, ValueError, RuntimeError, KeyError) as error:
                raise UserError(
                    f"items of {self.name} cannot be put together to a batch "
                    f"({reason_of(error)}): give tensors or arrays, of the same shape for all items"
                ) from error
        return two_views(batch, f"{self.name}[{int(places[0])}]")
