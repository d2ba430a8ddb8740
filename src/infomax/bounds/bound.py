"""What a bound of a score matrix is: what is made larger, and what is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from torch import Tensor

__all__ = ["Bound", "Kind", "PlainBound"]

Kind: TypeAlias = Literal["lower bound", "upper bound", "neither"]
"""On which side of the mutual information the value read stands, in expectation over batches."""


class Bound(Protocol):
    """A value that is made larger in training, and the estimate of the information that is read.

    One that remembers anything between batches is a module, and keeps it in its state dict.

    Attributes:
        name: that records and settings use.
        kind: of the value read.
    """

    @property
    def name(self) -> str:
        """Name in records and settings."""

    @property
    def kind(self) -> Kind:
        """Side of the mutual information on which the value read stands."""

    def trained(self, scores: Tensor, /) -> Tensor:
        """Return what is made larger: ``(..., N, N)`` -> ``(...)``."""

    def read(self, scores: Tensor, /) -> Tensor:
        """Return the estimate in nats: ``(..., N, N)`` -> ``(...)``."""


@dataclass(frozen=True)
class PlainBound:
    """A bound that is trained on the very value that is read.

    Attributes:
        name: that records and settings use.
        kind: of its value.
        read: score matrix ``(..., N, N)`` -> estimate in nats ``(...)``.

    Example:
        >>> import torch
        >>> from infomax.bounds import infonce
        >>> bound = PlainBound("infonce", "lower bound", infonce)
        >>> bound.trained(torch.zeros(4, 4)).item(), bound.read(torch.zeros(4, 4)).item()
        (0.0, 0.0)
    """

    name: str
    kind: Kind
    read: Callable[[Tensor], Tensor]

    @property
    def trained(self) -> Callable[[Tensor], Tensor]:
        """The same function as ``read``."""
        return self.read
