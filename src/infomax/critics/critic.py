"""What a critic is: a module that scores every pair of two batches of codes."""

import math
from typing import TYPE_CHECKING

from torch import Tensor, nn

from infomax.errors import UserError

__all__ = ["Critic", "FactoredCritic"]


class Critic(nn.Module):
    """A module that maps codes ``(..., N, dx)`` and ``(..., N, dy)`` to scores ``(..., N, N)``.

    Rows are x (anchors), columns are y: ``scores[..., i, j] = f(x_i, y_j)``. One of one's own is
    derived from this class or, where its scores are inner products, from ``FactoredCritic``.

    Attributes:
        largest_score: that any pair can have, either way; infinite where nothing limits scores.
    """

    largest_score: float = math.inf

    def forward(self, x: Tensor, y: Tensor) -> Tensor:  # noqa: ARG002
        """Score every pair."""
        raise UserError(
            f"the critic {type(self).__name__} lacks forward: give it one that scores every pair "
            "of codes (..., N, dx) and (..., N, dy) as (..., N, N)"
        )

    def constrain(self) -> None:
        """Bring weights back to where they may be; called after each update, nothing by default."""

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102


class FactoredCritic(Critic):
    r"""A critic whose scores are inner products, :math:`f(x, y) = u(x)^\top v(y)`.

    What is needed of N x N such scores can be had from 2 N factors, a few rows at a time.
    """

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, d)`` each."""
        raise UserError(
            f"the critic {type(self).__name__} lacks factors: give it one that returns u(x) and "
            "v(y), (..., N, d) each, of codes (..., N, dx) and (..., N, dy)"
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        u, v = self.factors(x, y)
        return u @ v.mT
