"""A whole number and a real one: neither discrete nor continuous as a pair."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from infomax.distributions.distribution import check_number
from infomax.errors import UserError

__all__ = ["DiscreteContinuous"]


@dataclass(frozen=True)
class DiscreteContinuous:
    r"""Independent pairs of a uniform whole number and a uniform real one above it.

    .. math:: X \sim U\{0, \dots, m - 1\}, \quad Y \mid X \sim U[X, X + 2]

    .. math:: I(X; Y) = \log m - \frac{m - 1}{m} \log 2

    Two values of X are possible for most y, and they are equally likely; only below 1 and from m on
    y tells X for certain.

    Source: Gao, Kannan, Oh and Viswanath (2017), section 5.

    Args:
        name: what it is called in the registry, in settings and in records.
        levels: how many values X may have, m.

    Raises:
        UserError: if there is no level.

    Example:
        >>> round(DiscreteContinuous("example", levels=5).mutual_information, 4)
        1.0549
        >>> x, y = DiscreteContinuous("example", levels=5).sample(
        ...     3, torch.Generator().manual_seed(0)
        ... )
        >>> x.flatten().tolist()
        [0.0, 3.0, 4.0]
    """

    name: str
    levels: int
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.levels < 1:
            raise UserError(f"{self.name!r} has {self.levels} levels: give at least 1")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return math.log(self.levels) - (1 - 1 / self.levels) * math.log(2)

    def sample(self, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x, which holds whole numbers, and y of shape ``(N, 1)`` each."""
        check_number(number)
        shape, device = (number, 1), generator.device
        above = 2 * torch.rand(shape, generator=generator, device=device)
        x = torch.randint(self.levels, shape, generator=generator, device=device).to(above)
        return x, x + above
