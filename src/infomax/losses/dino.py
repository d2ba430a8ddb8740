"""DINO: a student tells which prototypes its teacher assigned the other view to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.losses.loss import Loss, LossInputs
from infomax.losses.loss_terms import (
    LossTerms,
    Term,
    check_codes_of_pairs,
    check_positive,
    no_marginal,
)

__all__ = ["Dino", "dino", "moved_centre"]


def dino(
    student: tuple[Tensor, Tensor],
    teacher: tuple[Tensor, Tensor],
    centre: Tensor,
    *,
    student_temperature: float = 0.1,
    teacher_temperature: float = 0.04,
    local: Tensor | None = None,
) -> LossTerms:
    r"""Cross-entropy of the teacher's assignment of one view and the student's of the other.

    .. math:: L = -\frac{1}{2N} \sum_i \sum_{v \ne w} \sum_k
              P_k \Big( \frac{t_i^v - c}{\tau_t} \Big) \log P_k \Big( \frac{s_i^w}{\tau_s} \Big)

    with P the softmax over K prototypes. It is a joint term and no marginal term: alone, it is 0
    where all items are assigned to one prototype, or equal for all. Centring keeps the teacher from
    the first, sharpening (a teacher's temperature below the student's) from the second.

    Source: Caron et al. (2021), equations 1 and 3 (several parts), and algorithm 1.

    Args:
        student: the student's outputs of x and of y, ``(..., N, K)`` each.
        teacher: the teacher's; they get no gradient.
        centre: c, ``(..., K)``; see ``moved_centre``.
        student_temperature: tau_s.
        teacher_temperature: tau_t.
        local: the student's outputs of L smaller parts of each item, ``(..., L, N, K)``, which the
            teacher does not see: each tells the teacher's assignment of both views, and the loss is
            the mean over all 2 + 2 L of them.

    Returns:
        Terms with one element for each pair.

    Raises:
        UserError: if shapes differ, or a temperature is not above 0.

    Example:
        >>> outputs = (torch.zeros(3, 4), torch.zeros(3, 4))
        >>> round(dino(outputs, outputs, torch.zeros(4)).total.item(), 4)  # log 4
        1.3863
    """
    check_positive(student_temperature=student_temperature, teacher_temperature=teacher_temperature)
    parts = () if local is None else local.unbind(dim=-3)
    ways = []
    for side in (0, 1):
        of_teacher = teacher[1 - side].detach()
        assigned = ((of_teacher - centre.unsqueeze(-2)) / teacher_temperature).softmax(dim=-1)
        for of_student in (student[side], *parts):
            check_codes_of_pairs(of_student, of_teacher, at_least=1)
            told = (of_student / student_temperature).log_softmax(dim=-1)
            ways.append(-(assigned * told).sum(dim=-1))
    joint = sum(ways[1:], start=ways[0]) / len(ways)
    return LossTerms(joint=Term(joint), marginal=no_marginal(joint))


@torch.no_grad()
def moved_centre(
    centre: Tensor, teacher: tuple[Tensor, Tensor], *, momentum: float = 0.9
) -> Tensor:
    """Return the centre after a batch: a moving average of the teacher's mean output.

    Args:
        centre: before the batch, ``(..., K)``.
        teacher: its outputs of x and of y, ``(..., N, K)`` each.
        momentum: weight of the centre before.

    Raises:
        UserError: if the momentum is not from 0 up to below 1.

    Example:
        >>> moved_centre(torch.zeros(2), (torch.ones(3, 2), torch.ones(3, 2))).tolist()
        [0.10000000149011612, 0.10000000149011612]
    """
    _check_momentum(momentum)
    return momentum * centre + (1 - momentum) * torch.cat(teacher, dim=-2).mean(dim=-2)


def _check_momentum(momentum: float) -> None:
    if not 0 <= momentum < 1:
        raise UserError(f"centre_momentum is {momentum}: give a number from 0 up to below 1")


class Dino(Loss, nn.Module):
    """DINO: cross-entropy of a centred, sharpened teacher's and a student's assignments.

    The codes x and y are the student's outputs, those of the target the teacher's. The centre is
    moved by each call, and kept in the state dict.

    Args:
        student_temperature: what the student's outputs are divided by.
        teacher_temperature: what the teacher's are divided by, once centred.
        centre_momentum: weight of the centre before a batch.

    Attributes:
        centre: ``(K,)``, or ``(S, K)`` of S models side by side; empty before the first batch.

    Raises:
        UserError: if an option is out of its range.

    Example:
        >>> Dino()
        Dino(student_temperature=0.1, teacher_temperature=0.04, centre_momentum=0.9)
    """

    name = "dino"
    nearest_bound = "barber-agakov"
    default_parts = replace(Loss.default_parts, target_momentum=0.996, target_schedule="cosine")
    needs = ("target",)
    takes_local = True
    instead_of_marginal = "a teacher that is centred and sharpened"
    centre: Tensor

    def __init__(
        self,
        student_temperature: float = 0.1,
        teacher_temperature: float = 0.04,
        centre_momentum: float = 0.9,
    ) -> None:
        super().__init__()
        check_positive(
            student_temperature=student_temperature, teacher_temperature=teacher_temperature
        )
        _check_momentum(centre_momentum)
        self.student_temperature = student_temperature
        self.teacher_temperature = teacher_temperature
        self.centre_momentum = centre_momentum
        self.register_buffer("centre", torch.empty(0))

    def extra_repr(self) -> str:
        """Return its settings, which PyTorch shows between the brackets."""
        return (
            f"student_temperature={self.student_temperature}, "
            f"teacher_temperature={self.teacher_temperature}, "
            f"centre_momentum={self.centre_momentum}"
        )

    def terms(self, inputs: LossInputs, /) -> LossTerms:
        """Return the terms of ``dino`` with the centre as it is."""
        teacher = self.needed("target", inputs)
        return dino(
            (inputs.x, inputs.y),
            teacher,
            self._centre_for(teacher[0]),
            student_temperature=self.student_temperature,
            teacher_temperature=self.teacher_temperature,
            local=inputs.local,
        )

    def __call__(self, inputs: LossInputs, /) -> Tensor:
        """Return the loss with the centre as it is, and move the centre."""
        loss = self.terms(inputs).total
        teacher = self.needed("target", inputs)
        moved = moved_centre(self._centre_for(teacher[0]), teacher, momentum=self.centre_momentum)
        # That of a single model is kept alike, whether or not the model stands in a row of one.
        self.centre = moved.reshape(-1, moved.shape[-1]).squeeze(0)
        return loss

    def _centre_for(self, outputs: Tensor) -> Tensor:
        before = self.centre.to(outputs)
        shape = outputs[..., 0, :].shape
        return outputs.new_zeros(shape) if before.shape == (0,) else before.reshape(shape)

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, *others: Any
    ) -> None:
        # The number of prototypes is that of the outputs, which a fresh module has not seen.
        kept = state_dict.get(f"{prefix}centre")
        if kept is not None:
            self.centre = torch.empty_like(kept)
        super()._load_from_state_dict(state_dict, prefix, *others)
