"""A normal value made into one of two modes."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.distributions.scalar_maps import normal_cdf
from infomax.errors import UserError

__all__ = ["BimodalMargin"]

# As many as a float64 has bits.
_HALVINGS = 53


@dataclass(frozen=True)
class BimodalMargin:
    r"""Maps a standard normal value to the mixture of two normals that has the same rank.

    .. math:: f(t) = F^{-1}(\Phi(t)), \quad
              F(v) = w \Phi(v - a) + (1 - w) \Phi(v - b), \quad a \le b

    F has no closed inverse; as :math:`\Phi(v - b) \le F(v) \le \Phi(v - a)`, f(t) lies between
    t + a and t + b, where it is found by halving, in float64.

    Source: Czyż et al. (2023), section 3 ("bimodal variables"); parameters in their package bmi.

    Args:
        lower_weight: w, the share of the lower mode.
        lower_mean: a.
        upper_mean: b.

    Raises:
        UserError: if the weight is not between 0 and 1, or the means are not in order.

    Example:
        >>> margin = BimodalMargin(lower_weight=0.5, lower_mean=-1.0, upper_mean=3.0)
        >>> margin(torch.tensor([-2.0, 0.0, 2.0]))
        tensor([-2.6901,  1.0000,  4.6901])
    """

    lower_weight: float
    lower_mean: float
    upper_mean: float

    def __post_init__(self) -> None:
        if not 0 < self.lower_weight < 1:
            raise UserError(f"a mode of weight {self.lower_weight}: give one between 0 and 1")
        if not self.lower_mean <= self.upper_mean:
            raise UserError(
                f"modes at {self.lower_mean} and {self.upper_mean}: give the lower one first"
            )

    def __call__(self, values: Tensor) -> Tensor:
        """Map each value, of any shape."""
        exact = values.double()
        rank = normal_cdf(exact)
        low, high = exact + self.lower_mean, exact + self.upper_mean
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            is_low = self._rank(middle) < rank
            low, high = torch.where(is_low, middle, low), torch.where(is_low, high, middle)
        return ((low + high) / 2).to(values.dtype)

    def _rank(self, values: Tensor) -> Tensor:
        lower = normal_cdf(values - self.lower_mean)
        return torch.lerp(normal_cdf(values - self.upper_mean), lower, self.lower_weight)
