"""VICReg: partners are near, and dimensions of each code vary and do not covary."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.losses.cross_moments import squares_off_diagonal
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs, check_positive

__all__ = ["VICReg", "vicreg"]

_ADDED_TO_VARIANCE = 1e-4


def vicreg(
    x: Tensor,
    y: Tensor,
    *,
    invariance_weight: float = 25.0,
    variance_weight: float = 25.0,
    covariance_weight: float = 1.0,
) -> LossTerms:
    r"""VICReg: invariance of partners, variance and covariance of the dimensions of each view.

    .. math:: L = \frac{\lambda}{N d} \sum_i \| x_i - y_i \|^2
              + \sum_{z \in \{x, y\}} \frac{1}{d} \sum_k \Big(
              \frac{\mu}{2} \big[ 1 - \sqrt{\operatorname{Var} z_k + 10^{-4}} \big]_+
              + \nu \sum_{l \ne k} \operatorname{Cov}(z_k, z_l)^2 \Big)

    Like Barlow Twins it is near the second-order form of the Donsker-Varadhan value, and keeps each
    view's own covariances; the hinge is in place of standardised codes.

    Source: Bardes, Ponce and LeCun (2022), equations 1 to 6, with the half of its own code.

    Args:
        x: codes ``(..., N, d)``.
        y: codes of their partners.
        invariance_weight: lambda.
        variance_weight: mu.
        covariance_weight: nu.

    Returns:
        A joint term with one element for each pair, a marginal term with one for each dimension.

    Raises:
        UserError: if the shapes differ, N is below 2, or a weight is not above 0.

    Example:
        >>> codes = torch.tensor([[3.0, 3.0], [3.0, -3.0], [-3.0, 3.0], [-3.0, -3.0]])
        >>> vicreg(codes, codes).total.item(), round(vicreg(codes, codes + 1).total.item(), 3)
        (0.0, 25.0)
    """
    check_codes_of_pairs(x, y)
    _check_weights(invariance_weight, variance_weight, covariance_weight)
    joint = invariance_weight * (x - y).square().mean(dim=-1)
    marginal = _of_view(x, variance_weight, covariance_weight) + _of_view(
        y, variance_weight, covariance_weight
    )
    return LossTerms(joint=Term(joint), marginal=Term(marginal))


def _check_weights(invariance: float, variance: float, covariance: float) -> None:
    check_positive(
        invariance_weight=invariance, variance_weight=variance, covariance_weight=covariance
    )


def _of_view(codes: Tensor, variance_weight: float, covariance_weight: float) -> Tensor:
    """Return hinge and covariances of each dimension: ``(..., N, d)`` -> ``(..., d)``."""
    centred = codes - codes.mean(dim=-2, keepdim=True)
    freedom = codes.shape[-2] - 1
    variance, squares = squares_off_diagonal(centred, centred)
    hinge = torch.relu(1 - (variance / freedom + _ADDED_TO_VARIANCE).sqrt())
    return variance_weight / 2 * hinge + covariance_weight / freedom**2 * squares


@dataclass(frozen=True)
class VICReg(Loss):
    """VICReg: partners are near, and dimensions of each view vary and do not covary.

    Args:
        invariance_weight: weight of the squared distance of partners.
        variance_weight: weight of the hinge on standard deviations.
        covariance_weight: weight of squared covariances.
    """

    name = "vicreg"
    nearest_bound = "donsker-varadhan"
    invariance_weight: float = 25.0
    variance_weight: float = 25.0
    covariance_weight: float = 1.0

    def __post_init__(self) -> None:
        _check_weights(self.invariance_weight, self.variance_weight, self.covariance_weight)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``vicreg``."""
        return vicreg(
            inputs.x,
            inputs.y,
            invariance_weight=self.invariance_weight,
            variance_weight=self.variance_weight,
            covariance_weight=self.covariance_weight,
        )
