"""The critic of a neural estimate: an elliptical copula, and what two networks add to it."""

import itertools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from infomax.critics import Critic
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.layers import dense

__all__ = ["CopulaRatio", "CorrectedCritic", "SeparableNetworks", "with_radius"]


class CopulaRatio(Critic):
    r"""Scores pairs by the log density ratio of a fitted copula, in nats; nothing is trained.

    .. math:: s_{ij} = u_i + v_j - r(q_{ij}), \quad
              r(q) = \frac{\nu + d_x + d_y}{2} \log(1 + q / \nu)

    x and y are given as the copula's ``sides``: q is a product of what they begin with, u and v
    are what they end with. For :math:`\nu = \infty`, r is q / 2.

    Args:
        copula: whose ratio it is.
        gaussian: whether to leave out what only finite degrees of freedom need; copulas that score
            side by side must agree.
    """

    inverse_degrees: Tensor

    def __init__(self, copula: EllipticalDependence, *, gaussian: bool) -> None:
        super().__init__()
        self.size = copula.x_size + copula.y_size
        self.gaussian = gaussian
        inverse = torch.tensor(1 / copula.degrees_of_freedom, dtype=torch.get_default_dtype())
        self.register_buffer("inverse_degrees", inverse)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs of sides: ``(..., N, dy + 3)`` each -> ``(..., N, N)``."""
        forms = x[..., :-1] @ y[..., :-1].mT
        return x[..., -1:] + y[..., -1].unsqueeze(-2) - self._radial(forms)

    def of_arrays(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score all pairs of sides that are arrays: ``(N, dy + 3)`` each -> ``(N, N)``."""
        dtype = torch.get_default_dtype()
        scores = self(torch.as_tensor(x, dtype=dtype), torch.as_tensor(y, dtype=dtype))
        return scores.double().numpy()

    def _radial(self, forms: Tensor) -> Tensor:
        if self.gaussian:
            return forms / 2
        heavy = self.inverse_degrees > 0
        # Both branches are computed: the one that is not taken must stay finite.
        inverse = torch.where(heavy, self.inverse_degrees, 1.0)
        student = (1 / inverse + self.size) / 2 * torch.log1p(inverse * forms.clamp_min(0))
        return torch.where(heavy, student, forms / 2)


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
