"""What a distribution of pairs is."""

from typing import Protocol

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["PairDistribution", "check_count"]


class PairDistribution(Protocol):
    """Draws pairs (x, y), and knows the true mutual information of one pair."""

    @property
    def name(self) -> str:
        """What it is called in the registry, in settings and in records."""
        ...

    @property
    def x_size(self) -> int:
        """Number of values in an x."""
        ...

    @property
    def y_size(self) -> int:
        """Number of values in a y."""
        ...

    @property
    def mutual_information(self) -> float:
        """I(X; Y) of a single pair, in nats, of its marginal over all batches."""
        ...

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw one batch of pairs.

        The pairs of a batch may depend on each other; batches of successive calls never do.

        Args:
            count: pairs in the batch, N.
            generator: the only source of randomness; its device is that of the batch.

        Returns:
            x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``, in PyTorch's default dtype.

        Raises:
            UserError: if ``count`` is below 1.
        """
        ...


def check_count(count: int) -> None:
    """Refuse a batch without pairs.

    Raises:
        UserError: if ``count`` is below 1.

    Example:
        >>> check_count(0)
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: a batch of 0 pairs: draw at least 1
    """
    if count < 1:
        raise UserError(f"a batch of {count} pairs: draw at least 1")
