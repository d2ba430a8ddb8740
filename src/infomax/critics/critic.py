"""What a critic is."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

__all__ = ["Critic"]


class Critic(nn.Module):
    """A module that maps codes ``(..., N, dx)`` and ``(..., N, dy)`` to scores ``(..., N, N)``.

    Rows are x (anchors), columns are y: ``scores[..., i, j] = f(x_i, y_j)``.
    """

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair."""
        raise NotImplementedError

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102
