"""Scaling of each coordinate by itself, fitted on some rows and applied to others.

Mutual information does not change under an injective map of each coordinate, so scaling is free to
choose what an estimator digests best; it must only not see the rows that an estimate is read from.
"""

from typing import Protocol

import numpy as np
from scipy import special, stats

from infomax.errors import unknown_name
from infomax.estimation.arrays import Array

__all__ = [
    "SCALINGS",
    "NormalScores",
    "Scaling",
    "StandardScores",
    "StudentScores",
    "fitted_scaling",
]


class Scaling(Protocol):
    """A map of each coordinate, fitted."""

    def __call__(self, values: Array) -> Array:
        """Scale rows: ``(M, d)`` -> ``(M, d)``."""


class NormalScores:
    r"""Rank-Gaussian scaling: a value's mid-rank among the fitted rows as a normal quantile.

    .. math:: z = \Phi^{-1}\Big(\frac{r + 1/2}{N + 1}\Big)

    r counts the fitted values below, and half of those that are equal. Every strictly increasing
    map of a column leaves its scores as they are. Values beyond the fitted ones get the score of
    the outermost gap.

    Source: van der Waerden (1952), for the scores.

    Args:
        fitted: ``(N, d)``.

    Example:
        >>> scores = NormalScores(np.array([[1.0], [10.0], [100.0]]))
        >>> scores(np.array([[10.0], [100.0]])).round(3).tolist()
        [[0.0], [0.674]]
    """

    def __init__(self, fitted: Array) -> None:
        self._sorted = np.sort(fitted, axis=0)

    def probabilities(self, values: Array) -> Array:
        """Return the share of fitted values below, strictly between 0 and 1: ``(M, d)``."""
        size, columns = self._sorted.shape
        ranks = np.empty_like(values)
        for index in range(columns):
            fitted, asked = self._sorted[:, index], values[:, index]
            below = np.searchsorted(fitted, asked, side="left")
            ranks[:, index] = (below + np.searchsorted(fitted, asked, side="right")) / 2
        probabilities: Array = (ranks + 0.5) / (size + 1)
        return probabilities

    def __call__(self, values: Array) -> Array:
        """Return the scores of rows: ``(M, d)`` -> ``(M, d)``."""
        scores: Array = special.ndtri(self.probabilities(values))
        return scores


class StudentScores(NormalScores):
    r"""A value's mid-rank among the fitted rows as a quantile of Student's t, not of the normal.

    Args:
        fitted: ``(N, d)``.
        degrees_of_freedom: of t.

    Example:
        >>> scores = StudentScores(np.array([[1.0], [10.0], [100.0]]), degrees_of_freedom=1.0)
        >>> scores(np.array([[10.0], [100.0]])).round(3).tolist()
        [[0.0], [1.0]]
    """

    def __init__(self, fitted: Array, degrees_of_freedom: float) -> None:
        super().__init__(fitted)
        self._degrees = degrees_of_freedom

    def __call__(self, values: Array) -> Array:
        """Return the scores of rows: ``(M, d)`` -> ``(M, d)``."""
        # Student quantiles are slow, and every column has the same ones.
        different, indices = np.unique(self.probabilities(values), return_inverse=True)
        scores: Array = stats.t.ppf(different, self._degrees)[indices.reshape(values.shape)]
        return scores


class StandardScores:
    """Mean 0 and standard deviation 1 over the fitted rows; a constant column becomes 0.

    Args:
        fitted: ``(N, d)``.

    Example:
        >>> StandardScores(np.array([[1.0], [3.0]]))(np.array([[5.0]])).tolist()
        [[3.0]]
    """

    def __init__(self, fitted: Array) -> None:
        # Squares of very large or small values leave the range of floating point. A power of two
        # brings them to 1 and changes no digit.
        varies = fitted.min(axis=0) < fitted.max(axis=0)
        self._exponents = np.where(varies, np.frexp(np.abs(fitted).max(axis=0))[1], 0)
        near_one = np.ldexp(fitted, -self._exponents)
        self._mean = near_one.mean(axis=0)
        self._deviation = np.where(varies, near_one.std(axis=0), 1.0)

    def __call__(self, values: Array) -> Array:
        """Return the scores of rows: ``(M, d)`` -> ``(M, d)``."""
        scores: Array = (np.ldexp(values, -self._exponents) - self._mean) / self._deviation
        return scores


SCALINGS: dict[str, type[NormalScores] | type[StandardScores]] = {
    "rank-gaussian": NormalScores,
    "standard": StandardScores,
}
"""The scalings by name."""


def fitted_scaling(name: str, fitted: Array) -> Scaling:
    """Fit the scaling of a name on rows ``(N, d)``.

    Raises:
        UserError: if there is no scaling of that name.
    """
    if name not in SCALINGS:
        raise unknown_name("scaling", name, SCALINGS)
    return SCALINGS[name](fitted)
