"""Two encoders and a critic: from a batch of pairs to its score matrix."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

from infomax.critics import Critic
from infomax.encoders import Encoder

__all__ = ["PairModel"]


class PairModel(nn.Module):
    """Scores ``f(g1(x_i), g2(y_j))`` for all pairs of a batch.

    Args:
        x_encoder: g1, the encoder whose codes are probed.
        y_encoder: g2; the same module as ``x_encoder`` where weights are shared.
        critic: f.
    """

    def __init__(self, x_encoder: Encoder, y_encoder: Encoder, critic: Critic) -> None:
        super().__init__()
        self.x_encoder = x_encoder
        self.y_encoder = y_encoder
        self.critic = critic

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score a batch: ``(N, dx)`` and ``(N, dy)`` -> ``(N, N)``; rows are x."""
        return self.critic(self.x_encoder(x), self.y_encoder(y))

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102
