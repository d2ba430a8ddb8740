"""The contrastive loss with a margin: positives are near, negatives at least a margin apart."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.losses.labelled_codes import codes_with_labels, labelled_pairs, unit_distances
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive

__all__ = ["ContrastiveMargin", "contrastive_margin"]


def contrastive_margin(
    codes: Tensor,
    labels: Tensor,
    *,
    positive_margin: float = 0.0,
    negative_margin: float = 1.0,
    power: int = 2,
) -> LossTerms:
    r"""Contrastive loss with margins, on distances of codes of unit length.

    .. math:: L = \frac{1}{q |P|} \sum_{(i, j) \in P} [d_{ij} - m_+]_+^q
              + \frac{1}{q |N|} \sum_{(i, j) \in N} [m_- - d_{ij}]_+^q

    with P the pairs of one class and N those of two, each with a mean of its own.

    Source: Hadsell, Chopra and LeCun (2006), equation 4, where q is 2 and the first margin 0.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        positive_margin: ``m_+``, how far apart codes of one class may be.
        negative_margin: ``m_-``, how far apart codes of two classes are to be.
        power: q, 1 or 2.

    Returns:
        Terms with one element for each code, of which sums are divided by numbers of pairs.

    Raises:
        UserError: if shapes do not fit, a margin is out of range, or the power is neither 1 nor 2.

    Example:
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> contrastive_margin(torch.ones(4, 2), labels).total.item()
        0.5
    """
    _check_options(positive_margin, negative_margin, power)
    positive, negative = labelled_pairs(codes, labels)
    distances = unit_distances(codes)
    pull = torch.relu(distances - positive_margin).masked_fill(~positive, 0)
    push = torch.relu(negative_margin - distances).masked_fill(~negative, 0)
    return LossTerms(
        joint=_mean_of(pull, positive, power), marginal=_mean_of(push, negative, power)
    )


def _mean_of(hinges: Tensor, counted: Tensor, power: int) -> Term:
    powers = hinges if power == 1 else hinges.square() / 2
    return Term(powers.sum(dim=-1), divisor=counted.sum().clamp_min(1))


def _check_options(positive_margin: float, negative_margin: float, power: int) -> None:
    check_positive(negative_margin=negative_margin)
    if not 0 <= positive_margin < negative_margin:
        raise UserError(
            f"positive_margin is {positive_margin}: give a number from 0 up to below the "
            f"negative_margin, {negative_margin}"
        )
    if power not in (1, 2):
        raise UserError(f"power is {power}: give 1 or 2")


@dataclass(frozen=True)
class ContrastiveMargin(Loss):
    """Contrastive with a margin: positives near, negatives at least a margin apart.

    Args:
        positive_margin: how far apart codes of one class may be.
        negative_margin: how far apart codes of two classes are to be.
        power: of what is beyond a margin, 1 or 2.
    """

    name = "contrastive-margin"
    nearest_bound = "jensen-shannon"
    needs = ("labels",)
    positive_margin: float = 0.0
    negative_margin: float = 1.0
    power: int = 2

    def __post_init__(self) -> None:
        _check_options(self.positive_margin, self.negative_margin, self.power)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``contrastive_margin`` of the codes of both views."""
        return contrastive_margin(
            *codes_with_labels(self, inputs),
            positive_margin=self.positive_margin,
            negative_margin=self.negative_margin,
            power=self.power,
        )
