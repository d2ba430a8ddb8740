"""Pairs of a real number and a level: cut into levels, or levels that are smoothed."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.distributions.distribution import check_count
from infomax.distributions.injective_maps import normal_cdf
from infomax.distributions.uniform import DiscreteContinuous
from infomax.errors import UserError

__all__ = ["QuantizedNormal", "SmoothedLevels"]


@dataclass(frozen=True)
class QuantizedNormal:
    r"""Draws independent pairs of a normal scalar and the level that it falls into.

    .. math:: Y = \#\{j : \Phi(X) > q_j\}, \quad I(X; Y) = H(Y)

    The levels are as many as are needed, and equally likely but for the last, which is rarer.

    Source: the package mutinfo ("UniformlyQuantized"), for the family.

    Args:
        name: what it is called in the registry, in settings and in records.
        information: H(Y), in nats.

    Raises:
        UserError: if the information is not a positive, finite number.

    Example:
        >>> halves = QuantizedNormal("example", information=math.log(2))
        >>> x, y = halves.sample(3, torch.Generator().manual_seed(0))
        >>> [round(each, 2) for each in x.flatten().tolist()], y.flatten().tolist()
        ([1.54, -0.29, -2.18], [1.0, 0.0, 0.0])
    """

    name: str
    information: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        _check_information(self.name, self.information)

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return float(-(self.probabilities * np.log(self.probabilities)).sum())

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """How likely each level is, the rarest last: they sum to 1."""
        from scipy.optimize import brentq  # noqa: PLC0415

        # A whole number of equal levels may come out as just above it.
        levels = math.ceil(math.exp(self.information) - 1e-9)

        def missing(rarest: float) -> float:
            rest = (1 - rarest) / (levels - 1)
            return -rarest * math.log(rarest) - (1 - rarest) * math.log(rest) - self.information

        rarest = 1 / levels
        if missing(rarest) > 1e-12:
            rarest = brentq(missing, 1e-300, rarest, xtol=1e-16)
        return np.append(np.full(levels - 1, (1 - rarest) / (levels - 1)), rarest)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw x and its level, which is a whole number: two tensors of shape ``(N, 1)``."""
        check_count(count)
        x = torch.randn(count, 1, generator=generator, device=generator.device)
        edges = torch.from_numpy(self.probabilities.cumsum()[:-1]).to(x.device)
        return x, torch.searchsorted(edges, normal_cdf(x.double())).to(x)


@dataclass(frozen=True)
class SmoothedLevels:
    r"""Draws independent pairs of a uniform whole number and a real one so far above it as needed.

    .. math:: X \sim U\{0, \dots, m - 1\}, \quad Y \mid X \sim U[X, X + w]

    The width w is that of which the information is what is asked for; it has no closed form.

    Source: the package mutinfo ("SmoothedDiscreteUniform"), for the family.

    Args:
        name: what it is called in the registry, in settings and in records.
        levels: how many values X may have, m.
        information: I(X; Y), in nats, below log m.

    Raises:
        UserError: if the information is not positive, or not below log m.

    Example:
        >>> smoothed = SmoothedLevels("example", levels=6, information=1.0)
        >>> round(smoothed.width, 3), round(smoothed.mutual_information, 9)
        (2.601, 1.0)
    """

    name: str
    levels: int
    information: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        _check_information(self.name, self.information)
        if math.log(max(self.levels, 1)) <= self.information:
            raise UserError(
                f"{self.name!r} has {self.levels} levels for {self.information} nats: give more "
                f"than {math.exp(self.information):.1f}"
            )

    @cached_property
    def width(self) -> float:
        """How far above X a Y may be, w."""
        from scipy.optimize import brentq  # noqa: PLC0415

        def missing(width: float) -> float:
            exact = DiscreteContinuous(self.name, self.levels, width).mutual_information
            return exact - self.information

        # The wider, the less is left; at a width of 2 (m - 1) / I it is below I.
        return float(brentq(missing, 1.0, 2 * self.levels / min(self.information, 1.0)))

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return self._pairs.mutual_information

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x, which holds whole numbers, and y of shape ``(N, 1)`` each."""
        return self._pairs.sample(count, generator)

    @cached_property
    def _pairs(self) -> DiscreteContinuous:
        return DiscreteContinuous(self.name, self.levels, self.width)


def _check_information(name: str, information: float) -> None:
    if not 0 < information < math.inf:
        raise UserError(f"{name!r} is to hold {information} nats: give a positive number")
