"""Where pairs of views come from."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from infomax.data.dataset import Indices
from infomax.processes import Processes
from infomax.training import Batches

__all__ = ["PairSource"]


@runtime_checkable
class PairSource(Protocol):
    """Pairs of views that are reached by their places.

    Attributes:
        name: what records call the data.
        x_shape: of one view x.
        y_shape: of one view y.
    """

    name: str
    x_shape: tuple[int, ...]
    y_shape: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of pairs."""

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
        """Return an endless stream of batches of some of the pairs, for one model.

        Args:
            places: of the pairs to train on.
            batch_size: pairs in a batch.
            order: draws the permutation of each pass.
            views: draws what is random in views.
            processes: that share each batch; this one is given its own part.
            keys: a number for each place; no batch holds two of one number.
        """

    def pairs(
        self, places: Indices, batch_size: int, views: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller."""

    def clean_views(self, places: Indices, batch_size: int) -> Iterator[Tensor]:
        """Yield view x of some items as codes are made of it, without anything random."""
