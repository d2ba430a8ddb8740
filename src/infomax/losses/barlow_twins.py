"""Barlow Twins: dimensions of both codes correlate each with itself, and with no other."""

from dataclasses import dataclass

from torch import Tensor

from infomax.losses.cross_moments import squares_off_diagonal, standardised
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs, check_positive

__all__ = ["BarlowTwins", "barlow_twins"]


def barlow_twins(x: Tensor, y: Tensor, *, redundancy_weight: float = 5e-3) -> LossTerms:
    r"""Barlow Twins: squared distance of the cross-correlation matrix from the identity.

    .. math:: L = \sum_k (1 - C_{kk})^2 + \lambda \sum_{k \ne l} C_{kl}^2

    with C the correlations, over the batch, of dimensions of x with dimensions of y. To second
    order in t, the Donsker-Varadhan value of :math:`T = t\, a^\top b`, with a and b the
    standardised codes, is

    .. math:: t \operatorname{tr} C_{AB} - \tfrac{t^2}{2} \big\langle C_{AA}, C_{BB} \big\rangle

    Barlow Twins has :math:`-\sum_k (1 - C_{kk})^2` in place of the first part and
    :math:`\sum_{k \ne l} C_{AB,kl}^2`, to which the second is equal where views agree, in its
    place.

    Source: Zbontar, Jing, Misra, LeCun and Deny (2021), equations 1 and 2.

    Args:
        x: codes ``(..., N, d)``.
        y: codes of their partners.
        redundancy_weight: lambda.

    Returns:
        Terms with one element for each dimension k, which are summed.

    Raises:
        UserError: if the shapes differ, N is below 2, or the weight is not above 0.

    Example:
        >>> import torch
        >>> codes = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        >>> round(barlow_twins(codes, codes).total.item(), 4)
        0.0
        >>> round(barlow_twins(codes, -codes).total.item(), 3)
        8.0
    """
    size = check_codes_of_pairs(x, y)
    check_positive(redundancy_weight=redundancy_weight)
    diagonal, squares = squares_off_diagonal(standardised(x), standardised(y))
    return LossTerms(
        joint=Term((1 - diagonal / size).square(), divisor=1),
        marginal=Term(redundancy_weight / size**2 * squares, divisor=1),
    )


@dataclass(frozen=True)
class BarlowTwins(Loss):
    """Barlow Twins: squared distance of the codes' cross-correlation from the identity.

    Args:
        redundancy_weight: weight of the correlations beside the diagonal.
    """

    name = "barlow-twins"
    nearest_bound = "donsker-varadhan"
    redundancy_weight: float = 5e-3

    def __post_init__(self) -> None:
        check_positive(redundancy_weight=self.redundancy_weight)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``barlow_twins``."""
        return barlow_twins(inputs.x, inputs.y, redundancy_weight=self.redundancy_weight)
