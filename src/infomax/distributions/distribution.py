"""What a distribution of pairs is, and one seen through maps that lose nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["InjectiveMap", "PairDistribution", "Transformed", "check_count"]


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

    @property
    def information_error(self) -> float:
        """Standard error of that number, in nats: 0 but where it is a mean over draws."""
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


InjectiveMap: TypeAlias = Callable[[Tensor], Tensor]
"""Continuous map that gives different rows different images: ``(N, d)`` -> ``(N, d')``."""


@dataclass(frozen=True)
class Transformed:
    r"""Draws pairs of another distribution, x and y each seen through an injective map.

    .. math:: I(f(X); g(Y)) = I(X; Y)

    That the maps are injective and continuous is for whoever gives them to know; it is what makes
    the information that of the base.

    Source: Kraskov, Stögbauer and Grassberger (2004), appendix, for smooth bijections; Czyż et al.
    (2023), theorem 2.1, for maps that are injective and continuous.

    Args:
        name: what it is called in the registry, in settings and in records.
        base: distribution of what is mapped.
        x_map: injective map of x.
        y_map: injective map of y.

    Raises:
        UserError: if a map leaves fewer values than it takes, or refuses as many as the base gives.

    Example:
        >>> from infomax.distributions import CorrelatedGaussian
        >>> base = CorrelatedGaussian("example", covariance=((2.0, 0.4), (0.4, 2.0)))
        >>> longer = Transformed("asinh-example", base, torch.asinh, torch.asinh)
        >>> longer.mutual_information == base.mutual_information
        True
    """

    name: str
    base: PairDistribution
    x_map: InjectiveMap
    y_map: InjectiveMap

    def __post_init__(self) -> None:
        for side, size, base_size in (
            ("x", self.x_size, self.base.x_size),
            ("y", self.y_size, self.base.y_size),
        ):
            if size < base_size:
                raise UserError(
                    f"{self.name!r} maps {base_size} values of {side} to {size}: give an injective "
                    "map, which leaves at least as many"
                )

    @cached_property
    def x_size(self) -> int:
        """Number of values in an x, once mapped."""
        return self.x_map(torch.zeros(1, self.base.x_size)).shape[1]

    @cached_property
    def y_size(self) -> int:
        """Number of values in a y, once mapped."""
        return self.y_map(torch.zeros(1, self.base.y_size)).shape[1]

    @property
    def mutual_information(self) -> float:
        """I(X; Y) of the base, in nats."""
        return self.base.mutual_information

    @property
    def information_error(self) -> float:
        """Standard error of the information of the base, in nats."""
        return self.base.information_error

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch of the base and map it: ``(N, x_size)`` and ``(N, y_size)``."""
        x, y = self.base.sample(count, generator)
        return self.x_map(x), self.y_map(y)
