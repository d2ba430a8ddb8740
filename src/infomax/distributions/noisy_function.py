"""A scalar seen through a curve, with normal noise whose spread may depend on it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = ["Curve", "NoisyFunction"]

Curve: TypeAlias = Callable[[Tensor], Tensor]
"""Takes tensors of any shape, value by value; smooth but perhaps at 0."""

# Points of quadrature in each stretch; twice as many leave the information as it is to 1e-12.
_POINTS = 64
_STRETCHES = 40
# Beyond so many standard deviations a normal density is below 1e-18.
_TAIL = 9.0


@dataclass(frozen=True)
class NoisyFunction:
    r"""Draws independent pairs of a scalar and a curve of it, with normal noise.

    .. math:: Y = f(X) + s(X) \varepsilon, \quad \varepsilon \sim N(0, 1), \quad
              I(X; Y) = h(Y) - E \log s(X) - \frac{1}{2} \log(2 \pi e)

    The density of Y is an integral over x and h(Y) one over y; both are taken by Gauss-Legendre
    quadrature in stretches, of which one ends at 0, where curves may have a kink.

    Source: Cover and Thomas (2006), section 8.6, for the information of what has normal noise.

    Args:
        name: what it is called in the registry, in settings and in records.
        curve: f.
        spread: s, positive.
        of_x: whether X is uniform between plus and minus ``scale``, or normal.
        scale: half the width of the uniform, or the normal's standard deviation.

    Raises:
        UserError: if the scale is not a positive, finite number, or the spread is not positive.

    Example:
        >>> line = NoisyFunction("example", lambda x: 2 * x, torch.ones_like, of_x="normal")
        >>> round(line.mutual_information, 6), round(0.5 * math.log(1 + 2**2), 6)
        (0.804719, 0.804719)
        >>> x, y = line.sample(5, torch.Generator().manual_seed(0))
        >>> x.shape, y.shape
        (torch.Size([5, 1]), torch.Size([5, 1]))
    """

    name: str
    curve: Curve
    spread: Curve
    of_x: Literal["uniform", "normal"] = "uniform"
    scale: float = 1.0
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.scale < math.inf:
            raise UserError(f"the scale of {self.name!r} is {self.scale}: give a positive number")
        points, _ = self._points_of_x
        if not bool((self.spread(points) > 0).all()):
            raise UserError(f"the spread of {self.name!r} is 0 or below somewhere: give one above")

    @cached_property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        x, weights = self._points_of_x
        means, spreads = self.curve(x), self.spread(x)
        ends = (means - _TAIL * spreads).min(), (means + _TAIL * spreads).max()
        y, lengths = _gauss_legendre(float(ends[0]), float(ends[1]))
        # A stretch of y at a time: all of x beside all of y would be 50 MB.
        of_y = torch.cat(
            [_normal_density(part, means, spreads) @ weights for part in y.split(_POINTS)]
        )
        entropy = -(lengths * torch.special.xlogy(of_y, of_y)).sum()
        of_noise = (weights * spreads.log()).sum() + 0.5 * math.log(2 * math.pi * math.e)
        return float(entropy - of_noise)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw x, then y given x: two tensors of shape ``(N, 1)``."""
        check_count(count)
        shape, device = (count, 1), generator.device
        if self.of_x == "normal":
            x = self.scale * torch.randn(shape, generator=generator, device=device)
        else:
            x = self.scale * (2 * torch.rand(shape, generator=generator, device=device) - 1)
        noise = torch.randn(shape, generator=generator, device=device)
        return x, self.curve(x) + self.spread(x) * noise

    @cached_property
    def _points_of_x(self) -> tuple[Tensor, Tensor]:
        """Points of x and how likely each is, as weights that sum to 1."""
        end = self.scale if self.of_x == "uniform" else _TAIL * self.scale
        points, lengths = _gauss_legendre(-end, end)
        if self.of_x == "uniform":
            return points, lengths / (2 * end)
        zero, scale = torch.zeros(1).to(points), torch.full((1,), self.scale).to(points)
        return points, lengths * _normal_density(points, zero, scale)[:, 0]


def _gauss_legendre(low: float, high: float) -> tuple[Tensor, Tensor]:
    """Return points and weights of quadrature in an even number of stretches from low to high."""
    nodes, weights = (torch.from_numpy(each) for each in np.polynomial.legendre.leggauss(_POINTS))
    edges = torch.linspace(low, high, _STRETCHES + 1, dtype=torch.float64)
    half = (edges[1:] - edges[:-1])[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * nodes).flatten(), (half * weights).flatten()


def _normal_density(values: Tensor, means: Tensor, spreads: Tensor) -> Tensor:
    """Return the density of each value under each normal: ``(N,)`` and ``(M,)`` -> ``(N, M)``."""
    away = (values[:, None] - means) / spreads
    return (-away.square() / 2).exp() / (spreads * math.sqrt(2 * math.pi))
