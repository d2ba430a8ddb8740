r"""Gaussian mixtures of x and y together, and the log density ratio of each to its own margins.

Dependence that no single copula has: part of the pairs correlated and part not, correlations of
opposite sign, balls inside each other. The margins of a mixture are mixtures of the same weights,
so the ratio is known in closed form.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from scipy import special
from torch import Tensor

from infomax.critics import Critic
from infomax.errors import UserError
from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import Scaling

__all__ = ["GaussianMixtureDependence", "GaussianMixtureRatio"]

# What stands for the logarithm of 0 where a component is only there to make up the number.
_ABSENT = -1e4


_Decomposed: TypeAlias = tuple[Array, Array, Array, Array, Array]


@dataclass(frozen=True, eq=False)
class GaussianMixtureDependence:
    r"""A fitted mixture of K Gaussians of x and y together, behind margins.

    With responsibilities :math:`r_k` of the components for a side by itself, weights :math:`w_k`,
    and the canonical coordinates a and b and canonical correlations :math:`\rho` of a component,

    .. math:: \log \frac{p(x, y)}{p(x) p(y)} = \log \sum_k \frac{r_k(x) r_k(y)}{w_k}
              \prod_i (1 - \rho_{ki}^2)^{-1/2} \exp \frac{2 \rho_{ki} a_{ki} b_{ki}
              - \rho_{ki}^2 (a_{ki}^2 + b_{ki}^2)}{2 (1 - \rho_{ki}^2)}

    which follows from :math:`r_k(x) = w_k N_k(x) / p(x)` and, within a component, from Hotelling
    (1936). With one component it is the ratio of a Gaussian.

    Attributes:
        weights: :math:`w_k`, ``(K,)``.
        means: ``(K, dx + dy)``.
        covariances: ``(K, dx + dy, dx + dy)``, positive definite.
        x_size: dx.
        margins: from measured values to those of the mixture, which may be fewer; dx and dy count
            these.
    """

    weights: Array
    means: Array
    covariances: Array
    x_size: int
    margins: Scaling

    @property
    def components(self) -> int:
        """K, the number of components."""
        return len(self.weights)

    @property
    def y_size(self) -> int:
        """dy, the number of columns of y behind the margins."""
        return len(self.means.T) - self.x_size

    def log_ratios(self, values: Array) -> Array:
        """Return log p(x, y) / (p(x) p(y)) of rows of values, x beside y, in nats: ``(M,)``."""
        x, y = self._blocks(values)
        ratios: Array = special.logsumexp((x * y).sum(axis=-1), axis=0)
        return ratios

    def sides(self, values: Array, components: int | None = None) -> tuple[Array, Array]:
        """Return x and y of rows of values as what a score of all their pairs needs.

        Of each component, one after the other: r canonical coordinates, r the smaller of dx and
        dy, and two values. The inner product of the parts of x and y is the component's term of
        the log density ratio.

        Args:
            values: measured, x beside y.
            components: to make the number up to with components of no weight, so that mixtures of
                different K can score side by side; by default K.

        Returns:
            x and y, ``(M, components (r + 2))`` each.

        Raises:
            UserError: if there are more components than that.
        """
        wanted = self.components if components is None else components
        if wanted < self.components:
            raise UserError(
                f"components is {wanted}, and the mixture has {self.components}: give at least that"
            )
        x, y = self._blocks(values)
        missing = np.zeros((wanted - self.components, *x.shape[1:]))
        x_missing, y_missing = missing.copy(), missing.copy()
        x_missing[..., -2], y_missing[..., -2] = _ABSENT, 1.0
        return _flat(np.concatenate([x, x_missing])), _flat(np.concatenate([y, y_missing]))

    def _blocks(self, values: Array) -> tuple[Array, Array]:
        """Return each side, whose product is each component's term: ``(K, M, r + 2)``."""
        x_roots, y_roots, x_axes, correlations, y_axes = self._decomposed
        rows, size = self.margins(values), self.x_size
        x, of_x = self._canonical(rows[:, :size], self.means[:, :size], x_roots, x_axes)
        y, of_y = self._canonical(rows[:, size:], self.means[:, size:], y_roots, y_axes)
        free = 1 - correlations**2
        squares = (correlations**2 / free)[:, None, :]
        of_x -= (squares * x**2).sum(axis=-1) / 2
        of_y -= (squares * y**2).sum(axis=-1) / 2
        of_x -= (np.log(self.weights) + np.log(free).sum(axis=1) / 2)[:, None]
        ones = np.ones_like(of_x)
        return (
            np.concatenate([(correlations / free)[:, None, :] * x, np.stack([of_x, ones], -1)], -1),
            np.concatenate([y, np.stack([ones, of_y], -1)], -1),
        )

    def _canonical(
        self, rows: Array, means: Array, roots: Array, axes: Array
    ) -> tuple[Array, Array]:
        """Return canonical coordinates of one side's rows, and log responsibilities.

        Args:
            rows: behind the margins, ``(M, d)``.
            means: ``(K, d)``.
            roots: Cholesky factors of the covariances, ``(K, d, d)``.
            axes: of the canonical coordinates among whitened ones, ``(K, d, r)``.

        Returns:
            ``(K, M, r)`` and ``(K, M)``.
        """
        centred = rows.T[None] - means[:, :, None]
        whitened = np.linalg.solve(roots, centred)
        volumes = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
        logits = (np.log(self.weights) - volumes)[:, None] - (whitened**2).sum(axis=1) / 2
        coordinates: Array = np.swapaxes(whitened, 1, 2) @ axes
        responsibilities: Array = special.log_softmax(logits, axis=0)
        return coordinates, responsibilities

    @cached_property
    def _decomposed(self) -> _Decomposed:
        """Return roots of x and y, then axes of x, canonical correlations and axes of y."""
        size = self.x_size
        x_roots, y_roots = (
            np.linalg.cholesky(self.covariances[:, part, part]).astype(np.float64)
            for part in (slice(size), slice(size, None))
        )
        between = np.linalg.solve(x_roots, self.covariances[:, :size, size:])
        whitened = np.swapaxes(np.linalg.solve(y_roots, np.swapaxes(between, 1, 2)), 1, 2)
        x_axes, correlations, y_axes = np.linalg.svd(whitened, full_matrices=False)
        return x_roots, y_roots, x_axes, correlations, np.swapaxes(y_axes, 1, 2)


class GaussianMixtureRatio(Critic):
    r"""Scores pairs by the log density ratio of a Gaussian mixture, in nats; nothing is trained.

    .. math:: s_{ij} = \log \sum_k \exp(x_{ik} \cdot y_{jk})

    x and y are given as the mixture's ``sides``.

    Args:
        components: K, which the sides were made up to.
    """

    def __init__(self, components: int) -> None:
        super().__init__()
        self.components = components

    def extra_repr(self) -> str:
        """Return its settings, for ``repr``."""
        return f"components={self.components}"

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs of sides: ``(..., N, K (r + 2))`` each -> ``(..., N, N)``."""
        of_x, of_y = (side.unflatten(-1, (self.components, -1)).movedim(-2, -3) for side in (x, y))
        return torch.logsumexp(of_x @ of_y.mT, dim=-3)


def _flat(blocks: Array) -> Array:
    """Lay the parts of each row one after the other: ``(K, M, r + 2)`` -> ``(M, K (r + 2))``."""
    rows: Array = np.swapaxes(blocks, 0, 1).reshape(blocks.shape[1], -1)
    return rows
