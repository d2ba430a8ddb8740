"""Pairs of views in memory."""

from collections.abc import Iterator

import torch
from torch import Tensor

from infomax.data.dataset import Indices
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training import Batches, Pairs, ShuffledBatches

__all__ = ["TensorPairs"]


class TensorPairs:
    """Pairs whose views are rows of two tensors.

    Args:
        pairs: x and y, of any shape behind the rows.
        name: what records call them.

    Raises:
        UserError: if a value is NaN or infinite.
    """

    def __init__(self, pairs: Pairs, name: str = "pairs") -> None:
        for side, values in (("x", pairs.x), ("y", pairs.y)):
            bad = (
                ~values.flatten(1).isfinite().all(dim=1) if values.ndim > 1 else ~values.isfinite()
            )
            if bad.any():
                raise UserError(
                    f"view {side} has NaN or infinite values in {int(bad.sum())} rows, first in "
                    f"row {int(bad.nonzero()[0])}: fill or remove them, in both views"
                )
        self.name = name
        self._pairs = pairs
        self.x_shape, self.y_shape = tuple(pairs.x.shape[1:]), tuple(pairs.y.shape[1:])

    def __len__(self) -> int:
        return len(self._pairs)

    def batches(
        self,
        places: Indices,
        batch_size: int,
        *,
        order: torch.Generator,
        views: torch.Generator,  # noqa: ARG002 - nothing is random in views that are given
        processes: Processes,
        keys: Tensor | None = None,
    ) -> Batches:
        """Return an endless stream of batches of some of the pairs."""
        return ShuffledBatches(
            *self._rows(places), batch_size, [order], processes=processes, keys=keys
        )

    def pairs(
        self,
        places: Indices,
        batch_size: int,
        views: torch.Generator,  # noqa: ARG002
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller."""
        x, y = self._rows(places)
        return zip(x.split(batch_size), y.split(batch_size), strict=True)

    def clean_views(self, places: Indices, batch_size: int) -> Iterator[Tensor]:
        """Yield view x of some pairs."""
        return iter(self._rows(places)[0].split(batch_size))

    def _rows(self, places: Indices) -> tuple[Tensor, Tensor]:
        chosen = torch.from_numpy(places).to(self._pairs.x.device)
        return self._pairs.x[chosen], self._pairs.y[chosen]
