"""Batches of a PyTorch DataLoader."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from infomax.errors import UserError
from infomax.experiments.two_views import TwoViews, two_views
from infomax.training import State

__all__ = ["LoaderBatches"]


class LoaderBatches:
    """An endless stream of what a DataLoader gives, pass after pass.

    Where it is in the data is known to the loader alone, so such a training cannot be resumed.

    Args:
        loader: gives batches in one of the forms that ``two_views`` takes.
        device: where they are encoded.

    Attributes:
        batch_size: pairs in the first batch.
        left_out: what batches hold beside views; empty where that is nothing.

    Raises:
        UserError: if the loader gives no batch, or something other than pairs.
    """

    def __init__(self, loader: DataLoader[Any], device: torch.device) -> None:
        self._loader = loader
        self._device = device
        self._left: Iterator[Any] = iter(())
        # Read now to learn what there is, and trained on first of all.
        self._first: TwoViews | None = self._read()
        self.batch_size, self.left_out = len(self._first.x), self._first.left_out

    def first(self) -> tuple[Tensor, Tensor]:
        """Return two pairs of the first batch, which is still to come."""
        x, y, _ = self._first or self._read()
        return x[:2].to(self._device), y[:2].to(self._device)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: x ``(1, N, ...)`` and y ``(1, N, ...)``.

        Raises:
            UserError: if the loader gives no batch, something other than pairs, or a single pair.
        """
        x, y, _ = self._first or self._read()
        self._first = None
        return x.to(self._device).unsqueeze(0), y.to(self._device).unsqueeze(0)

    def _read(self) -> TwoViews:
        batch = next(self._left, None)
        if batch is None:
            self._left = iter(self._loader)
            batch = next(self._left, None)
        if batch is None:
            raise UserError("the DataLoader gives no batch: its batches are larger than its data")
        views = two_views(batch, "the DataLoader")
        if len(views.x) != len(views.y) or len(views.x) < 2:
            raise UserError(
                f"the DataLoader gives a batch of {len(views.x)} x and {len(views.y)} y: expected "
                "as many of both, and at least two; drop_last=True leaves out a last one of one"
            )
        return views

    def state(self) -> State:
        """Return nothing: the loader keeps its position to itself."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:  # noqa: ARG002
        """Refuse: the loader cannot be put where it was."""
        raise UserError(
            "a training on a DataLoader cannot be resumed: give the Dataset itself, whose order is "
            "then ours and is kept"
        )
