"""Increasing maps of single values: tails made longer, cut off, or made uneven."""

import math

import torch
from torch import Tensor

__all__ = ["half_cube", "normal_cdf", "wiggly_x", "wiggly_y"]


def half_cube(values: Tensor) -> Tensor:
    r"""Lengthen the tails of each value.

    .. math:: f(t) = t \sqrt{|t|}

    Source: Czyż et al. (2023), section 3.

    Args:
        values: of any shape.

    Returns:
        Of the same shape.

    Example:
        >>> half_cube(torch.tensor([-4.0, 0.0, 9.0]))
        tensor([-8.,  0., 27.])
    """
    return values * values.abs().sqrt()


def normal_cdf(values: Tensor) -> Tensor:
    r"""Map each value to its rank under the standard normal distribution, between 0 and 1.

    .. math:: f(t) = \Phi(t) = \frac{1}{2} \left(1 + \mathrm{erf} \frac{t}{\sqrt{2}} \right)

    Source: Czyż et al. (2023), section 3.

    Args:
        values: of any shape.

    Returns:
        Of the same shape; uniform where the values are standard normal.

    Example:
        >>> normal_cdf(torch.tensor([-1.0, 0.0, 1.0]))
        tensor([0.1587, 0.5000, 0.8413])
    """
    # By erf, as in torch.special.ndtr, ranks near 0 would be rounded as coarsely as those near 1.
    ranks: Tensor = torch.special.erfc(-values / math.sqrt(2)) / 2
    return ranks


def wiggly_x(values: Tensor) -> Tensor:
    r"""Stretch and press each value of x by turns.

    .. math:: f(t) = t + 0.4 \sin t + 0.2 \sin(1.7 t + 1) + 0.03 \sin(3.3 t - 2.5)

    Its slope is at least 1 - 0.4 - 0.34 - 0.099 = 0.161.

    Source: Czyż et al. (2023), section 3; the numbers are those of their package bmi.

    Args:
        values: of any shape.

    Returns:
        Of the same shape.

    Example:
        >>> wiggly_x(torch.tensor([0.0, 1.0]))
        tensor([0.1503, 1.4436])
    """
    wide = 0.4 * values.sin() + 0.2 * (1.7 * values + 1).sin()
    return values + wide + 0.03 * (3.3 * values - 2.5).sin()


def wiggly_y(values: Tensor) -> Tensor:
    r"""Stretch and press each value of y by turns, out of step with those of x.

    .. math:: f(t) = t - 0.4 \sin(0.4 t) + 0.17 \sin(1.3 t + 3.5) + 0.02 \sin(4.3 t - 2.5)

    Its slope is at least 1 - 0.16 - 0.221 - 0.086 = 0.533.

    Source: Czyż et al. (2023), section 3; the numbers are those of their package bmi.

    Args:
        values: of any shape.

    Returns:
        Of the same shape.

    Example:
        >>> wiggly_y(torch.tensor([0.0, 1.0]))
        tensor([-0.0716,  0.6944])
    """
    wide = 0.17 * (1.3 * values + 3.5).sin() - 0.4 * (0.4 * values).sin()
    return values + wide + 0.02 * (4.3 * values - 2.5).sin()
