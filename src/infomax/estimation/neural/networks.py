"""What training adds to a critic, from few assumptions to fewer: additive functions, networks."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import NormalScores, fitted_scaling
from infomax.estimation.neural.critic import RefitCritic
from infomax.estimation.split import Refit
from infomax.layers import dense
from infomax.training import generator_for

__all__ = [
    "AdditiveFunctions",
    "SeparableNetworks",
    "additive_critics",
    "column_functions",
    "network_critics",
    "with_radius",
]

_MOST_COSINES = 10
_MOST_FUNCTIONS = 256
_START = 0.1


class AdditiveFunctions(Critic):
    r"""Scores pairs by codes that are sums of functions of single columns.

    .. math:: s_{ij} = g(x_i)^\top h(y_j) + a(x_i) + b(y_j), \quad
              g(x) = \sum_k g_k(x_k)

    and h, a and b likewise, where each function is a combination of ``column_functions``. Where
    every column of y follows columns of x by curves of its own, this is the log density ratio, and
    it is learned from far fewer pairs than by networks, which must find out that columns do not
    mix. It starts as the constant 0.

    Source: Hastie and Tibshirani (1986), for additive models.

    Args:
        x_size: number of functions of x.
        y_size: number of functions of y.
        generator: draws the weights.
        code_size: length of g and h.
    """

    def __init__(
        self, x_size: int, y_size: int, generator: torch.Generator, *, code_size: int = 32
    ) -> None:
        super().__init__()
        self.of_x = dense(x_size, code_size + 1, generator)
        self.of_y = dense(y_size, code_size + 1, generator)
        with torch.no_grad():
            self.of_x.weight.normal_(0, _START, generator=generator)
            self.of_x.weight[-1] = 0
            self.of_y.weight.zero_()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, x_size)`` and ``(..., N, y_size)`` -> ``(..., N, N)``."""
        return _product_and_terms(self.of_x(x), self.of_y(y))


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
        bias, everything = slice(-1, None), slice(None)
        sizes = (hidden_size, code_size)
        self.x_network = _network(x_size, *sizes, generator, silent=bias)
        self.y_network = _network(y_size, *sizes, generator, silent=everything)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, dx + 1)`` and ``(..., N, dy + 1)`` -> ``(..., N, N)``."""
        return _product_and_terms(self.x_network(x), self.y_network(y))


def additive_critics(x: Array, y: Array, refits: Sequence[Refit], seed: int) -> list[RefitCritic]:
    """Make the additive critics of all refits, on functions by the ranks of training rows.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        refits: which rows each is fitted on.
        seed: of weights.
    """
    critics = []
    for index, refit in enumerate(refits):
        of_x, of_y = (column_functions(side[refit.train], side) for side in (x, y))
        generator = generator_for(seed, f"additive functions of refit {index}")
        critic = AdditiveFunctions(of_x.shape[1], of_y.shape[1], generator)
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics


def network_critics(
    x: Array, y: Array, refits: Sequence[Refit], seed: int, *, scaling: str
) -> list[RefitCritic]:
    """Make the networks of all refits; scalings are fitted on each one's training rows.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        refits: which rows each is fitted on.
        seed: of weights.
        scaling: of what the networks see, by name.
    """
    critics = []
    for index, refit in enumerate(refits):
        of_x, of_y = (
            with_radius(torch.from_numpy(fitted_scaling(scaling, side[refit.train])(side))).numpy()
            for side in (x, y)
        )
        generator = generator_for(seed, f"critic of refit {index}")
        critic = SeparableNetworks(x.shape[1], y.shape[1], generator)
        critics.append(RefitCritic.of_arrays(critic, of_x, of_y))
    return critics


def column_functions(fitted: Array, values: Array) -> Array:
    r"""Return functions of each column by itself: normal scores, squares of them, and cosines.

    .. math:: z, \quad (z^2 - 1) / \sqrt 2, \quad \sqrt 2 \cos(\pi k r), \; k = 1, 2, \dots

    z is the normal score and r the share of fitted values below. There are up to ten cosines, of
    many columns fewer. Each has mean 0 and variance 1 over the fitted rows of a continuous column.

    Args:
        fitted: ``(N, d)``, whose ranks are taken.
        values: ``(M, d)``.

    Returns:
        ``(M, d p)``, p functions of each column.

    Example:
        >>> fitted = np.linspace(0, 1, 999)[:, None]
        >>> column_functions(fitted, np.array([[0.5], [1.0]])).shape
        (2, 12)
        >>> bool(np.abs(column_functions(fitted, fitted).mean(axis=0)).max() < 0.05)
        True
    """
    scores = NormalScores(fitted)
    doubled_ranks = scores.doubled_ranks(values)
    shares, normal = scores.probabilities(doubled_ranks), scores.quantiles(doubled_ranks)
    cosines = min(_MOST_COSINES, max(1, _MOST_FUNCTIONS // values.shape[1] - 2))
    waves = [math.sqrt(2) * np.cos(math.pi * degree * shares) for degree in range(1, cosines + 1)]
    return np.hstack([normal, (normal**2 - 1) / math.sqrt(2), *waves])


def with_radius(values: Tensor) -> Tensor:
    """Return scaled values and their mean square less 1: ``(..., d)`` -> ``(..., d + 1)``."""
    return torch.cat([values, values.square().mean(dim=-1, keepdim=True) - 1], dim=-1)


def _network(
    size: int, hidden_size: int, code_size: int, generator: torch.Generator, *, silent: slice
) -> nn.Sequential:
    """Return a network from a side and its radius to code and bias, part of it silent."""
    sizes = (size + 1, hidden_size, hidden_size, code_size + 1)
    first, second, last = (dense(*pair, generator) for pair in itertools.pairwise(sizes))
    with torch.no_grad():
        last.weight[silent] = 0
    return nn.Sequential(first, nn.SiLU(), second, nn.SiLU(), last)


def _product_and_terms(of_x: Tensor, of_y: Tensor) -> Tensor:
    """Return products of codes, and of each side the term that follows its code."""
    products = of_x[..., :-1] @ of_y[..., :-1].mT
    return products + of_x[..., -1:] + of_y[..., -1].unsqueeze(-2)
