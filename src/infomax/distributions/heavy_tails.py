"""Distributions of heavy tails: Student's and Pareto's."""

import math
import reprlib
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from scipy.special import digamma, gammaln
from torch import Tensor

from infomax.distributions.covariance import Covariance, check_covariance
from infomax.distributions.distribution import check_count
from infomax.distributions.normal import MultivariateNormal
from infomax.errors import UserError

__all__ = ["BivariatePareto", "MultivariateStudent"]


@dataclass(frozen=True)
class MultivariateStudent:
    r"""Draws independent pairs from a multivariate Student distribution centred at zero.

    .. math:: (X, Y) = \sqrt{\nu / \chi^2_\nu} \, Z, \quad Z \sim N(0, \Omega)

    All values of a pair share one :math:`\chi^2_\nu`, so they inform about each other's size even
    where :math:`\Omega` is the identity. With d values in x and k in y,

    .. math:: I(X; Y) = I_N(\Omega) + g(\nu + d) + g(\nu + k) - g(\nu + d + k) - g(\nu), \quad
              g(n) = \frac{n}{2} \psi\left(\frac{n}{2}\right) - \log \Gamma\left(\frac{n}{2}\right)

    where :math:`I_N` is the information of the normal distribution.

    Source: Arellano-Valle, Contreras-Reyes and Genton (2013), equation 7, for the entropies, of
    which this is h(X) + h(Y) - h(X, Y); Czyż et al. (2023), section 3.

    Args:
        name: what it is called in the registry, in settings and in records.
        dispersion: :math:`\Omega` of x and y together, x before y, positive definite; it is the
            covariance times :math:`(\nu - 2) / \nu` where that exists, from 3 degrees on.
        x_size: number of values in an x; the other values are those of a y.
        degrees_of_freedom: :math:`\nu`, a whole number; the fewer, the heavier the tails.

    Raises:
        UserError: if there is less than one degree of freedom, the dispersion is not symmetric and
            positive definite, or it does not leave at least one value for x and one for y.

    Example:
        >>> distribution = MultivariateStudent(
        ...     "example", ((1.0, 0.0), (0.0, 1.0)), x_size=1, degrees_of_freedom=1
        ... )
        >>> round(distribution.mutual_information, 4)
        0.2242
        >>> x, y = distribution.sample(5, torch.Generator().manual_seed(0))
        >>> x.shape, y.shape
        (torch.Size([5, 1]), torch.Size([5, 1]))
    """

    name: str
    dispersion: Covariance
    x_size: int
    degrees_of_freedom: int
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if self.degrees_of_freedom < 1:
            raise UserError(
                f"{self.name!r} has {self.degrees_of_freedom} degrees of freedom: give a whole "
                "number of at least 1"
            )
        check_covariance(self.dispersion, self.x_size, f"the dispersion of {self.name!r}")

    def __repr__(self) -> str:
        return (
            f"MultivariateStudent({self.name!r}, {reprlib.repr(self.dispersion)}, "
            f"x_size={self.x_size}, degrees_of_freedom={self.degrees_of_freedom})"
        )

    @property
    def y_size(self) -> int:
        """Number of values in a y."""
        return self._normal.y_size

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        degrees, x_size, y_size = self.degrees_of_freedom, self.x_size, self.y_size
        of_tails = _g(degrees + x_size) + _g(degrees + y_size)
        of_tails -= _g(degrees + x_size + y_size) + _g(degrees)
        return self._normal.mutual_information + of_tails

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``."""
        x, y = self._normal.sample(count, generator)
        # In float64: in float32 one normal in 2^24 is exactly 0, and would be divided by.
        normals = torch.randn(
            count,
            self.degrees_of_freedom,
            generator=generator,
            device=generator.device,
            dtype=torch.float64,
        )
        stretch = normals.square().mean(dim=1, keepdim=True).rsqrt().to(x.dtype)
        return stretch * x, stretch * y

    @cached_property
    def _normal(self) -> MultivariateNormal:
        return MultivariateNormal(self.name, self.dispersion, self.x_size)


def _g(degrees: int) -> float:
    half = degrees / 2
    return float(half * digamma(half) - gammaln(half))


@dataclass(frozen=True)
class BivariatePareto:
    r"""Draws independent pairs of positive scalars from a bivariate Pareto distribution.

    .. math:: p(x, y) = a (a + 1) (1 + x + y)^{-(a + 2)}, \quad x, y > 0

    .. math:: I(X; Y) = \log \frac{a + 1}{a} - \frac{1}{a + 1}

    It is two exponentials divided by one gamma variable of shape a, which gives
    :math:`E \log(1 + X) = \frac{1}{a}` and
    :math:`E \log(1 + X + Y) = \frac{1}{a} + \frac{1}{a + 1}`; the information follows from these,
    as the marginals are :math:`a (1 + x)^{-(a + 1)}`. The large values go together: of their
    survival functions, the copula is Clayton's with parameter 1 / a, whose information this is too.

    Source: Mardia (1962), for the distribution (of the second kind, moved to begin at 0);
    Darbellay and Vajda (2000), for its information.

    Args:
        name: what it is called in the registry, in settings and in records.
        shape: a; the smaller, the heavier the tails and the more information.

    Raises:
        UserError: if the shape is not a positive, finite number.

    Example:
        >>> round(BivariatePareto("example", shape=0.5).mutual_information, 4)
        0.4319
        >>> x, y = BivariatePareto("example", shape=0.5).sample(
        ...     5, torch.Generator().manual_seed(0)
        ... )
        >>> x.shape, y.shape
        (torch.Size([5, 1]), torch.Size([5, 1]))
    """

    name: str
    shape: float
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.shape < math.inf:
            raise UserError(f"the shape of {self.name!r} is {self.shape}: give a positive number")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return math.log1p(1 / self.shape) - 1 / (self.shape + 1)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw x, then y given x: two tensors of shape ``(N, 1)``."""
        check_count(count)
        for_x, for_y = torch.rand(2, count, 1, generator=generator, device=generator.device)
        # A draw is in [0, 1): log1p of its negative is finite, and exact for what is near 0.
        x = torch.expm1(-torch.log1p(-for_x) / self.shape)
        # Given x, y is 1 + x times a Pareto variable of shape a + 1.
        y = (1 + x) * torch.expm1(-torch.log1p(-for_y) / (self.shape + 1))
        return x, y
