"""Two encoders and a critic: from a batch of pairs to its score matrix."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

__all__ = ["PairModel"]


class PairModel(nn.Module):
    """Scores ``f(g1(x_i), g2(y_j))`` for all pairs of a batch.

    Args:
        x_encoder: g1, the encoder whose codes are probed.
        y_encoder: g2; the same module as ``x_encoder`` where weights are shared.
        critic: f.
        heads: what stands between the codes of x and of y and the critic, in training alone; none
            in the paper.
    """

    def __init__(
        self,
        x_encoder: nn.Module,
        y_encoder: nn.Module,
        critic: nn.Module,
        *,
        heads: tuple[nn.Module, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self.x_encoder = x_encoder
        self.y_encoder = y_encoder
        self.critic = critic
        self.x_head, self.y_head = heads or (nn.Identity(), nn.Identity())

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score a batch: views ``(N, ...)`` each -> ``(N, N)``; rows are x."""
        scores: Tensor = self.critic(self.x_head(self.x_encoder(x)), self.y_head(self.y_encoder(y)))
        return scores

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, x: Tensor, y: Tensor) -> Tensor: ...  # noqa: D102
