"""The separable critic: one small network for each side, then an inner product."""

import torch
from torch import Tensor, nn

from infomax.critics.critic import FactoredCritic
from infomax.layers import dense

__all__ = ["SeparableCritic"]


class SeparableCritic(FactoredCritic):
    r"""Scores by :math:`f(x, y) = \phi_1(x)^\top \phi_2(y)`.

    Each :math:`\phi` has one hidden layer with ReLU.

    Source: Tschannen et al. (2020), section 3.2.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: draws the weights of x's network, then of y's.
        hidden_size: units in the hidden layer of each network.
        output_size: outputs of each network.

    Example:
        >>> critic = SeparableCritic(3, 5, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 3), torch.ones(4, 5)).shape
        torch.Size([4, 4])
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,
        *,
        hidden_size: int = 100,
        output_size: int = 100,
    ) -> None:
        super().__init__()

        def network(inputs: int) -> nn.Sequential:
            return nn.Sequential(
                dense(inputs, hidden_size, generator),
                nn.ReLU(),
                dense(hidden_size, output_size, generator),
            )

        self.x_network = network(x_size)
        self.y_network = network(y_size)

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, d)`` each."""
        return self.x_network(x), self.y_network(y)
