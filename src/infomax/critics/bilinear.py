"""The bilinear critic: one matrix between the codes."""

import torch
from torch import Tensor

from infomax.critics.critic import FactoredCritic
from infomax.layers import dense

__all__ = ["BilinearCritic"]


class BilinearCritic(FactoredCritic):
    r"""Scores by :math:`f(x, y) = x^\top W y` with a Glorot-uniform W and no bias.

    Source: van den Oord, Li and Vinyals (2018), equation 3.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: draws W.

    Example:
        >>> critic = BilinearCritic(3, 5, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 3), torch.ones(4, 5)).shape
        torch.Size([4, 4])
    """

    def __init__(self, x_size: int, y_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.product = dense(y_size, x_size, generator, bias=False)

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, dx)`` each."""
        return x, self.product(y)
