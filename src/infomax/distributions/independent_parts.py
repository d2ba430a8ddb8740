"""Pairs of several columns that are independent pairs side by side."""

import math
from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.distributions.distribution import PairDistribution
from infomax.errors import UserError

__all__ = ["IndependentParts"]


@dataclass(frozen=True)
class IndependentParts:
    r"""Draws pairs whose columns are independent pairs of other distributions, side by side.

    .. math:: X = (X_1, \dots, X_k), \quad Y = (Y_1, \dots, Y_k), \quad
              I(X; Y) = \sum_i I(X_i; Y_i)

    Source: Cover and Thomas (2006), theorem 2.5.2 (chain rule) with independent terms.

    Args:
        name: what it is called in the registry, in settings and in records.
        parts: distributions of the columns; one may be there several times, and is drawn anew.

    Raises:
        UserError: if there is no part.

    Example:
        >>> from infomax.distributions import AdditiveUniform
        >>> twice = IndependentParts("example", (AdditiveUniform("part", noise=0.1),) * 2)
        >>> round(twice.mutual_information, 4), twice.x_size
        (3.4189, 2)
    """

    name: str
    parts: tuple[PairDistribution, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise UserError(f"{self.name!r} has no parts: give at least 1 distribution")

    @property
    def x_size(self) -> int:
        """Number of values in an x."""
        return sum(part.x_size for part in self.parts)

    @property
    def y_size(self) -> int:
        """Number of values in a y."""
        return sum(part.y_size for part in self.parts)

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return math.fsum(part.mutual_information for part in self.parts)

    @property
    def information_error(self) -> float:
        """Standard error of the information, in nats: parts that are one err together."""
        copies = Counter(part.name for part in self.parts)
        errors = {part.name: part.information_error for part in self.parts}
        return math.hypot(*(copies[name] * errors[name] for name in copies))

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw pairs: x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``."""
        x, y = zip(*(part.sample(count, generator) for part in self.parts), strict=True)
        return torch.cat(x, dim=1), torch.cat(y, dim=1)
