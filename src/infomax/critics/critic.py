"""What a critic is."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

__all__ = ["Critic", "FactoredCritic"]


class Critic(nn.Module):
    """A module that maps codes ``(..., N, dx)`` and ``(..., N, dy)`` to scores ``(..., N, N)``.

    Rows are x (anchors), columns are y: ``scores[..., i, j] = f(x_i, y_j)``.
    """

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair."""
        raise NotImplementedError

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102


class FactoredCritic(Critic):
    r"""A critic whose scores are inner products, :math:`f(x, y) = u(x)^\top v(y)`.

    What is needed of N x N such scores can be had from 2 N factors, a few rows at a time.
    """

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, d)`` each."""
        raise NotImplementedError

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        u, v = self.factors(x, y)
        return u @ v.mT
