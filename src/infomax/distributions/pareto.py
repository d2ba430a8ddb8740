"""The bivariate Pareto distribution: heavy tails that are not those of an ellipse."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from infomax.distributions.distribution import check_number
from infomax.errors import UserError

__all__ = ["BivariatePareto"]


@dataclass(frozen=True)
class BivariatePareto:
    r"""Independent pairs of positive scalars from a bivariate Pareto distribution.

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

    def __post_init__(self) -> None:
        if not 0 < self.shape < math.inf:
            raise UserError(f"the shape of {self.name!r} is {self.shape}: give a positive number")

    @property
    def mutual_information(self) -> float:
        """I(X; Y), in nats."""
        return math.log1p(1 / self.shape) - 1 / (self.shape + 1)

    def sample(self, number: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw x, then y given x: two tensors of shape ``(N, 1)``."""
        check_number(number)
        for_x, for_y = torch.rand(2, number, 1, generator=generator, device=generator.device)
        # A draw is in [0, 1): log1p of its negative is finite, and exact for what is near 0.
        x = torch.expm1(-torch.log1p(-for_x) / self.shape)
        # Given x, y is 1 + x times a Pareto variable of shape a + 1.
        y = (1 + x) * torch.expm1(-torch.log1p(-for_y) / (self.shape + 1))
        return x, y
