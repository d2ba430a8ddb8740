"""Batches of a PyTorch DataLoader."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from infomax.errors import UserError
from infomax.training import State

__all__ = ["LoaderBatches"]


class LoaderBatches:
    """An endless stream of what a DataLoader gives, pass after pass.

    Where it is in the data is known to the loader alone, so such a training cannot be resumed.

    Args:
        loader: gives batches ``(x, y)``, and maybe more behind them.
        device: where they are encoded.
    """

    def __init__(self, loader: DataLoader[Any], device: torch.device) -> None:
        self._loader = loader
        self._device = device
        self._left: Iterator[Any] = iter(())

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: x ``(1, N, ...)`` and y ``(1, N, ...)``.

        Raises:
            UserError: if the loader gives no batch, or something other than pairs.
        """
        batch = next(self._left, None)
        if batch is None:
            self._left = iter(self._loader)
            batch = next(self._left, None)
        if batch is None:
            raise UserError("the DataLoader gives no batch: its batches are larger than its data")
        if not isinstance(batch, (list, tuple)) or len(batch) < 2:
            raise UserError("the DataLoader gives no pairs: expected batches (x, y)")
        x, y = (side.to(self._device, torch.float32).unsqueeze(0) for side in batch[:2])
        return x, y

    def state(self) -> State:
        """Return nothing: the loader keeps its position to itself."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:  # noqa: ARG002
        """Refuse: the loader cannot be put where it was."""
        raise UserError(
            "a training on a DataLoader cannot be resumed: give the Dataset itself, whose order is "
            "then ours and is kept"
        )
