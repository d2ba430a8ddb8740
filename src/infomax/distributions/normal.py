"""Normal distributions of x and y: scalars, vectors, batches that depend, and stairs."""

import math
import reprlib
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeAlias

import torch
from torch import Tensor

from infomax.distributions.covariance import Covariance, check_covariance, paired_correlation
from infomax.distributions.distribution import check_count
from infomax.errors import UserError

__all__ = [
    "CorrelatedGaussian",
    "DependentBatchGaussian",
    "MultivariateNormal",
    "ScalarCovariance",
    "staircase_gaussian",
]


@dataclass(frozen=True)
class MultivariateNormal:
    r"""Draws independent pairs from a multivariate normal of mean zero.

    .. math:: I(X; Y) = \frac{1}{2} \log
              \frac{\det \Sigma_{XX} \det \Sigma_{YY}}{\det \Sigma}

    Source: Gelfand and Yaglom (1959); Czyż et al. (2023), section 3.

    Args:
        name: what it is called in the registry, in settings and in records.
        covariance: covariance of x and y together, x before y, positive definite.
        x_size: number of values in an x; the other values are those of a y.

    Raises:
        UserError: if the covariance is not symmetric and positive definite, or does not leave at
            least one value for x and one for y.

    Example:
        >>> from infomax.distributions import equicorrelation
        >>> distribution = MultivariateNormal("example", equicorrelation(5, 0.5), x_size=2)
        >>> round(distribution.mutual_information, 4)
        0.3466
        >>> x, y = distribution.sample(7, torch.Generator().manual_seed(0))
        >>> x.shape, y.shape
        (torch.Size([7, 2]), torch.Size([7, 3]))
    """

    name: str
    covariance: Covariance
    x_size: int
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        check_covariance(self.covariance, self.x_size, f"the covariance of {self.name!r}")

    def __repr__(self) -> str:
        return (
            f"MultivariateNormal({self.name!r}, {reprlib.repr(self.covariance)}, "
            f"x_size={self.x_size})"
        )

    @property
    def y_size(self) -> int:
        """Number of values in a y."""
        return len(self.covariance) - self.x_size

    @cached_property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        covariance = torch.tensor(self.covariance, dtype=torch.float64)
        y_factor = torch.linalg.cholesky(covariance[self.x_size :, self.x_size :])
        # The factor of the whole begins with that of x, so only what follows does not cancel.
        y_given_x = self._factor.diagonal()[self.x_size :]
        information: Tensor = y_factor.diagonal().log().sum() - y_given_x.log().sum()
        # Rounding may take an information of 0 below it.
        return max(0.0, float(information))

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``."""
        check_count(count)
        size = len(self.covariance)
        drawn = torch.randn(count, size, generator=generator, device=generator.device)
        x, y = (drawn @ self._factor.to(drawn).T).split([self.x_size, self.y_size], dim=1)
        return x, y

    @cached_property
    def _factor(self) -> Tensor:
        """Lower triangular L with L L^T = covariance, in float64."""
        factor: Tensor = torch.linalg.cholesky(torch.tensor(self.covariance, dtype=torch.float64))
        return factor


ScalarCovariance: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""Covariance of two scalars (x, y): ``((var x, cov), (cov, var y))``."""


@dataclass(frozen=True)
class CorrelatedGaussian:
    r"""Draws independent pairs of scalars from a bivariate normal of mean zero.

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
    information_error: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        check_covariance(self.covariance, 1, f"the covariance of {self.name!r}")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return _information(self.covariance)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x and y of shape ``(N, 1)`` each."""
        check_count(count)
        return _draw(self.covariance, count, generator)


@dataclass(frozen=True)
class DependentBatchGaussian:
    r"""Draws pairs of scalars that share one draw with all others of their batch.

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
    information_error: ClassVar[float] = 0.0

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

    def sample(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw one batch of pairs with one Z: x and y of shape ``(N, 1)`` each."""
        check_count(count)
        x_shared, y_shared = _draw(self.shared, 1, generator)
        x_own, y_own = _draw(self.own, count, generator)
        return x_shared + x_own, y_shared + y_own


def _information(covariance: ScalarCovariance) -> float:
    (x_variance, between), (_, y_variance) = covariance
    return -0.5 * math.log1p(-(between**2) / (x_variance * y_variance))


def _draw(
    covariance: ScalarCovariance, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw x, then y given x: two tensors of shape ``(N, 1)``."""
    (x_variance, between), (_, y_variance) = covariance
    slope = between / x_variance
    for_x, for_y = torch.randn(2, count, 1, generator=generator, device=generator.device)
    x = math.sqrt(x_variance) * for_x
    return x, slope * x + math.sqrt(y_variance - slope * between) * for_y


def staircase_gaussian(name: str, *, pairs: int, information: float) -> MultivariateNormal:
    r"""Make a normal distribution of independent pairs that share the information evenly.

    .. math:: I(X; Y) = -\frac{d}{2} \log(1 - \rho^2), \quad
              \rho = \sqrt{1 - e^{-2 I / d}}

    Source: Belghazi et al. (2018), section 4.1; Poole et al. (2019), section 3, whose estimators
    climb from 2 to 10 nats with 20 pairs.

    Args:
        name: what it is called in the registry, in settings and in records.
        pairs: pairs of correlated scalars, d: the values in an x, and in a y.
        information: I(X; Y) of all pairs together, in nats.

    Raises:
        UserError: if there is no pair or the information is negative or infinite.

    Example:
        >>> stair = staircase_gaussian("example", pairs=20, information=2.0)
        >>> round(stair.mutual_information, 4), round(stair.covariance[0][20], 4)
        (2.0, 0.4258)
    """
    if pairs < 1:
        raise UserError(f"{name!r} has {pairs} pairs: give at least 1")
    if not 0 <= information < math.inf:
        raise UserError(f"{name!r} is to hold {information} nats: give 0 or a positive number")
    correlation = math.sqrt(-math.expm1(-2 * information / pairs))
    return MultivariateNormal(name, paired_correlation(pairs, pairs, [correlation] * pairs), pairs)
