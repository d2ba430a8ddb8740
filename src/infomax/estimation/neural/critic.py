"""The critic of a neural estimate: an elliptical copula, and what two networks add to it."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import CopulaRatio
from infomax.estimation.copula.fits import (
    fit_elliptical_copula,
    fit_shrunken_copula,
    too_few_pairs,
)
from infomax.estimation.copula.margins import fitted_scaling
from infomax.estimation.task import Refit
from infomax.layers import dense
from infomax.training import generator_for

__all__ = [
    "CorrectedCritic",
    "CriticMaker",
    "RefitCritic",
    "SeparableNetworks",
    "copula_critics",
    "with_radius",
]


class SeparableNetworks(Critic):
    r"""Scores pairs by two networks: :math:`g(x_i)^\top h(y_j) + a(x_i) + b(y_j)`.

    a and b belong to the class of exact log density ratios of every exponential family, and make
    the critic's scores comparable between rows, which the product alone does not. Each network sees
    its side ``with_radius``, for what depends on that. It starts as the constant 0.

    Args:
        x_size: dx, without the radius.
        y_size: dy, without the radius.
        generator: draws the weights.
        hidden_size: units of the two hidden layers of each network.
        code_size: length of g and h.
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,
        *,
        hidden_size: int = 64,
        code_size: int = 16,
    ) -> None:
        super().__init__()
        self.x_size, self.y_size = x_size, y_size
        bias, everything = slice(-1, None), slice(None)
        sizes = (hidden_size, code_size)
        self.x_network = _network(x_size, *sizes, generator, silent=bias)
        self.y_network = _network(y_size, *sizes, generator, silent=everything)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx + 1)`` and ``(..., N, dy + 1)`` -> ``(..., N, N)``."""
        of_x: Tensor = self.x_network(x)
        of_y: Tensor = self.y_network(y)
        products = of_x[..., :-1] @ of_y[..., :-1].mT
        return products + of_x[..., -1:] + of_y[..., -1].unsqueeze(-2)


class CorrectedCritic(Critic):
    """A copula's log density ratio and a correction that is learned.

    It begins as the copula, which on data of an elliptical copula is the best critic there is.
    A side is given as its scaled values ``with_radius``, and after them the side of the copula.

    Args:
        networks: the correction, of the scaled values.
        copula: the beginning, of its own sides.
    """

    def __init__(self, networks: SeparableNetworks, copula: CopulaRatio) -> None:
        super().__init__()
        self.networks = networks
        self.copula = copula

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx + dy + 4)`` and ``(..., N, 2 dy + 4)``."""
        (x, x_behind), (y, y_behind) = (
            side.tensor_split([size + 1], dim=-1)
            for side, size in ((x, self.networks.x_size), (y, self.networks.y_size))
        )
        return self.copula(x_behind, y_behind) + self.networks(x, y)


def _network(
    size: int, hidden_size: int, code_size: int, generator: torch.Generator, *, silent: slice
) -> nn.Sequential:
    """Return a network from a side and its radius to code and bias, part of it silent."""
    sizes = (size + 1, hidden_size, hidden_size, code_size + 1)
    first, second, last = (dense(*pair, generator) for pair in itertools.pairwise(sizes))
    with torch.no_grad():
        last.weight[silent] = 0
    return nn.Sequential(first, nn.SiLU(), second, nn.SiLU(), last)


def with_radius(values: Tensor) -> Tensor:
    """Return scaled values and their mean square less 1: ``(..., d)`` -> ``(..., d + 1)``."""
    return torch.cat([values, values.square().mean(dim=-1, keepdim=True) - 1], dim=-1)


@dataclass(frozen=True, eq=False)
class RefitCritic:
    """An untrained critic whose beginning was fitted on a refit's training rows.

    Attributes:
        critic: to be trained.
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


def copula_critics(
    x: Array, y: Array, refits: Sequence[Refit], seed: int, *, scaling: str, shift: float
) -> list[RefitCritic]:
    """Make the critics of all refits; scaling and copula are fitted on each one's training rows.

    The copula is where a critic begins, and as good a place as any where columns are discrete: the
    bounds hold for every critic. Where the pairs are too few for its correlations, they are drawn
    towards 0.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        refits: which rows each is fitted on.
        seed: of weights.
        scaling: of what the networks see, by name.
        shift: what the best critic of the bound has beside the log density ratio.
    """
    few = too_few_pairs(x.shape[1], y.shape[1], len(refits[0].train))
    copulas = [
        fit_shrunken_copula(
            *(side[rows] for rows in (refit.train, refit.validation) for side in (x, y))
        )
        if few
        else fit_elliptical_copula(x[refit.train], y[refit.train])
        for refit in refits
    ]
    gaussian = all(math.isinf(copula.degrees_of_freedom) for copula in copulas)
    critics = []
    for index, (refit, copula) in enumerate(zip(refits, copulas, strict=True)):
        seen = [fitted_scaling(scaling, side[refit.train])(side) for side in (x, y)]
        sides = copula.sides(np.hstack([x, y]))
        sides[0][:, -1] += shift
        generator = generator_for(seed, f"critic of refit {index}")
        critic = CorrectedCritic(
            SeparableNetworks(x.shape[1], y.shape[1], generator),
            CopulaRatio(copula, gaussian=gaussian),
        )
        of_x, of_y = (
            np.hstack([with_radius(torch.from_numpy(values)).numpy(), side])
            for values, side in zip(seen, sides, strict=True)
        )
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics
