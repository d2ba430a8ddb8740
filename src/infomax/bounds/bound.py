"""What a bound of a score matrix is: what is made larger, and what is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from torch import Tensor

__all__ = ["Bound", "ComputedFrom", "Kind", "PlainBound"]

Kind: TypeAlias = Literal["lower bound", "upper bound", "neither"]
"""On which side of the mutual information the value read stands, in expectation over batches."""

ComputedFrom: TypeAlias = Literal["whole", "rows", "tiles"]
"""How far a score matrix may be scattered for a bound to be computed from it, to the same value.

Whole: a tensor ``(..., N, N)``. Rows: also rows that several processes hold. Tiles: also factors of
the scores, of which a few rows at a time are multiplied out. Each form takes those before it.
"""

HeldScores: TypeAlias = Any
"""A tensor ``(..., N, N)`` and, as far as ``computed_from`` says, any other score matrix."""


class Bound(Protocol):
    """A value that is made larger in training, and the estimate of the information that is read.

    One that remembers anything between batches is a module, and keeps it in its state dict.

    Attributes:
        name: that records and settings use.
        kind: of the value read.
        computed_from: how far the score matrix may be scattered; only ``"rows"`` and ``"tiles"``
            are trained on several processes.
    """

    @property
    def name(self) -> str:
        """Name in records and settings."""

    @property
    def kind(self) -> Kind:
        """Side of the mutual information on which the value read stands."""

    @property
    def computed_from(self) -> ComputedFrom:
        """How far the score matrix may be scattered."""

    def trained(self, scores: HeldScores, /) -> Tensor:
        """Return what is made larger: ``(..., N, N)`` -> ``(...)``."""

    def read(self, scores: HeldScores, /) -> Tensor:
        """Return the estimate in nats: ``(..., N, N)`` -> ``(...)``."""


@dataclass(frozen=True)
class PlainBound:
    """A bound that is trained on the very value that is read.

    Attributes:
        name: that records and settings use.
        kind: of its value.
        read: score matrix ``(..., N, N)`` -> estimate in nats ``(...)``.
        computed_from: how far the score matrix may be scattered.
        capped: whether it cannot exceed the log of the number of pairs in the batch.

    Example:
        >>> import torch
        >>> from infomax.bounds import infonce
        >>> bound = PlainBound("infonce", "lower bound", infonce)
        >>> bound.trained(torch.zeros(4, 4)).item(), bound.read(torch.zeros(4, 4)).item()
        (0.0, 0.0)
    """

    name: str
    kind: Kind
    read: Callable[[HeldScores], Tensor]
    computed_from: ComputedFrom = "whole"
    capped: bool = False

    @property
    def trained(self) -> Callable[[HeldScores], Tensor]:
        """The same function as ``read``."""
        return self.read
