"""Conditional information of an elliptical model: a closed form of partial correlations."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import (
    EllipticalDependence,
    quadratic_forms,
    radial_terms,
)

__all__ = ["ConditionalEllipse", "fit_conditional"]


@dataclass(frozen=True, eq=False)
class ConditionalEllipse:
    r"""What an elliptical distribution of x, y and z says of x and y given z.

    .. math:: I(X; Y \mid Z) = -\frac{1}{2} \log
              \frac{\det R_{xyz} \det R_z}{\det R_{xz} \det R_{yz}}
              + c(\nu, d_{xz}) + c(\nu, d_{yz}) - c(\nu, d_{xyz}) - c(\nu, d_z)

    R is the correlation and c the entropy of a standard Student vector, of which the terms vanish
    together for a Gaussian. Of one x and one y the first term is that of the partial correlation,
    :math:`-\frac{1}{2} \log(1 - \rho^2_{xy \cdot z})`.

    Source: Gelfand and Yaglom (1959), by the chain rule; Arellano-Valle, Contreras-Reyes and Genton
    (2013), for Student vectors.

    Attributes:
        both: the distribution of x beside y and z together.
        y_size: dy.
    """

    both: EllipticalDependence
    y_size: int

    @property
    def mutual_information(self) -> float:
        """The information of x and y given z, in nats."""
        both, size = self.both, self.both.x_size
        of_x_and_z = np.r_[:size, size + self.y_size : len(both.correlation)]
        with_z = EllipticalDependence(
            both.correlation[np.ix_(of_x_and_z, of_x_and_z)],
            both.degrees_of_freedom,
            size,
            both.margins,
        )
        return both.mutual_information - with_z.mutual_information

    def optimism(self, size: float) -> float:
        """Return how far fitting N rows raises the estimate on average: dx dy / 2N, in nats."""
        return self.both.x_size * self.y_size / (2 * size)

    def log_ratios(self, values: Array) -> Array:
        """Return log p(x, y | z) / (p(x | z) p(y | z)) of rows ``(M, dx + dy + dz)``: ``(M,)``."""
        rows, degrees = self.both.margins(values), self.both.degrees_of_freedom
        x, y, z = (range(*ends) for ends in self._ends())
        ratios = np.zeros(len(rows))
        for sign, part in ((1, [*x, *y, *z]), (1, [*z]), (-1, [*x, *z]), (-1, [*y, *z])):
            correlation = self.both.correlation[np.ix_(part, part)]
            forms = quadratic_forms(rows[:, part], correlation)
            constant = _log_constant(correlation, degrees)
            ratios += sign * (constant - radial_terms(forms, degrees, len(part)))
        return ratios

    def _ends(self) -> list[tuple[int, int]]:
        ends = np.cumsum([0, self.both.x_size, self.y_size]).tolist()
        return list(zip(ends, [*ends[1:], len(self.both.correlation)], strict=True))


def fit_conditional(
    fit: Callable[[Array, Array], EllipticalDependence], x: Array, y: Array, given: Array
) -> ConditionalEllipse:
    """Fit an elliptical model to x, y and the condition together.

    Args:
        fit: one of `copula.fits`.
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        given: ``(N, dz)``.

    Example:
        >>> from infomax.estimation.copula.fits import fit_gaussian
        >>> x, y, z = np.random.default_rng(0).standard_normal((3, 5000, 1))
        >>> model = fit_conditional(fit_gaussian, x + z, 0.75 * x + (1 - 0.75**2) ** 0.5 * y - z, z)
        >>> round(model.mutual_information, 1), -0.5 * np.log(1 - 0.75**2).round(1)
        (0.4, np.float64(0.4))
    """
    return ConditionalEllipse(fit(x, np.hstack([y, given])), y.shape[1])


def _log_constant(correlation: Array, degrees: float) -> float:
    """Return the log density of a standard vector at 0, but for what cancels between parts."""
    constant = -0.5 * float(np.linalg.slogdet(correlation)[1])
    if math.isinf(degrees):
        return constant
    return constant + float(special.gammaln((degrees + len(correlation)) / 2))
