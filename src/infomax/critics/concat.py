"""Critics that are one network on the two codes side by side, of one layer or of several."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from infomax.critics.critic import Critic
from infomax.errors import UserError
from infomax.layers import dense

__all__ = [
    "ConcatCritic",
    "DeepConcatCritic",
]

_ROWS_IN_BLOCK = 16


class ConcatCritic(Critic):
    r"""Scores by :math:`f(x, y) = v^\top \mathrm{relu}(W [x, y] + b) + c`.

    The first layer is linear in the pair, :math:`W [x, y] = W_x x + W_y y`, so the tensor of all
    pairs, N x N x (dx + dy), is never built: two products of N rows each and a broadcast sum give
    the same hidden values.

    Source: Tschannen et al. (2020), section 3.2 (there "MLP critic").

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
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
        leading = from_x.shape[:-2]
        v = self.output.weight.expand(leading.numel(), -1)
        scores: Tensor = _PairwiseRelu.apply(  # type: ignore[no-untyped-call]
            from_x.reshape(-1, *from_x.shape[-2:]), from_y.reshape(-1, *from_y.shape[-2:]), v
        )
        return scores.reshape(*leading, *scores.shape[-2:]) + self.output.bias


class _PairwiseRelu(torch.autograd.Function):
    r"""Scores :math:`s_{kij} = v_k^\top \mathrm{relu}(a_{ki} + b_{kj})`, a few rows at a time.

    ``(K, N, h)``, ``(K, N, h)`` and ``(K, h)`` -> ``(K, N, N)``: K batches of codes, or K critics.

    The array of all hidden values is what this critic costs: 13 MB at N = 128, and autograd makes
    several of them. Here a block of it is made, used while it is in the cache, and made again for
    the backward: half the time of a training step, and memory that grows with N instead of N x N.
    Batches are taken one after another for the same reason.
    """

    @staticmethod
    def forward(a: Tensor, b: Tensor, v: Tensor) -> Tensor:
        return torch.stack(
            [
                torch.cat([_hidden(block, of_y) @ weights for block in of_x.split(_ROWS_IN_BLOCK)])
                for of_x, of_y, weights in zip(a, b, v, strict=True)
            ]
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:  # noqa: ARG004
        ctx.save_for_backward(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        each = zip(*ctx.saved_tensors, gradient, strict=True)
        return tuple(
            torch.stack(of_each)
            for of_each in zip(*(_gradients(*one) for one in each), strict=True)
        )

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> tuple[Tensor, int]:
        """Take the critics that ``torch.func.vmap`` stacks as more of the K."""
        stacked = [
            tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
            for tensor, dim in zip(inputs, in_dims, strict=True)
        ]
        scores = _PairwiseRelu.apply(*(tensor.flatten(end_dim=1) for tensor in stacked))  # type: ignore[no-untyped-call]
        return scores.unflatten(0, stacked[0].shape[:2]), 0


def _gradients(a: Tensor, b: Tensor, v: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of a, b and v for one score matrix."""
    of_a, of_b, of_v = [], torch.zeros_like(b), torch.zeros_like(v)
    blocks = zip(a.split(_ROWS_IN_BLOCK), gradient.split(_ROWS_IN_BLOCK), strict=True)
    for block, of_scores in blocks:
        hidden = _hidden(block, b)
        of_v += of_scores.flatten() @ hidden.flatten(end_dim=-2)
        through_relu = hidden.sign_().mul_(of_scores.unsqueeze(-1))
        of_a.append(through_relu.sum(dim=1))
        of_b += through_relu.sum(dim=0)
    return torch.cat(of_a) * v, of_b * v, of_v


def _hidden(a: Tensor, b: Tensor) -> Tensor:
    """Return relu(a_i + b_j): ``(M, h)`` and ``(N, h)`` -> ``(M, N, h)``."""
    return (a.unsqueeze(1) + b).relu_()


class DeepConcatCritic(Critic):
    r"""Scores by a network on [x, y] with several narrow hidden layers and ReLU.

    .. math:: f(x, y) = v^\top h_L + c, \quad h_l = \mathrm{relu}(W_l h_{l - 1} + b_l),
              \quad h_0 = [x, y]

    The first layer is linear in the pair, so it is two products of N rows each and a broadcast sum;
    the others act on all N x N pairs. Hidden values lie features first, ``(units, pairs)``:
    products with so few units take a third of the time they take features last.

    Source: Tschannen et al. (2020), section 4 and figure 4c (there five hidden layers of 10).

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: draws the weights, first layer first.
        hidden_sizes: units in each hidden layer, the first layer first.

    Raises:
        UserError: if there is no hidden layer.

    Example:
        >>> critic = DeepConcatCritic(1, 1, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 1), torch.ones(4, 1)).shape
        torch.Size([4, 4])
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,
        *,
        hidden_sizes: tuple[int, ...] = (10, 10, 10, 10, 10),
    ) -> None:
        super().__init__()
        if not hidden_sizes:
            raise UserError("the deep concat critic has no hidden layer: give at least one size")
        self.x_size = x_size
        self.first = dense(x_size + y_size, hidden_sizes[0], generator)
        self.hidden = nn.ModuleList(
            dense(inputs, outputs, generator) for inputs, outputs in pairwise(hidden_sizes)
        )
        self.output = dense(hidden_sizes[-1], 1, generator)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score every pair: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        x_weight, y_weight = self.first.weight.tensor_split([self.x_size], dim=1)
        # Leading sizes join the columns, so that every product is of two matrices.
        x_columns = torch.addmm(
            self.first.bias.unsqueeze(-1), x_weight, x.flatten(end_dim=-2).mT
        ).unflatten(-1, x.shape[:-1])
        y_columns = (y_weight @ y.flatten(end_dim=-2).mT).unflatten(-1, y.shape[:-1])
        # In place: bias and ReLU then cost no new array of all pairs, and autograd needs none.
        pairs = (x_columns.unsqueeze(-1) + y_columns.unsqueeze(-2)).relu_()
        values = pairs.flatten(start_dim=1)
        for layer in cast("Iterable[nn.Linear]", self.hidden):
            values = (layer.weight @ values).add_(layer.bias.unsqueeze(-1)).relu_()
        scores: Tensor = self.output.weight @ values + self.output.bias.unsqueeze(-1)
        return scores.view(pairs.shape[1:])
