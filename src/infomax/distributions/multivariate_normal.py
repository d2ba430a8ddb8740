"""The multivariate normal distribution of x and y together."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from infomax.distributions.covariance import Covariance, check_covariance
from infomax.distributions.distribution import check_number

__all__ = ["MultivariateNormal"]


@dataclass(frozen=True)
class MultivariateNormal:
    r"""Independent pairs from a multivariate normal of mean zero.

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

    def __post_init__(self) -> None:
        check_covariance(self.covariance, self.x_size, f"the covariance of {self.name!r}")

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

    def sample(self, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw independent pairs: x of shape ``(N, x_size)`` and y of shape ``(N, y_size)``."""
        check_number(number)
        size = len(self.covariance)
        drawn = torch.randn(number, size, generator=generator, device=generator.device)
        x, y = (drawn @ self._factor.to(drawn).T).split([self.x_size, self.y_size], dim=1)
        return x, y

    @cached_property
    def _factor(self) -> Tensor:
        """Lower triangular L with L L^T = covariance, in float64."""
        factor: Tensor = torch.linalg.cholesky(torch.tensor(self.covariance, dtype=torch.float64))
        return factor
