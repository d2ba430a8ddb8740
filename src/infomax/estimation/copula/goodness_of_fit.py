r"""Whether pairs are of the elliptical copula that was fitted to them: a test that can fail.

Rows of an elliptical distribution, whitened by its correlation, have two properties that nothing
else has together: their directions s are uniform on the sphere, and their lengths follow one known
law. Both are asked of x by itself, of y by itself and of both together:

- of directions, the means of :math:`s_i^2 s_j^2`, :math:`s_i^2 s_j`, :math:`s_i^3 s_j` and
  :math:`s_i s_j |s_x|^2` against those of the sphere, each mean in standard errors, by the largest
  and by the mean square of all;
- of lengths, the statistic of Anderson and Darling.

What they are where the copula is true is not looked up but drawn: samples of the copula, with the
margins of the data, ties included, go the same way, fit of the correlation included.

Source: Baringhaus (1991) and Manzotti, Perez and Quiroz (2002), for tests of uniform directions;
Anderson and Darling (1954); Genest and Remillard (2008), for samples that are fitted anew.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import EllipticalDependence
from infomax.estimation.copula.fits import fit_correlation
from infomax.training import NoProgress, StagedProgress

__all__ = ["CONTRADICTING_DEVIATIONS", "GoodnessOfFit", "goodness_of_fit"]

_SAMPLES = 19
# Farther than all but one of 810 draws of Gaussian and Student copulas were (docs/results.md).
CONTRADICTING_DEVIATIONS = 7.0
"""Pairs that are farther from the samples of a copula are not of it."""

# Rows times squared columns, so that the work does not grow with the data.
_MOST_WORK = 4e7
_MOST_ROWS = 20_000
_FEWEST_ROWS = 2_000
_SMALLEST = 1e-12
_NO_PROGRESS = NoProgress()


@dataclass(frozen=True)
class GoodnessOfFit:
    """How far pairs are from a copula, in standard deviations of what its own samples show.

    Attributes:
        of_x: the farthest of all statistics of x by itself; 0 for one column, which has no copula.
        of_y: of y by itself.
        jointly: of both together.
        rows: number of rows that were tested.
    """

    of_x: float
    of_y: float
    jointly: float
    rows: int = 0

    def within(self, deviations: float) -> bool:
        """Tell whether nothing is farther from the copula's samples than this.

        Args:
            deviations: in standard deviations of what the samples show.
        """
        return max(self.of_x, self.of_y, self.jointly) <= deviations

    @property
    def sides_agree(self) -> bool:
        """Whether neither side by itself contradicts the copula."""
        return max(self.of_x, self.of_y) <= CONTRADICTING_DEVIATIONS

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts the copula."""
        return self.within(CONTRADICTING_DEVIATIONS)

    def __str__(self) -> str:
        """Say what contradicts the copula most.

        Example:
            >>> print(GoodnessOfFit(1.0, 2.0, 7.5))
            x and y together are 7.5 standard deviations from its samples
        """
        found = {"x": self.of_x, "y": self.of_y, "x and y together": self.jointly}
        where = max(found, key=lambda part: found[part])
        verb = "are" if "and" in where else "by itself is"
        return f"{where} {verb} {found[where]:z.1f} standard deviations from its samples"


def goodness_of_fit(
    copula: EllipticalDependence,
    x: Array,
    y: Array,
    generator: np.random.Generator,
    progress: StagedProgress = _NO_PROGRESS,
) -> GoodnessOfFit:
    """Test whether pairs are of the copula that was fitted to them.

    Args:
        copula: fitted on these pairs.
        x: ``(N, dx)``, continuous.
        y: ``(N, dy)``.
        generator: draws samples of the copula, and rows where there are very many.
        progress: is told of each sample.

    Example:
        >>> from infomax.estimation.copula.fits import fit_elliptical_copula
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 1000, 2))
        >>> for y in (x + noise, x + (1 + np.abs(x)) * noise):
        ...     copula = fit_elliptical_copula(x, y)
        ...     print(goodness_of_fit(copula, x, y, generator).agrees)
        True
        False
    """
    rows = copula.margins(np.hstack([x, y]))
    size = rows.shape[1]
    most = int(np.clip(_MOST_WORK / size**2, _FEWEST_ROWS, _MOST_ROWS))
    if len(rows) > most:
        rows = rows[generator.permutation(len(rows))[:most]]
    found = _of_parts(copula, rows)
    ordered = np.sort(rows, axis=0)
    drawn = []
    progress.start("testing the fit of the copula", _SAMPLES)
    for index in range(_SAMPLES):
        progress.advance(index)
        drawn.append(_of_parts(copula, _sample(copula, ordered, generator)))
    of_x, of_y, jointly = (
        _deviation(found[part], [each[part] for each in drawn]) if found[part] else 0.0
        for part in ("x", "y", "both")
    )
    return GoodnessOfFit(of_x, of_y, jointly, len(rows))


