r"""The leading canonical coordinates of both sides: a few columns that hold what correlates.

A mixture of full covariances in 25 + 25 columns has more to fit than 3,000 pairs tell. What no
correlation reaches is noise to it; held-out pairs say whether it was.
"""

import math
from collections.abc import Callable

import numpy as np

from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import Scaling

__all__ = ["CanonicalScores", "canonical_axes", "significant_correlations"]

# Columns may repeat others: of a variance of about 1, this is added.
_RIDGE = 1e-4


class CanonicalScores:
    """Canonical coordinates of x and of y, behind a scaling of each column.

    They are fitted on some rows and applied to others, as scalings are, but they are fewer than the
    columns: x has the first half of them, y the other.

    Args:
        fitted: x beside y, ``(N, dx + dy)``.
        x_size: dx.
        scaling: of each column before.
        size: r, the number of coordinates of each side; by default that of canonical correlations
            that are significant.

    Attributes:
        scaling: as given.
        size: r.

    Example:
        >>> from infomax.estimation.copula.margins import NormalScores
        >>> generator = np.random.default_rng(0)
        >>> values = generator.standard_normal((1000, 10))
        >>> values[:, 5] += values[:, 0]
        >>> scores = CanonicalScores(values, 5, NormalScores)
        >>> scores.size, scores(values).shape
        (1, (1000, 2))
        >>> round(float(abs(np.corrcoef(scores(values).T)[0, 1])), 1)
        0.7
    """

    def __init__(
        self,
        fitted: Array,
        x_size: int,
        scaling: Callable[[Array], Scaling],
        size: int | None = None,
    ) -> None:
        self.scaling = scaling
        self._x_size = x_size
        self._margins = scaling(fitted)
        rows = self._margins(fitted)
        x_axes, correlations, y_axes = canonical_axes(rows, x_size)
        self.size = significant_correlations(correlations, rows, x_size) if size is None else size
        self._axes = x_axes[:, : self.size], y_axes[:, : self.size]

    def __call__(self, values: Array) -> Array:
        """Return the coordinates of rows: ``(M, dx + dy)`` -> ``(M, 2 r)``."""
        rows = self._margins(values)
        of_x, of_y = self._axes
        return np.hstack([rows[:, : self._x_size] @ of_x, rows[:, self._x_size :] @ of_y])


def canonical_axes(rows: Array, x_size: int) -> tuple[Array, Array, Array]:
    """Return axes of x, ``(dx, k)``, canonical correlations, falling, and axes of y, ``(dy, k)``.

    Source: Hotelling (1936).

    Args:
        rows: of mean 0 or near it, x beside y, ``(N, dx + dy)``.
        x_size: dx.
    """
    covariance = np.cov(rows.T, bias=True) + _RIDGE * np.eye(rows.shape[1])
    x_root, y_root = (
        np.linalg.cholesky(covariance[part, part]) for part in (slice(x_size), slice(x_size, None))
    )
    between = np.linalg.solve(x_root, covariance[:x_size, x_size:])
    whitened = np.linalg.solve(y_root, between.T).T
    of_x, correlations, of_y = np.linalg.svd(whitened, full_matrices=False)
    return np.linalg.solve(x_root.T, of_x), correlations, np.linalg.solve(y_root.T, of_y.T)


def significant_correlations(correlations: Array, rows: Array, x_size: int) -> int:
    r"""Return how many canonical correlations are larger than the largest of independent sides.

    .. math:: \rho^2 > \Big(\sqrt{c_x (1 - c_y)} + \sqrt{c_y (1 - c_x)}\Big)^2,
              \quad c_x = d_x / N, \quad c_y = d_y / N

    With no more rows than columns they are all 1, and none is significant.

    Source: Wachter (1980), for the edge of the spectrum of many rows and columns.

    Args:
        correlations: canonical ones.
        rows: that they were fitted on, ``(N, dx + dy)``.
        x_size: dx.
    """
    number, columns = rows.shape
    if columns >= number:
        return 0
    of_x, of_y = x_size / number, (columns - x_size) / number
    edge = math.sqrt(of_x * (1 - of_y)) + math.sqrt(of_y * (1 - of_x))
    return int((correlations > edge).sum())
