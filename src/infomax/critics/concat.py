"""The concat critic: one network on the two codes side by side."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from infomax.critics.critic import Critic
from infomax.layers import dense

__all__ = ["ConcatCritic"]

_ROWS_IN_BLOCK = 16


class ConcatCritic(Critic):
    r"""Scores by :math:`f(x, y) = v^\top \mathrm{relu}(W [x, y] + b) + c`.

    The first layer is linear in the pair, :math:`W [x, y] = W_x x + W_y y`, so the tensor of all
    pairs, N x N x (dx + dy), is never built: two products of N rows each and a broadcast sum give
    the same hidden values.

    Source: Tschannen et al. (2020), section 3.2 (there "MLP critic").

    Args:
        x_size: number of values in a code of x.
        y_size: number of values in a code of y.
        generator: draws the weights.
        hidden_size: units in the hidden layer.

    Example:
        >>> critic = ConcatCritic(3, 5, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 3), torch.ones(4, 5)).shape
        torch.Size([4, 4])
    """

    def __init__(
        self, x_size: int, y_size: int, generator: torch.Generator, *, hidden_size: int = 200
    ) -> None:
        super().__init__()
        self.x_size = x_size
        self.hidden = dense(x_size + y_size, hidden_size, generator)
        self.output = dense(hidden_size, 1, generator)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        x_weight, y_weight = self.hidden.weight.tensor_split([self.x_size], dim=1)
        from_x = nn.functional.linear(x, x_weight, self.hidden.bias)
        from_y = nn.functional.linear(y, y_weight)
        scores: Tensor = _PairwiseRelu.apply(  # type: ignore[no-untyped-call]
            from_x, from_y, self.output.weight.squeeze(0)
        )
        return scores + self.output.bias


class _PairwiseRelu(torch.autograd.Function):
    r"""Scores :math:`s_{ij} = v^\top \mathrm{relu}(a_i + b_j)`, a few rows of scores at a time.

    The array of all hidden values is what this critic costs: 13 MB at N = 128, and autograd makes
    several of them. Here a block of it is made, used while it is in the cache, and made again for
    the backward: half the time of a training step, and memory that grows with N instead of N x N.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, v: Tensor) -> Tensor:
        ctx.save_for_backward(a, b, v)
        blocks = a.split(_ROWS_IN_BLOCK, dim=-2)
        return torch.cat([_hidden(block, b) @ v for block in blocks], dim=-2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a, b, v = ctx.saved_tensors
        of_a, of_b, of_v = [], torch.zeros_like(b), torch.zeros_like(v)
        blocks = zip(
            a.split(_ROWS_IN_BLOCK, dim=-2), gradient.split(_ROWS_IN_BLOCK, dim=-2), strict=True
        )
        for block, of_scores in blocks:
            hidden = _hidden(block, b)
            of_v += of_scores.flatten() @ hidden.flatten(end_dim=-2)
            through_relu = hidden.sign_().mul_(of_scores.unsqueeze(-1))
            of_a.append(through_relu.sum(dim=-2))
            of_b += through_relu.sum(dim=-3)
        return torch.cat(of_a, dim=-2) * v, of_b * v, of_v


def _hidden(a: Tensor, b: Tensor) -> Tensor:
    """Return relu(a_i + b_j): ``(..., M, h)`` and ``(..., N, h)`` -> ``(..., M, N, h)``."""
    return (a.unsqueeze(-2) + b.unsqueeze(-3)).relu_()
