"""Multi-similarity: soft maxima of how unlike positives are, and of how alike negatives are."""

from dataclasses import dataclass

from torch import Tensor

from infomax.critics import unit_length
from infomax.losses.cosines import log_sum_exp_where
from infomax.losses.labelled_codes import codes_with_labels, labelled_pairs
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive
from infomax.losses.softplus import softplus

__all__ = ["MultiSimilarity", "multi_similarity"]


def multi_similarity(
    codes: Tensor,
    labels: Tensor,
    *,
    positive_scale: float = 2.0,
    negative_scale: float = 50.0,
    threshold: float = 0.5,
) -> LossTerms:
    r"""Multi-similarity loss, with all pairs, none mined.

    .. math:: L = \frac{1}{M} \sum_i \Big(
              \frac{1}{\alpha} \log \big( 1 + \sum_{p \in P(i)} e^{-\alpha (s_{ip} - \lambda)} \big)
              + \frac{1}{\beta} \log \big( 1 + \sum_{n \in N(i)} e^{\beta (s_{in} - \lambda)} \big)
              \Big)

    with s the cosine, P(i) the other codes of the class of i and N(i) those of other classes.

    Source: Wang, Han, Huang, Dong and Scott (2019), equation 15.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        positive_scale: alpha.
        negative_scale: beta.
        threshold: lambda, the cosine beyond which positives count for little and negatives much.

    Returns:
        Terms with one element for each code.

    Raises:
        UserError: if shapes do not fit, or a scale is not above 0.

    Example:
        >>> import torch
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> round(multi_similarity(torch.ones(4, 2), labels).total.item(), 4)
        0.6705
    """
    check_positive(positive_scale=positive_scale, negative_scale=negative_scale)
    positive, negative = labelled_pairs(codes, labels)
    unit = unit_length(codes)
    excess = unit @ unit.mT - threshold
    pull = softplus(log_sum_exp_where(-positive_scale * excess, positive))
    push = softplus(log_sum_exp_where(negative_scale * excess, negative))
    return LossTerms(joint=Term(pull / positive_scale), marginal=Term(push / negative_scale))


@dataclass(frozen=True)
class MultiSimilarity(Loss):
    """Multi-similarity: soft maxima over unlike positives and over alike negatives.

    Args:
        positive_scale: how sharply the least alike positive counts.
        negative_scale: how sharply the most alike negative counts.
        threshold: cosine beyond which positives count for little and negatives much.
    """

    name = "multi-similarity"
    nearest_bound = "jensen-shannon"
    needs = ("labels",)
    positive_scale: float = 2.0
    negative_scale: float = 50.0
    threshold: float = 0.5

    def __post_init__(self) -> None:
        check_positive(positive_scale=self.positive_scale, negative_scale=self.negative_scale)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``multi_similarity`` of the codes of both views."""
        return multi_similarity(
            *codes_with_labels(self, inputs),
            positive_scale=self.positive_scale,
            negative_scale=self.negative_scale,
            threshold=self.threshold,
        )
