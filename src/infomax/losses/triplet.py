"""The triplet loss: each anchor is nearer to its positives than to its negatives, by a margin."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from infomax.losses.labelled_codes import (
    LabelledPairs,
    codes_with_labels,
    labelled_pairs,
    unit_distances,
)
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive
from infomax.losses.softplus import softplus

__all__ = ["Triplet", "triplet"]


def triplet(codes: Tensor, labels: Tensor, *, margin: float = 0.2, soft: bool = False) -> LossTerms:
    r"""Triplet loss of all triplets of a batch, on distances of codes of unit length.

    .. math:: L = \frac{1}{|T|} \sum_{(a, p, n) \in T} \big[ d_{ap} - d_{an} + m \big]_+

    with T all triplets of an anchor a, another code p of its class, and a code n of another class.
    ``soft`` has :math:`\log(1 + e^v)` in the place of :math:`[v]_+`: the k-pair loss with one
    negative, on minus the distances.

    A triplet whose hinge is above 0 has its first distance in the joint term, the rest in the
    marginal term. Hinges are summed by sorted distances, without making the triplets, of which
    there are up to M cubed; soft margins one positive of every anchor at a time.

    Source: Schroff, Kalenichenko and Philbin (2015), equation 2; soft margin by Hermans, Beyer and
    Leibe (2017), section 2.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        margin: m.
        soft: whether the margin is soft.

    Returns:
        Terms with one element for each anchor, of which sums are divided by the number of triplets.

    Raises:
        UserError: if shapes do not fit, or the margin is not above 0.

    Example:
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> round(triplet(torch.ones(4, 2), labels).total.item(), 4)
        0.2
        >>> round(triplet(torch.ones(4, 2), labels, soft=True).total.item(), 4)  # log(1 + e^0.2)
        0.7981
    """
    check_positive(margin=margin)
    pairs = labelled_pairs(codes, labels)
    distances = unit_distances(codes)
    of_anchor = pairs.positive.sum(dim=-1) * pairs.negative.sum(dim=-1)
    triplets = of_anchor.sum().clamp_min(1)
    joint, marginal = (_soft_margins if soft else _hinges)(distances, pairs, margin)
    return LossTerms(joint=Term(joint, divisor=triplets), marginal=Term(marginal, divisor=triplets))


def _hinges(distances: Tensor, pairs: LabelledPairs, margin: float) -> tuple[Tensor, Tensor]:
    """Return both terms, summed over the triplets of each anchor.

    Of a positive at d + m those negatives count that are nearer: the first of them in order, of
    which a running sum holds what they add up to.
    """
    negatives = distances.masked_fill(~pairs.negative, math.inf).sort(dim=-1).values
    limits = (distances + margin).detach().masked_fill(~pairs.positive, -math.inf)
    nearer = torch.searchsorted(negatives.detach(), limits)
    finite = negatives.where(negatives.isfinite(), 0)
    running = torch.nn.functional.pad(finite.cumsum(dim=-1), (1, 0))
    counts = nearer.to(distances.dtype)
    joint = (counts * distances).sum(dim=-1)
    marginal = (counts * margin - running.gather(-1, nearer)).sum(dim=-1)
    return joint, marginal


def _soft_margins(distances: Tensor, pairs: LabelledPairs, margin: float) -> tuple[Tensor, Tensor]:
    """Return both terms, summed over the triplets of each anchor."""
    joint = (distances * pairs.positive).sum(dim=-1) * pairs.negative.sum(dim=-1)
    most = int(pairs.positive.sum(dim=-1).max())
    # The positives of each anchor come first, in any order.
    there, order = pairs.positive.to(torch.int8).topk(most, dim=-1)
    order = order.expand(*distances.shape[:-1], most)
    total = torch.zeros_like(joint)
    for index in range(most):
        own = distances.gather(-1, order[..., index : index + 1])
        counted = pairs.negative & there[..., index : index + 1].bool()
        summed = checkpoint(_soft_hinges, own + margin, distances, counted, use_reentrant=False)
        total = total + summed
    return joint, total - joint


def _soft_hinges(limits: Tensor, distances: Tensor, counted: Tensor) -> Tensor:
    return (softplus(limits - distances) * counted).sum(dim=-1)


@dataclass(frozen=True)
class Triplet(Loss):
    """Triplet: each anchor nearer to positives than to negatives by a margin, hard or soft.

    Args:
        margin: by how much.
        soft: whether the margin is soft.
    """

    name = "triplet"
    nearest_bound = "infonce"
    needs = ("labels",)
    margin: float = 0.2
    soft: bool = False

    def __post_init__(self) -> None:
        check_positive(margin=self.margin)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``triplet`` of the codes of both views."""
        codes, labels = codes_with_labels(self, inputs)
        return triplet(codes, labels, margin=self.margin, soft=self.soft)
