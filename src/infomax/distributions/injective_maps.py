"""Injective maps of single values and of rows, which leave the information as it is."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = [
    "BimodalMargin",
    "Spiral",
    "half_cube",
    "normal_cdf",
    "swiss_roll",
    "waves",
    "wiggly_x",
    "wiggly_y",
]


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


# As many as a float64 has bits.
_HALVINGS = 53


@dataclass(frozen=True)
class BimodalMargin:
    r"""Maps a standard normal value to the mixture of two normals that has the same rank.

    .. math:: f(t) = F^{-1}(\Phi(t)), \quad
              F(v) = w \Phi(v - a) + (1 - w) \Phi(v - b), \quad a \le b

    F has no closed inverse; as :math:`\Phi(v - b) \le F(v) \le \Phi(v - a)`, f(t) lies between
    t + a and t + b, where it is found by halving, in float64.

    Source: Czyż et al. (2023), section 3 ("bimodal variables"); parameters in their package bmi.

    Args:
        lower_weight: w, the share of the lower mode.
        lower_mean: a.
        upper_mean: b.

    Raises:
        UserError: if the weight is not between 0 and 1, or the means are not in order.

    Example:
        >>> margin = BimodalMargin(lower_weight=0.5, lower_mean=-1.0, upper_mean=3.0)
        >>> margin(torch.tensor([-2.0, 0.0, 2.0]))
        tensor([-2.6901,  1.0000,  4.6901])
    """

    lower_weight: float
    lower_mean: float
    upper_mean: float

    def __post_init__(self) -> None:
        if not 0 < self.lower_weight < 1:
            raise UserError(f"a mode of weight {self.lower_weight}: give one between 0 and 1")
        if not self.lower_mean <= self.upper_mean:
            raise UserError(
                f"modes at {self.lower_mean} and {self.upper_mean}: give the lower one first"
            )

    def __call__(self, values: Tensor) -> Tensor:
        """Map each value, of any shape."""
        exact = values.double()
        rank = normal_cdf(exact)
        low, high = exact + self.lower_mean, exact + self.upper_mean
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            is_low = self._rank(middle) < rank
            low, high = torch.where(is_low, middle, low), torch.where(is_low, high, middle)
        return ((low + high) / 2).to(values.dtype)

    def _rank(self, values: Tensor) -> Tensor:
        lower = normal_cdf(values - self.lower_mean)
        return torch.lerp(normal_cdf(values - self.upper_mean), lower, self.lower_weight)


@dataclass(frozen=True)
class Spiral:
    r"""Turns two values of each row by an angle that grows with the row's squared length.

    .. math:: f(x) = \exp(s \|x\|^2 A) \, x, \quad A_{ij} = -1, \; A_{ji} = 1

    A rotation keeps the length, so the spiral of speed -s undoes that of speed s.

    Source: Czyż et al. (2023), section 3 and appendix (spiral diffeomorphisms).

    Args:
        plane: the two values that are turned, i and j: i towards j.
        speed: s, in radians for each unit of squared length.

    Raises:
        UserError: if the plane is not of two different values counted from 0; when called, if the
            rows have too few values for it.

    Example:
        >>> import torch
        >>> turned = Spiral(plane=(0, 1), speed=torch.pi / 2)(torch.tensor([[1.0, 0.0, 0.0]]))
        >>> torch.allclose(turned, torch.tensor([[0.0, 1.0, 0.0]]), atol=1e-6)
        True
    """

    plane: tuple[int, int]
    speed: float

    def __post_init__(self) -> None:
        if min(self.plane) < 0 or self.plane[0] == self.plane[1]:
            raise UserError(
                f"a spiral turns values {self.plane}: give two different ones, counted from 0"
            )

    def __call__(self, rows: Tensor) -> Tensor:
        """Turn: ``(N, d)`` -> ``(N, d)``."""
        if max(self.plane) >= rows.shape[1]:
            raise UserError(
                f"a spiral turns values {self.plane} of rows of {rows.shape[1]}: give rows of at "
                f"least {max(self.plane) + 1} values, or another plane"
            )
        first, second = rows[:, list(self.plane)].unbind(dim=1)
        angle = self.speed * rows.square().sum(dim=1)
        turned = rows.clone()
        turned[:, self.plane[0]] = angle.cos() * first - angle.sin() * second
        turned[:, self.plane[1]] = angle.sin() * first + angle.cos() * second
        return turned


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


def waves(rows: Tensor) -> Tensor:
    r"""Bend a plane so that what stands upright in it becomes a wave.

    .. math:: f(u, v) = \left(\frac{u + 5 \sin 3 v}{10} - 0.8, \, \frac{v}{2}\right)

    Each row is moved along itself only, by an amount that the other value tells.

    Source: Czyż et al. (2025), section 3 ("Waves"); the numbers are those of their package bmi.

    Args:
        rows: of two values, shape ``(N, 2)``.

    Returns:
        Of the same shape.

    Raises:
        UserError: if the rows are not of two values.

    Example:
        >>> waves(torch.tensor([[10.0, 0.0], [10.0, math.pi / 6]])).round(decimals=4)
        tensor([[0.2000, 0.0000],
                [0.7000, 0.2618]])
    """
    if rows.shape[1] != 2:
        raise UserError(f"waves of rows of {rows.shape[1]} values: give rows of two")
    along, up = rows.split(1, dim=1)
    return torch.cat((0.1 * (along + 5 * (3 * up).sin()) - 0.8, 0.5 * up), dim=1)
