"""Distributions made of uniform variables, one of them of a whole number and a real one."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = ["AdditiveUniform", "DiscreteContinuous"]


@dataclass(frozen=True)
class AdditiveUniform:
    r"""Draws independent pairs of a uniform scalar and the same with uniform noise added.

    .. math:: X \sim U(0, 1), \quad Y = X + N, \quad N \sim U(-\varepsilon, \varepsilon)

    .. math:: I(X; Y) = \begin{cases}
              \varepsilon - \log(2 \varepsilon) & \varepsilon \le \frac{1}{2} \\
              \frac{1}{4 \varepsilon} & \varepsilon > \frac{1}{2} \end{cases}

    It is h(Y) - h(N), where Y has a trapezoid for its density.

    Source: Czyż et al. (2023), section 3 ("additive noise").

    Args:
        name: what it is called in the registry, in settings and in records.
        noise: largest size of the noise, :math:`\varepsilon`.

    Raises:
        UserError: if the noise is not a positive, finite number.

    Example:
        >>> round(AdditiveUniform("example", noise=0.1).mutual_information, 4)
        1.7094
        >>> x, y = AdditiveUniform("example", noise=0.1).sample(5, torch.Generator().manual_seed(0))
        >>> bool(((y - x).abs() <= 0.1).all())
        True
    """

    name: str
    noise: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.noise < math.inf:
            raise UserError(f"the noise of {self.name!r} is {self.noise}: give a positive number")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        if self.noise <= 0.5:
            return self.noise - math.log(2 * self.noise)
        return 1 / (4 * self.noise)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x and y of shape ``(N, 1)`` each."""
        check_count(count)
        x, drawn = torch.rand(2, count, 1, generator=generator, device=generator.device)
        return x, x + self.noise * (2 * drawn - 1)


@dataclass(frozen=True)
class DiscreteContinuous:
    r"""Draws independent pairs of a uniform whole number and a uniform real one above it.

    .. math:: X \sim U\{0, \dots, m - 1\}, \quad Y \mid X \sim U[X, X + w]

    .. math:: I(X; Y) = \log m - E \log n(Y), \quad n(y) = \#\{x : x \le y \le x + w\}

    All values of X that are possible for a y are equally likely. At a width of 2 they are two but
    below 1 and from m on, and the information is :math:`\log m - \frac{m - 1}{m} \log 2`.

    Source: Gao, Kannan, Oh and Viswanath (2017), section 5, for the width 2.

    Args:
        name: what it is called in the registry, in settings and in records.
        levels: how many values X may have, m.
        width: how far above X a Y may be, w.

    Raises:
        UserError: if there is no level, or the width is not a positive, finite number.

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
    width: float = 2.0
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if self.levels < 1:
            raise UserError(f"{self.name!r} has {self.levels} levels: give at least 1")
        if not 0 < self.width < math.inf:
            raise UserError(f"the width of {self.name!r} is {self.width}: give a positive number")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        starts = np.arange(self.levels, dtype=np.float64)
        edges = np.concatenate((starts, starts + self.width))
        changes = np.repeat((1.0, -1.0), self.levels)
        order = edges.argsort(kind="stable")
        # Between two edges the number of possible x stays as it is.
        possible, lengths = changes[order].cumsum()[:-1], np.diff(edges[order])
        weights = lengths * possible / (self.levels * self.width)
        return math.log(self.levels) - float(weights @ np.log(np.maximum(possible, 1)))

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x, which holds whole numbers, and y of shape ``(N, 1)`` each."""
        check_count(count)
        shape, device = (count, 1), generator.device
        above = self.width * torch.rand(shape, generator=generator, device=device)
        x = torch.randint(self.levels, shape, generator=generator, device=device).to(above)
        return x, x + above
