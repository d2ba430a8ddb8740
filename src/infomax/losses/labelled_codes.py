"""Codes with labels: which pairs are of one class, and how far apart they are."""

from typing import NamedTuple

import torch
from torch import Tensor

from infomax.critics import unit_length
from infomax.errors import UserError
from infomax.losses.loss import Loss, LossInputs

__all__ = ["LabelledPairs", "codes_with_labels", "labelled_pairs", "unit_distances"]


_ROUNDING = 8


class LabelledPairs(NamedTuple):
    """Which pairs of codes are positives and which are negatives, ``(M, M)`` each.

    Attributes:
        positive: pairs of one class; no code is its own positive.
        negative: pairs of different classes.
    """

    positive: Tensor
    negative: Tensor


def labelled_pairs(codes: Tensor, labels: Tensor) -> LabelledPairs:
    """Return which pairs of codes are of one class and which are not.

    Raises:
        UserError: if the codes are not ``(..., M, d)`` with as many labels, or M is below 2.

    Example:
        >>> labelled_pairs(torch.zeros(3, 2), torch.tensor([0, 0, 1])).positive.tolist()
        [[False, True, False], [True, False, False], [False, False, False]]
    """
    if codes.ndim < 2 or labels.shape != codes.shape[-2:-1] or codes.shape[-2] < 2:
        raise UserError(
            f"codes have shape {tuple(codes.shape)} and labels {tuple(labels.shape)}: expected "
            "(..., M, d) and (M,), with at least 2 codes"
        )
    same = labels.unsqueeze(-1) == labels
    return LabelledPairs(same ^ torch.eye(len(labels), dtype=torch.bool, device=same.device), ~same)


def unit_distances(codes: Tensor) -> Tensor:
    r"""Return Euclidean distances of codes of unit length: ``(..., M, d)`` -> ``(..., M, M)``.

    .. math:: d_{ij} = \sqrt{2 - 2 \cos(z_i, z_j)}

    From 0 to 2. Of codes that coincide, up to the rounding of a square near 2, the distance is 0
    and has no slope: their gradient is 0.

    Example:
        >>> unit_distances(torch.tensor([[1.0, 0.0], [-3.0, 0.0]])).tolist()
        [[0.0, 2.0], [2.0, 0.0]]
    """
    unit = unit_length(codes)
    squares = 2 - 2 * unit @ unit.mT
    # A root of 0 has a slope without end; the one of 1 that is put there is not used.
    apart = squares > _ROUNDING * torch.finfo(squares.dtype).eps
    return torch.where(apart, squares.where(apart, 1).sqrt(), 0)


def codes_with_labels(loss: Loss, inputs: LossInputs) -> tuple[Tensor, Tensor]:
    """Return the codes of both views as one batch, ``(..., 2 N, d)``, and their labels, ``(2 N,)``.

    Raises:
        UserError: if no labels are given.
    """
    labels = loss.needed("labels", inputs)
    return torch.cat([inputs.x, inputs.y], dim=-2), torch.cat([labels, labels])
