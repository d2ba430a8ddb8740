"""SupCon, supervised contrastive: each code tells those of its class from all others."""

from dataclasses import dataclass

from torch import Tensor

from infomax.losses.cosines import cosines_with_all
from infomax.losses.labelled_codes import codes_with_labels, labelled_pairs
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive

__all__ = ["SupCon", "supcon"]


def supcon(codes: Tensor, labels: Tensor, *, temperature: float | Tensor = 0.1) -> LossTerms:
    r"""Supervised contrastive loss, with the mean over positives outside the logarithm.

    .. math:: L = \frac{1}{|A|} \sum_{i \in A} \Big( - \frac{1}{|P(i)|} \sum_{p \in P(i)} s_{ip}
              + \log \sum_{j \ne i} e^{s_{ij}} \Big), \qquad s_{ij} = \cos(z_i, z_j) / \tau

    with P(i) the other codes of the class of i, and A the codes that have any. Where each class is
    the two codes of one pair it is NT-Xent.

    Source: Khosla et al. (2020), equation 2.

    Args:
        codes: ``(..., M, d)``.
        labels: ``(M,)``.
        temperature: tau; one that is learned is a tensor ``(...)``.

    Returns:
        Terms with one element for each code; 0 for codes without a positive, which do not count.

    Raises:
        UserError: if shapes do not fit, or the temperature is not above 0.

    Example:
        >>> import torch
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> round(supcon(torch.ones(4, 2), labels).total.item(), 4)  # log 3
        1.0986
    """
    positive, _ = labelled_pairs(codes, labels)
    scores = cosines_with_all(codes, temperature)
    counts = positive.sum(dim=-1)
    counting = counts > 0
    partners = scores.masked_fill(~positive, 0).sum(dim=-1) / counts.clamp_min(1)
    anchors = counting.sum().clamp_min(1)
    return LossTerms(
        joint=Term(-partners, divisor=anchors),
        marginal=Term(scores.logsumexp(dim=-1).where(counting, 0), divisor=anchors),
    )


@dataclass(frozen=True)
class SupCon(Loss):
    """SupCon: cross-entropy of the codes of one class among all codes.

    Args:
        temperature: what cosines are divided by; where it is learned, what it begins with.
        learn_temperature: whether it is trained with the model, down to 0.01.
    """

    name = "supcon"
    nearest_bound = "infonce"
    needs = ("labels",)
    temperature: float = 0.1
    learn_temperature: bool = False

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``supcon`` of the codes of both views."""
        return supcon(*codes_with_labels(self, inputs), temperature=self.temperature_of(inputs))
