"""Pairs of views in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["Pairs"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Aligned views: row i of ``x`` and row i of ``y`` come from one item.

    Attributes:
        x: ``(N, dx)``.
        y: ``(N, dy)``.

    Raises:
        UserError: if the views differ in length.
    """

    x: Tensor
    y: Tensor

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise UserError(f"views of different lengths: {len(self.x)} x and {len(self.y)} y")

    def __len__(self) -> int:
        return len(self.x)

    def one_pass(
        self, batch_size: int, generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield disjoint batches of ``batch_size`` random pairs; under one batch is left out.

        Raises:
            UserError: if a batch is larger than the data.
        """
        if batch_size > len(self):
            raise UserError(f"a batch of {batch_size} is larger than the data ({len(self)} pairs)")
        order = torch.randperm(len(self), generator=generator).to(self.x.device)
        for rows in order.split(batch_size):
            if len(rows) == batch_size:
                yield self.x.index_select(0, rows), self.y.index_select(0, rows)
