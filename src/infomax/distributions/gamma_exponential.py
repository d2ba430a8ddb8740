"""An exponential whose rate is a gamma variable, both as logarithms."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from scipy.special import digamma, gammaincinv
from torch import Tensor

from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = ["LogGammaExponential"]


@dataclass(frozen=True)
class LogGammaExponential:
    r"""Draws independent pairs of the logarithms of a gamma variable and of an exponential one.

    .. math:: X = \log G, \quad Y = \log E - \log G, \quad G \sim \Gamma(a), \quad E \sim \Gamma(1)

    .. math:: I(X; Y) = \psi(a) - \log a + \frac{1}{a}

    Given G, the variable E / G is exponential with the rate G. The smaller a, the further X reaches
    below 0: at 5 nats it is hundreds of times as wide as the noise, and far from normal.

    Source: Darbellay and Vajda (2000), for the information of gamma-exponential pairs; the package
    mutinfo, for taking logarithms, which leave it as it is.

    Args:
        name: what it is called in the registry, in settings and in records.
        information: I(X; Y), in nats, of which the shape a follows.

    Raises:
        UserError: if the information is not a positive, finite number.

    Example:
        >>> pairs = LogGammaExponential("example", information=2.0)
        >>> round(pairs.shape, 4), round(pairs.mutual_information, 9)
        (0.0869, 2.0)
    """

    name: str
    information: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.information < math.inf:
            raise UserError(
                f"{self.name!r} is to hold {self.information} nats: give a positive number"
            )

    @cached_property
    def shape(self) -> float:
        """The shape of the gamma variable, a."""
        from scipy.optimize import brentq  # noqa: PLC0415

        def missing(log_shape: float) -> float:
            return _information(math.exp(log_shape)) - self.information

        # It lies between 1 / 2a, of large shapes, and -log a - 0.577, of small ones.
        return math.exp(brentq(missing, -self.information - 2, 2 - math.log(self.information)))

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return _information(self.shape)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x and y of shape ``(N, 1)`` each."""
        check_count(count)
        drawn = torch.rand(
            3, count, 1, generator=generator, device=generator.device, dtype=torch.float64
        )
        # A draw may be 0, of which the logarithm is not finite; the smallest other one is 2^-53.
        ranks, stretches, waits = drawn.clamp(min=2.0**-54)
        # G itself would be rounded to 0 where its shape is small: it is a variable of shape a + 1
        # times the a-th root of a uniform one.
        larger = torch.from_numpy(gammaincinv(self.shape + 1, ranks.cpu().numpy())).to(ranks)
        x = larger.log() + stretches.log() / self.shape
        y = (-waits.log()).log() - x
        return x.to(torch.get_default_dtype()), y.to(torch.get_default_dtype())


def _information(shape: float) -> float:
    return float(digamma(shape) - math.log(shape) + 1 / shape)
