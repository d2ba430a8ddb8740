"""A loss in two parts: what pulls partners together, and what keeps all codes from being one."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["LossTerms", "Term", "check_codes_of_pairs", "check_positive", "no_marginal"]


@dataclass(frozen=True)
class Term:
    """One part of a loss: a value for each element, and what their sum is divided by.

    Attributes:
        each: one value for each element (a pair, an anchor, a dimension of codes): ``(..., M)``.
        divisor: what the sum over elements is divided by: ``None`` takes their mean, 1 their sum,
            and a number of pairs or triplets the mean over those.

    Example:
        >>> Term(torch.tensor([1.0, 5.0])).value, Term(torch.tensor([1.0, 5.0]), divisor=1).value
        (tensor(3.), tensor(6.))
    """

    each: Tensor
    divisor: Tensor | float | None = None

    @property
    def value(self) -> Tensor:
        """The term itself: ``(...)``."""
        if self.divisor is None:
            return self.each.mean(dim=-1)
        return self.each.sum(dim=-1) / self.divisor


@dataclass(frozen=True)
class LossTerms:
    r"""A loss as the sum of its joint term and its marginal term, both to be minimised.

    Donsker and Varadhan's value of a critic T is :math:`E_{joint}[T] - \log E_{product}[e^T]`. A
    loss that maximises information has something in the place of each half: what rises as partners
    are told apart from nothing, and what falls as codes of different items are alike.

    Source: Sabby, Sui, Wu, Cresswell and Wu (2025), section 3.

    Attributes:
        joint: of partners, pairs from the joint distribution.
        marginal: of everything else; 0 where the loss has something else in its place.

    Example:
        >>> terms = LossTerms(Term(torch.tensor([-2.0, -4.0])), Term(torch.tensor([1.0])))
        >>> terms.joint.value, terms.marginal.value, terms.total
        (tensor(-3.), tensor(1.), tensor(-2.))
    """

    joint: Term
    marginal: Term

    @property
    def total(self) -> Tensor:
        """The loss: ``(...)``."""
        return self.joint.value + self.marginal.value


def check_codes_of_pairs(x: Tensor, y: Tensor, *, at_least: int = 2) -> int:
    """Return N for codes of pairs, ``(..., N, d)`` each.

    Args:
        x: codes of one view.
        y: codes of the other; row i is the partner of row i of x.
        at_least: the smallest N.

    Raises:
        UserError: if the shapes differ or N is smaller.

    Example:
        >>> check_codes_of_pairs(torch.zeros(3, 2), torch.zeros(4, 2))
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: codes have shapes (3, 2) and (4, 2): expected (..., N, d) of both
    """
    if x.shape != y.shape or x.ndim < 2:
        raise UserError(
            f"codes have shapes {tuple(x.shape)} and {tuple(y.shape)}: expected (..., N, d) of both"
        )
    size = x.shape[-2]
    if size < at_least:
        raise UserError(f"codes of {size} pair(s): expected a batch of at least {at_least}")
    return size


def check_positive(**options: float) -> None:
    """Refuse options of a loss that are not finite numbers above 0, by name.

    Raises:
        UserError: if one is not.

    Example:
        >>> check_positive(temperature=0.0)
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: temperature is 0.0: give a number above 0
    """
    for name, value in options.items():
        if not 0 < value < math.inf:
            raise UserError(f"{name} is {value}: give a number above 0")


def no_marginal(joint: Tensor) -> Term:
    """Return the marginal term of a loss that has none, beside its joint term ``(..., M)``."""
    return Term(torch.zeros_like(joint))