def _sample(copula: EllipticalDependence, ordered: Array, generator: np.random.Generator) -> Array:
    """Draw as many rows of the copula, with the margins of the data."""
    rows = generator.standard_normal(ordered.shape) @ np.linalg.cholesky(copula.correlation).T
    degrees = copula.degrees_of_freedom
    if not math.isinf(degrees):
        rows /= np.sqrt(generator.chisquare(degrees, size=(len(rows), 1)) / degrees)
    ranks = rows.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(ordered, ranks, axis=0)


def _of_parts(copula: EllipticalDependence, rows: Array) -> dict[str, dict[str, float]]:
    """Return the statistics of rows, whitened by what is fitted to them as the copula was."""
    degrees = copula.degrees_of_freedom
    # Rows lie nearer to the copula that is fitted to them than to the one they are of.
    correlation = fit_correlation(rows, degrees, copula.correlation)
    parts = {"x": slice(copula.x_size), "y": slice(copula.x_size, None), "both": slice(None)}
    return {
        name: _statistics(
            rows[:, part],
            correlation[part, part],
            degrees,
            first=copula.x_size if name == "both" else 1,
        )
        for name, part in parts.items()
    }


def _statistics(rows: Array, correlation: Array, degrees: float, *, first: int) -> dict[str, float]:
    """Return the statistics: those that are squares as roots, whose upper tail is lighter."""
    size = rows.shape[1]
    if size == 1:
        return {}
    whitened = rows @ _inverse_root(correlation)
    # A row of middle ranks, where values repeat, lies at 0 and has no direction.
    forms = np.maximum((whitened**2).sum(axis=1), _SMALLEST)
    # Of length 1 times the root of the size, so that means are of order 1.
    directions = whitened * np.sqrt(size / forms)[:, None]
    squares, cubes = directions**2, directions**3
    others = ~np.eye(size, dtype=bool)
    share = squares[:, :first].mean(axis=1, keepdims=True) - 1
    of_sphere = np.full((size, size), size / (size + 2))
    np.fill_diagonal(of_sphere, 3 * size / (size + 2))
    means = {
        "squares": _standard_errors(squares, squares, of_sphere),
        "squares and values": _standard_errors(squares, directions, 0.0),
        "cubes and values": _standard_errors(cubes, directions, 0.0)[others],
        "products and share": _standard_errors(share * directions, directions, 0.0)[others],
    }
    statistics = {"length": math.sqrt(_anderson_darling(forms, degrees, size))}
    for name, errors in means.items():
        statistics[f"largest of {name}"] = float(np.abs(errors).max())
        statistics[f"mean of {name}"] = math.sqrt((errors**2).mean())
    return statistics


def _standard_errors(left: Array, right: Array, expected: Array | float) -> Array:
    """Return by how many standard errors mean products of columns are off: ``(d, d)``."""
    means = left.T @ right / len(left)
    variances = (left**2).T @ right**2 / len(left) - means**2
    errors: Array = (means - expected) * np.sqrt(len(left) / np.maximum(variances, _SMALLEST))
    return errors


def _anderson_darling(forms: Array, degrees: float, size: int) -> float:
    law = stats.chi2(size) if math.isinf(degrees) else stats.f(size, degrees, scale=size)
    ordered = np.sort(forms)
    terms = law.logcdf(ordered) + law.logsf(ordered)[::-1]
    weights = (2 * np.arange(len(forms)) + 1) / len(forms)
    return float(-len(forms) - (weights * np.maximum(terms, -700)).sum())


def _inverse_root(correlation: Array) -> Array:
    """Return the symmetric inverse root, by which each column stays nearest to itself."""
    values, vectors = np.linalg.eigh(correlation)
    root: Array = vectors / np.sqrt(np.maximum(values, _SMALLEST)) @ vectors.T
    return root


def _deviation(found: Mapping[str, float], drawn: list[dict[str, float]]) -> float:
    """Return by how much the farthest statistic lies above those of the samples."""
    deviations = []
    for name, value in found.items():
        known = np.array([each[name] for each in drawn])
        spread = known.std(ddof=1) * math.sqrt(1 + 1 / len(known))
        deviations.append((value - known.mean()) / spread)
    return float(max(deviations))
