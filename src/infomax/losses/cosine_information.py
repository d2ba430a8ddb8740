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
from infomax.losses.loss_parts import Need
from infomax.losses.loss_terms import LossTerms, Term, check_positive
from infomax.score_matrix import score_matrix_of

__all__ = ["Jmi", "Sdmi", "jmi", "sdmi"]

Moved = Literal["both", "x", "y"]
"""Which side gets a gradient: x, y, or each with the other held still."""


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


def sdmi(
    x: Tensor,
    y: Tensor,
    *,
    temperature: float = 0.2,
    moved: Moved = "both",
    still: tuple[Tensor, Tensor] | None = None,
) -> LossTerms:
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
        still: codes of x and of y that are held still, such as those of a target network; ``None``
            holds the codes themselves.

    Returns:
        A joint term with one element for each pair, and a marginal term of a single element.

    Raises:
        UserError: if the shapes differ, N is below 2, an option is not what it may be.

    Example:
        >>> round(sdmi(torch.eye(3), torch.eye(3), temperature=0.5).total.item(), 4)
        -2.0
    """
    if moved not in ("both", "x", "y"):
        raise UserError(f"moved is {moved!r}: give both, x or y")
    still_x, still_y = still or (x, y)
    sides = {"x": (x, still_y.detach()), "y": (still_x.detach(), y)}
    ways = [
        jmi(*codes, temperature=temperature)
        for side, codes in sides.items()
        if moved in ("both", side)
    ]
    return LossTerms(
        joint=Term(torch.stack([way.joint.each for way in ways]).mean(dim=0)),
        marginal=Term(torch.stack([way.marginal.each for way in ways]).mean(dim=0)),
    )


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

    With ``turns`` updates move x and y alternately, each with the other held still: where views
    have encoders of their own, ascent along one block of weights after the other. With a target,
    what is held still are the codes of a moving average, whose step is the second of each turn.

    Args:
        temperature: what cosines are divided by.
        moved: which side gets a gradient: ``x``, ``y``, ``both``, or x and y in ``turns``.
        target: whether the codes held still are those of a target network.
    """

    name = "sdmi"
    nearest_bound = "donsker-varadhan"
    temperature: float = 0.2
    moved: Literal["both", "x", "y", "turns"] = "both"
    target: bool = False

    def __post_init__(self) -> None:
        check_positive(temperature=self.temperature)
        if self.moved not in ("both", "x", "y", "turns"):
            raise UserError(f"moved is {self.moved!r}: give both, x, y or turns")

    @property
    def needs(self) -> tuple[Need, ...]:
        """A target, where one is asked for."""
        return ("target",) if self.target else ()

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``sdmi``."""
        in_turn: Moved = "y" if inputs.step % 2 else "x"
        return sdmi(
            inputs.x,
            inputs.y,
            temperature=self.temperature,
            moved=in_turn if self.moved == "turns" else self.moved,
            still=self.needed("target", inputs) if self.target else None,
        )
