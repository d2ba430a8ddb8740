"""The critic of a neural estimate: a sum of parts, each of which sees columns of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.arrays import Array
from infomax.estimation.split import Refit

__all__ = ["CriticMaker", "RefitCritic", "SummedCritic", "sum_critics"]


class SummedCritic(Critic):
    """Scores pairs by the sum of what its parts score; each sees columns of its own.

    Args:
        parts: of the sum; none scores all pairs as 0.
        x_sizes: how many columns of x each part sees, one part after the other.
        y_sizes: how many of y.
        shift: constant that is added, for bounds whose best critic has one beside the log ratio.

    Example:
        >>> from infomax.critics import InnerProductCritic
        >>> part = InnerProductCritic(1, 1, torch.Generator())
        >>> critic = SummedCritic([part, part], [1, 1], [1, 1])
        >>> critic(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])).tolist()
        [[11.0]]
    """

    def __init__(
        self,
        parts: Sequence[Critic],
        x_sizes: Sequence[int],
        y_sizes: Sequence[int],
        *,
        shift: float = 0.0,
    ) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.x_sizes, self.y_sizes = list(x_sizes), list(y_sizes)
        self.shift = shift

    def extra_repr(self) -> str:
        """Return its settings, for ``repr``."""
        return f"x_sizes={self.x_sizes}, y_sizes={self.y_sizes}, shift={self.shift}"

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, sum of sizes)`` each -> ``(..., N, N)``."""
        seen = zip(x.split(self.x_sizes, dim=-1), y.split(self.y_sizes, dim=-1), strict=True)
        scores = x.new_full((*x.shape[:-1], y.shape[-2]), self.shift)
        for part, (of_x, of_y) in zip(self.parts, seen, strict=True):
            scores = scores + part(of_x, of_y)
        return scores


@dataclass(frozen=True, eq=False)
class RefitCritic:
    """A critic whose beginning was fitted on a refit's training rows.

    Attributes:
        critic: to be trained, or a part of one.
        x: what it sees of x, for all rows: ``(N, ...)``.
        y: what it sees of y, for all rows.
    """

    critic: Critic
    x: Tensor
    y: Tensor

    @classmethod
    def of_arrays(cls, critic: Critic, x: Array, y: Array) -> "RefitCritic":
        """Return one that sees arrays, in PyTorch's default dtype."""
        dtype = torch.get_default_dtype()
        return cls(critic, torch.from_numpy(x).to(dtype), torch.from_numpy(y).to(dtype))


CriticMaker: TypeAlias = Callable[[Array, Array, Sequence[Refit], int], Sequence[RefitCritic]]
"""From x, y, the refits and a seed to the critic of each refit, all of one architecture."""


def sum_critics(parts: Sequence[RefitCritic], rows: int, *, shift: float = 0.0) -> RefitCritic:
    """Return the critic that is the sum of parts of one refit.

    Args:
        parts: of the sum; it may be empty.
        rows: N, that each part sees.
        shift: constant that is added.
    """
    nothing = torch.empty(rows, 0)
    return RefitCritic(
        SummedCritic(
            [part.critic for part in parts],
            [part.x.shape[1] for part in parts],
            [part.y.shape[1] for part in parts],
            shift=shift,
        ),
        torch.cat([nothing, *(part.x for part in parts)], dim=1),
        torch.cat([nothing, *(part.y for part in parts)], dim=1),
    )
