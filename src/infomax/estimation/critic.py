"""The critic of a neural estimate: an elliptical copula, and what two networks add to it."""

import itertools
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.elliptical import EllipticalDependence
from infomax.layers import dense

__all__ = ["CopulaRatio", "CorrectedCritic", "SeparableNetworks", "with_radius"]


class CopulaRatio(Critic):
    r"""Scores pairs by the log density ratio of a fitted copula, in nats; nothing is trained.

    .. math:: s_{ij} = c - r(q(x_i, y_j), d_x + d_y) + r(q_x(x_i), d_x) + r(q_y(y_j), d_y), \quad
              r(q, d) = \frac{\nu + d}{2} \log(1 + q / \nu)

    The form of a pair is a sum of one of x, one of y and a product of both, so all pairs cost one
    matrix product. For :math:`\nu = \infty`, r is q / 2.

    Args:
        copula: whose ratio it is.
        shift: what is added to it; the best critic of NWJ is the log density ratio plus 1.
        gaussian: whether to leave out what only finite degrees of freedom need; copulas that score
            side by side must agree.
    """

    of_x_given_y: Tensor
    of_y_given_x: Tensor
    between: Tensor
    of_x: Tensor
    of_y: Tensor
    inverse_degrees: Tensor
    constant: Tensor

    def __init__(self, copula: EllipticalDependence, *, gaussian: bool, shift: float = 0.0) -> None:
        super().__init__()
        self.x_size, self.y_size = copula.x_size, copula.y_size
        self.gaussian = gaussian
        size, correlation = copula.x_size, copula.correlation
        both = np.linalg.inv(correlation)
        degrees = copula.degrees_of_freedom
        buffers = {
            "of_x_given_y": both[:size, :size],
            "of_y_given_x": both[size:, size:],
            "between": both[:size, size:],
            "of_x": np.linalg.inv(correlation[:size, :size]),
            "of_y": np.linalg.inv(correlation[size:, size:]),
            "inverse_degrees": 0.0 if math.isinf(degrees) else 1 / degrees,
            "constant": copula.log_constant + shift,
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.get_default_dtype()))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs, given behind their margins: ``(..., N, dx)``, ``(..., N, dy)``."""
        of_pair = (
            _forms(x, self.of_x_given_y).unsqueeze(-1)
            + _forms(y, self.of_y_given_x).unsqueeze(-2)
            + 2 * (x @ self.between) @ y.mT
        )
        of_x = self._radial(_forms(x, self.of_x), self.x_size).unsqueeze(-1)
        of_y = self._radial(_forms(y, self.of_y), self.y_size).unsqueeze(-2)
        return self.constant - self._radial(of_pair, self.x_size + self.y_size) + of_x + of_y

    def of_arrays(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score all pairs of arrays ``(N, dx)`` and ``(N, dy)``: ``(N, N)``."""
        dtype = torch.get_default_dtype()
        scores = self(torch.as_tensor(x, dtype=dtype), torch.as_tensor(y, dtype=dtype))
        return scores.double().numpy()

    def _radial(self, forms: Tensor, size: int) -> Tensor:
        if self.gaussian:
            return forms / 2
        heavy = self.inverse_degrees > 0
        # Both branches are computed: the one that is not taken must stay finite.
        inverse = torch.where(heavy, self.inverse_degrees, 1.0)
        student = (1 + inverse * size) * torch.log1p(inverse * forms.clamp_min(0)) / (2 * inverse)
        return torch.where(heavy, student, forms / 2)


class SeparableNetworks(Critic):
    r"""Scores pairs by two networks: :math:`g(x_i)^\top h(y_j) + a(x_i) + b(y_j)`.

    a and b belong to the class of exact log density ratios of every exponential family, and make
    the critic's scores comparable between rows, which the product alone does not. Each network sees
    its side and the mean square of it, for what depends on the radius. It starts as the constant 0.

    Args:
        x_size: dx.
        y_size: dy.
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
        """Score all pairs: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, N)``."""
        of_x: Tensor = self.x_network(with_radius(x))
        of_y: Tensor = self.y_network(with_radius(y))
        products = of_x[..., :-1] @ of_y[..., :-1].mT
        return products + of_x[..., -1:] + of_y[..., -1].unsqueeze(-2)


class CorrectedCritic(Critic):
    """A copula's log density ratio and a correction that is learned.

    It begins as the copula, which on data of an elliptical copula is the best critic there is.
    A side is given as its scaled values, and after them the values behind the copula's margins.

    Args:
        networks: the correction, of the scaled values.
        copula: the beginning, of the values behind its margins.
    """

    def __init__(self, networks: SeparableNetworks, copula: CopulaRatio) -> None:
        super().__init__()
        self.networks = networks
        self.copula = copula

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs: ``(..., N, 2 dx)`` and ``(..., N, 2 dy)`` -> ``(..., N, N)``."""
        x_sizes, y_sizes = [self.copula.x_size] * 2, [self.copula.y_size] * 2
        (x, x_behind), (y, y_behind) = x.split(x_sizes, -1), y.split(y_sizes, -1)
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


def _forms(rows: Tensor, inverse: Tensor) -> Tensor:
    return ((rows @ inverse) * rows).sum(dim=-1)
