"""A rotation that grows with the distance from the origin."""

from dataclasses import dataclass

from torch import Tensor

from infomax.errors import UserError

__all__ = ["Spiral"]


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
