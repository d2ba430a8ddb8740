"""Circle: positives and negatives weighed by how far they are from where they should be."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.critics import unit_length
from infomax.errors import UserError
from infomax.losses.cosines import log_sum_exp_where
from infomax.losses.labelled_codes import codes_with_labels, labelled_pairs
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive
from infomax.losses.softplus import softplus

__all__ = ["Circle", "circle"]


def circle(
    codes: Tensor, labels: Tensor, *, relaxation: float = 0.4, scale: float = 80.0
) -> LossTerms:
    r"""Circle loss of pairs with labels.

    .. math:: L = \frac{1}{|A|} \sum_{i \in A} \log \Big( 1 +
              \sum_{p \in P(i)} e^{-\gamma [1 + m - s_{ip}]_+ (s_{ip} - 1 + m)}
              \sum_{n \in N(i)} e^{\gamma [s_{in} + m]_+ (s_{in} - m)} \Big)

    with s the cosine, and A the codes that have positives P(i) and negatives N(i). The weights in
    brackets get no gradient. With u and v the logs of the two sums an element is
    ``log(1 + e^(u + v))``: its joint term is u, its marginal term ``log(e^-u + e^v)``, as
    cross-entropies have them.

    Source: Sun et al. (2020), equations 4 to 6.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        relaxation: m.
        scale: gamma.

    Returns:
        Terms with one element for each code; 0 for codes outside A, which do not count.

    Raises:
        UserError: if shapes do not fit, the scale is not above 0 or the relaxation is negative.

    Example:
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> codes = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
        >>> round(circle(codes, labels).total.item(), 4)
        0.0
        >>> round(circle(torch.ones(4, 2), labels).total.item(), 4)
        55.0931
    """
    _check_options(relaxation, scale)
    positive, negative = labelled_pairs(codes, labels)
    unit = unit_length(codes)
    cosines = unit @ unit.mT
    held = cosines.detach()
    of_positives = -scale * torch.relu(1 + relaxation - held) * (cosines - 1 + relaxation)
    of_negatives = scale * torch.relu(held + relaxation) * (cosines - relaxation)
    counting = positive.any(dim=-1) & negative.any(dim=-1)
    anchors = counting.sum().clamp_min(1)
    pull = log_sum_exp_where(of_positives, positive).where(counting, 0)
    push = log_sum_exp_where(of_negatives, negative).where(counting, 0)
    each = softplus(pull + push)
    marginal = (each - pull).where(counting, 0)
    return LossTerms(joint=Term(pull, divisor=anchors), marginal=Term(marginal, divisor=anchors))


def _check_options(relaxation: float, scale: float) -> None:
    check_positive(scale=scale)
    if not 0 <= relaxation < 1:
        raise UserError(f"relaxation is {relaxation}: give a number from 0 up to below 1")


@dataclass(frozen=True)
class Circle(Loss):
    """Circle: positives and negatives weighed by how far each is from where it should be.

    Args:
        relaxation: how far from 1 and 0 the cosines of positives and negatives may stay.
        scale: what weighted cosines are multiplied by.
    """

    name = "circle"
    nearest_bound = "infonce"
    needs = ("labels",)
    relaxation: float = 0.4
    scale: float = 80.0

    def __post_init__(self) -> None:
        _check_options(self.relaxation, self.scale)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``circle`` of the codes of both views."""
        codes, labels = codes_with_labels(self, inputs)
        return circle(codes, labels, relaxation=self.relaxation, scale=self.scale)
