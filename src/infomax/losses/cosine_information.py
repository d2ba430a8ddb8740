"""JMI and SDMI: the Donsker-Varadhan value of a fixed critic, the cosine over a temperature.

What is learnt is the codes alone. JMI differentiates both at once; SDMI holds one side still while
the other is moved, which is what a stop-gradient does.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.losses.cosines import cosines_over
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import LossTerms, Term, check_positive
from infomax.score_matrix import score_matrix_of

__all__ = ["Jmi", "Sdmi", "jmi", "sdmi"]

Moved = Literal["both", "x", "y"]
"""Which side gets a gradient: x, y, or each in turn with the other held still."""


def jmi(x: Tensor, y: Tensor, *, temperature: float = 0.2) -> LossTerms:
    r"""Joint MI: minus the Donsker-Varadhan value of the cosine over a temperature.

    .. math:: L = -\frac{1}{N} \sum_i T_{ii} + \log \frac{1}{N (N - 1)} \sum_{i \ne j} e^{T_{ij}},
              \qquad T_{ij} = \cos(x_i, y_j) / \tau

    It is at least :math:`-2 / \tau`. As an estimate of the information, -L is biased upwards in a
    batch, like all Donsker-Varadhan values.

    Source: Sabby, Sui, Wu, Cresswell and Wu (2025), section 3; Donsker and Varadhan (1983).

    Args:
        x: codes ``(..., N, d)``.
        y: codes of their partners.
        temperature: tau.

    Returns:
        A joint term with one element for each pair, and a marginal term of a single element.

    Raises:
        UserError: if the shapes differ, N is below 2, or the temperature is not above 0.

    Example:
        >>> round(jmi(torch.eye(3), torch.eye(3), temperature=0.5).total.item(), 4)
        -2.0
    """
    scores = cosines_over(x, y, temperature)
    partition = score_matrix_of(scores, at_least=2).log_partition()
    return LossTerms(
        joint=Term(-scores.diagonal(dim1=-2, dim2=-1)), marginal=Term(partition.unsqueeze(-1))
    )


def sdmi(x: Tensor, y: Tensor, *, temperature: float = 0.2, moved: Moved = "both") -> LossTerms:
    r"""Self-distillation MI: as ``jmi``, with one side held still while the other is moved.

    .. math:: L = -\tfrac{1}{2} \big( I(x, \operatorname{sg} y) + I(\operatorname{sg} x, y) \big)

    with I the Donsker-Varadhan value of ``jmi``. Its value is that of ``jmi`` and its gradient half
    as long: with both sides moved in one step, a stop-gradient changes nothing but the length of
    the step. What makes it another method is that sides are moved in turn, or that something else
    is asymmetric (a target that is an average, a predictor, a marginal term left out).

    Source: Sabby, Sui, Wu, Cresswell and Wu (2025), section 3.

    Args:
        x: codes ``(..., N, d)``.
        y: codes of their partners.
        temperature: tau.
        moved: which side gets a gradient: ``x`` or ``y`` for steps in turn, or ``both``.

    Returns:
        A joint term with one element for each pair, and a marginal term of a single element.

    Raises:
        UserError: if the shapes differ, N is below 2, an option is not what it may be.

    Example:
        >>> round(sdmi(torch.eye(3), torch.eye(3), temperature=0.5).total.item(), 4)
        -2.0
    """
    _check_moved(moved)
    sides = {"x": (x, y.detach()), "y": (x.detach(), y)}
    ways = [
        jmi(*codes, temperature=temperature)
        for side, codes in sides.items()
        if moved in ("both", side)
    ]
    return LossTerms(
        joint=Term(torch.stack([way.joint.each for way in ways]).mean(dim=0)),
        marginal=Term(torch.stack([way.marginal.each for way in ways]).mean(dim=0)),
    )


def _check_moved(moved: str) -> None:
    if moved not in ("both", "x", "y"):
        raise UserError(f"moved is {moved!r}: give both, x or y")


@dataclass(frozen=True)
class Jmi(Loss):
    """JMI: minus the Donsker-Varadhan value of the cosine, both codes moved at once.

    Args:
        temperature: what cosines are divided by.
    """

    name = "jmi"
    nearest_bound = "donsker-varadhan"
    temperature: float = 0.2

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``jmi``."""
        return jmi(inputs.x, inputs.y, temperature=self.temperature)


@dataclass(frozen=True)
class Sdmi(Loss):
    """SDMI: minus the Donsker-Varadhan value of the cosine, one code held still.

    Args:
        temperature: what cosines are divided by.
        moved: which side gets a gradient: ``x``, ``y`` or ``both``, each with the other held still.
    """

    name = "sdmi"
    nearest_bound = "donsker-varadhan"
    temperature: float = 0.2
    moved: Moved = "both"

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)
        _check_moved(self.moved)

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``sdmi``."""
        return sdmi(inputs.x, inputs.y, temperature=self.temperature, moved=self.moved)
