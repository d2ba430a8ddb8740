"""NT-Xent, SimCLR's loss: each code tells its partner from all other codes of both views."""

from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.losses.cosines import cosines_with_all
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_codes_of_pairs, check_positive

__all__ = ["NTXent", "nt_xent"]


def nt_xent(x: Tensor, y: Tensor, *, temperature: float | Tensor = 0.5) -> LossTerms:
    r"""NT-Xent: cross-entropy of each code's partner among the other 2 N - 1 codes.

    .. math:: L = \frac{1}{2N} \sum_{i=1}^{2N} \Big( -s_{i p(i)}
              + \log \sum_{j \ne i} e^{s_{ij}} \Big), \qquad s_{ij} = \cos(z_i, z_j) / \tau

    with z the codes of both views and p(i) the partner of i: 2 N - 2 negatives of each. It differs
    from symmetric InfoNCE by the negatives of an anchor's own view. ``log(2 N - 1) - L`` is at most
    ``log(2 N - 1)``.

    Source: Chen, Kornblith, Norouzi and Hinton (2020), equation 1 and algorithm 1.

    Args:
        x: codes ``(..., N, d)``.
        y: codes of their partners.
        temperature: tau; one that is learned is a tensor ``(...)``.

    Returns:
        Terms with one element for each of the 2 N anchors, those of x first.

    Raises:
        UserError: if the shapes differ, N is below 2, or the temperature is not above 0.

    Example:
        >>> round(nt_xent(torch.eye(4), torch.eye(4)).total.item(), 4)  # log(e^2 + 6) - 2
        0.5944
    """
    size = check_codes_of_pairs(x, y)
    scores = cosines_with_all(torch.cat([x, y], dim=-2), temperature)
    partners = scores.diagonal(offset=size, dim1=-2, dim2=-1)
    joint = torch.cat([partners, partners], dim=-1)
    return LossTerms(joint=Term(-joint), marginal=Term(scores.logsumexp(dim=-1)))


@dataclass(frozen=True)
class NTXent(Loss):
    """NT-Xent of SimCLR: cross-entropy of the partner among the other 2N - 1 codes.

    Args:
        temperature: what cosines are divided by; where it is learned, what it begins with.
        learn_temperature: whether it is trained with the model, down to 0.01.
    """

    name = "nt-xent"
    nearest_bound = "infonce-symmetric"
    temperature: float = 0.5
    learn_temperature: bool = False

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``nt_xent``."""
        return nt_xent(inputs.x, inputs.y, temperature=self.temperature_of(inputs))
