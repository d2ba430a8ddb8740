"""Lifted structure: each positive pair against all negatives of both its codes."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.losses.cosines import log_sum_exp_where
from infomax.losses.labelled_codes import codes_with_labels, labelled_pairs, unit_distances
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive

__all__ = ["LiftedStructure", "lifted_structure"]


def lifted_structure(codes: Tensor, labels: Tensor, *, margin: float = 1.0) -> LossTerms:
    r"""Lifted structured loss, on distances of codes of unit length.

    .. math:: L = \frac{1}{2 |P|} \sum_{(i, j) \in P} [J_{ij}]_+^2, \qquad
              J_{ij} = d_{ij} + \log \Big( \sum_{n \in N(i)} e^{m - d_{in}}
              + \sum_{n \in N(j)} e^{m - d_{jn}} \Big)

    with P the pairs of one class and N(i) the codes of other classes than that of i. Where J is
    above 0 its square is J times each of its two summands: the joint term has the distance, the
    marginal term the logarithm.

    Source: Song, Xiang, Jegelka and Savarese (2016), equation 4.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        margin: m.

    Returns:
        Terms with one element for each code, of which sums are divided by the number of pairs.

    Raises:
        UserError: if shapes do not fit, or the margin is not above 0.

    Example:
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> round(lifted_structure(torch.ones(4, 2), labels).total.item(), 4)  # (1 + log 4)^2 / 2
        2.8472
    """
    check_positive(margin=margin)
    positive, negative = labelled_pairs(codes, labels)
    distances = unit_distances(codes)
    # Without negatives there is nothing to be nearer than: such pairs are 0, and count.
    counted = positive & negative.any(dim=-1, keepdim=True)
    own = log_sum_exp_where(margin - distances, negative)
    own = own.where(negative.any(dim=-1), 0)
    both = torch.logaddexp(own.unsqueeze(-1), own.unsqueeze(-2))
    outdone = torch.relu((distances + both).masked_fill(~counted, -math.inf)) / 2
    pairs = positive.sum().clamp_min(1)
    return LossTerms(
        joint=Term((outdone * distances).sum(dim=-1), divisor=pairs),
        marginal=Term((outdone * both).sum(dim=-1), divisor=pairs),
    )


@dataclass(frozen=True)
class LiftedStructure(Loss):
    """Lifted structure: each positive pair against all negatives of both its codes.

    Args:
        margin: how far apart codes of two classes are to be.
    """

    name = "lifted-structure"
    nearest_bound = "infonce"
    needs = ("labels",)
    margin: float = 1.0

    def __post_init__(self) -> None:
        check_positive(margin=self.margin)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``lifted_structure`` of the codes of both views."""
        codes, labels = codes_with_labels(self, inputs)
        return lifted_structure(codes, labels, margin=self.margin)
