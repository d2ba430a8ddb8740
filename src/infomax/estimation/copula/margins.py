"""Scaling of each coordinate by itself, fitted on some rows and applied to others.

Mutual information does not change under an injective map of each coordinate, so scaling is free to
choose what an estimator digests best; it must only not see the rows that an estimate is read from.
"""

from typing import Protocol

import numpy as np
from scipy import special, stats

from infomax.errors import unknown_name
from infomax.estimation.arrays import Array, Indices

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
        # Columns as rows, so that what is searched lies together.
        self._sorted = np.sort(np.ascontiguousarray(fitted.T), axis=1)

    def doubled_ranks(self, values: Array) -> Indices:
        """Return twice the mid-rank of each value among the fitted ones, from 0: ``(M, d)``."""
        doubled = np.empty(values.shape, dtype=np.int64)
        for index in range(values.shape[1]):
            fitted, asked = self._sorted[index], np.ascontiguousarray(values[:, index])
            # In order, so that each search goes on near where the one before ended: of a million
            # values a fifth of the time.
            order = asked.argsort()
            doubled[order, index] = _doubled_ranks(fitted, asked[order])
        return doubled

    def probabilities(self, doubled_ranks: Indices) -> Array:
        """Return the share of fitted values below, strictly between 0 and 1: ``(M, d)``."""
        probabilities: Array = (doubled_ranks / 2 + 0.5) / (self._sorted.shape[1] + 1)
        return probabilities

    def quantiles(self, doubled_ranks: Indices) -> Array:
        """Return the scores of values whose doubled ranks are known: ``(M, d)`` each."""
        scores: Array = special.ndtri(self.probabilities(doubled_ranks))
        return scores

    def __call__(self, values: Array) -> Array:
        """Return the scores of rows: ``(M, d)`` -> ``(M, d)``."""
        return self.quantiles(self.doubled_ranks(values))


def _doubled_ranks(fitted: Array, ordered: Array) -> Indices:
    """Return the doubled ranks of values in order among fitted ones, ``(M,)``."""
    if not np.array_equal(fitted, ordered):
        below = fitted.searchsorted(ordered, side="left")
        doubled: Indices = below + fitted.searchsorted(ordered, side="right")
        return doubled
    # Where each run of equal values begins, and how long it is, tells the same without a search.
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(begins, append=len(ordered))
    return np.repeat(2 * begins + lengths, lengths)


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

    def quantiles(self, doubled_ranks: Indices) -> Array:
        """Return the scores of values whose doubled ranks are known: ``(M, d)`` each."""
        # Student quantiles are slow, and every column has the same ones.
        present = np.zeros(2 * self._sorted.shape[1] + 1, dtype=bool)
        present[doubled_ranks] = True
        different = np.flatnonzero(present)
        table = np.empty(len(present))
        table[different] = stats.t.ppf(self.probabilities(different), self._degrees)
        return table[doubled_ranks]


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
