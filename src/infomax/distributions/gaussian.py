"""Pairs of Gaussian scalars, in batches of independent pairs and in batches of dependent ones."""

import math
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor

from infomax.distributions.covariance import check_covariance
from infomax.distributions.distribution import check_number

__all__ = ["CorrelatedGaussian", "DependentBatchGaussian", "ScalarCovariance"]

ScalarCovariance: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""Covariance of two scalars (x, y): ``((var x, cov), (cov, var y))``."""


@dataclass(frozen=True)
class CorrelatedGaussian:
    r"""Independent pairs of scalars from a bivariate normal of mean zero.

    .. math:: I(X; Y) = -\frac{1}{2} \log(1 - \rho^2), \quad
              \rho^2 = \frac{\Sigma_{xy}^2}{\Sigma_{xx} \Sigma_{yy}}

    Source: Gelfand and Yaglom (1959), for the information; Tschannen et al. (2020), figure 4c.

    Args:
        name: what it is called in the registry, in settings and in records.
        covariance: covariance of (x, y), positive definite.

    Raises:
        UserError: if the covariance is not symmetric and positive definite.

    Example:
        >>> distribution = CorrelatedGaussian("example", covariance=((2.0, 0.4), (0.4, 2.0)))
        >>> round(distribution.mutual_information, 4)
        0.0204
        >>> x, y = distribution.sample(5, torch.Generator().manual_seed(0))
        >>> x.shape, y.shape
        (torch.Size([5, 1]), torch.Size([5, 1]))
    """

    name: str
    covariance: ScalarCovariance
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_covariance(self.covariance, 1, f"the covariance of {self.name!r}")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return _information(self.covariance)

    def sample(self, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x and y of shape ``(N, 1)`` each."""
        check_number(number)
        return _draw(self.covariance, number, generator)


@dataclass(frozen=True)
class DependentBatchGaussian:
    r"""Pairs of scalars that share one draw with all others of their batch.

    .. math:: (X_i, Y_i) = Z + \varepsilon_i, \quad Z \sim N(0, \Sigma_Z), \quad
              \varepsilon_i \sim N(0, \Sigma_\varepsilon)

    Z is drawn once for each batch, the :math:`\varepsilon_i` are independent. A single pair is
    :math:`N(0, \Sigma_Z + \Sigma_\varepsilon)`, so its information is that of
    :class:`CorrelatedGaussian`; but the negatives of a batch are no draws from the product of the
    marginals, and bounds that assume it may exceed the information.

    Source: Tschannen et al. (2020), figure 4c.

    Args:
        name: what it is called in the registry, in settings and in records.
        shared: covariance of Z, positive definite.
        own: covariance of each :math:`\varepsilon_i`, positive definite.

    Raises:
        UserError: if a covariance is not symmetric and positive definite.

    Example:
        >>> distribution = DependentBatchGaussian(
        ...     "example", shared=((1.0, -0.5), (-0.5, 1.0)), own=((1.0, 0.9), (0.9, 1.0))
        ... )
        >>> distribution.covariance
        ((2.0, 0.4), (0.4, 2.0))
        >>> round(distribution.mutual_information, 4)
        0.0204
    """

    name: str
    shared: ScalarCovariance
    own: ScalarCovariance
    x_size: ClassVar[int] = 1
    y_size: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_covariance(self.shared, 1, f"the shared covariance of {self.name!r}")
        check_covariance(self.own, 1, f"the own covariance of {self.name!r}")

    @property
    def covariance(self) -> ScalarCovariance:
        """Covariance of a single pair over all batches."""
        (x_shared, between_shared), (_, y_shared) = self.shared
        (x_own, between_own), (_, y_own) = self.own
        between = between_shared + between_own
        return (x_shared + x_own, between), (between, y_shared + y_own)

    @property
    def mutual_information(self) -> float:
        """I(X; Y) of a single pair, in nats."""
        return _information(self.covariance)

    def sample(self, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw one batch of pairs with one Z: x and y of shape ``(N, 1)`` each."""
        check_number(number)
        x_shared, y_shared = _draw(self.shared, 1, generator)
        x_own, y_own = _draw(self.own, number, generator)
        return x_shared + x_own, y_shared + y_own


def _information(covariance: ScalarCovariance) -> float:
    (x_variance, between), (_, y_variance) = covariance
    return -0.5 * math.log1p(-(between**2) / (x_variance * y_variance))


def _draw(
    covariance: ScalarCovariance, number: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw x, then y given x: two tensors of shape ``(N, 1)``."""
    (x_variance, between), (_, y_variance) = covariance
    slope = between / x_variance
    for_x, for_y = torch.randn(2, number, 1, generator=generator, device=generator.device)
    x = math.sqrt(x_variance) * for_x
    return x, slope * x + math.sqrt(y_variance - slope * between) * for_y
