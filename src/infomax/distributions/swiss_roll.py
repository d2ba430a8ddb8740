"""A line rolled up in a plane."""

import math

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["swiss_roll"]


def swiss_roll(rows: Tensor) -> Tensor:
    r"""Roll the unit interval up into one and a half turns of a plane.

    .. math:: f(u) = \frac{1}{21} (t \cos t, \, t \sin t), \quad t = \frac{3 \pi}{2} (1 + 2 u)

    The distance from the origin, t / 21, grows with u, so no two values meet.

    Source: Czyż et al. (2023), section 3; the scale is that of their package bmi.

    Args:
        rows: of a single value in [0, 1], shape ``(N, 1)``.

    Returns:
        Points in the plane, shape ``(N, 2)``.

    Raises:
        UserError: if the rows are not of a single value.

    Example:
        >>> swiss_roll(torch.tensor([[0.0], [1.0]])).shape
        torch.Size([2, 2])
    """
    if rows.shape[1] != 1:
        raise UserError(
            f"a Swiss roll of rows of {rows.shape[1]} values: give rows of a single one"
        )
    angle = 1.5 * math.pi * (1 + 2 * rows)
    return torch.cat((angle * angle.cos(), angle * angle.sin()), dim=1) / 21
