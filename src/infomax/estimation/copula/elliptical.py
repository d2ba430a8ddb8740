r"""Elliptical dependence of x and y, Gaussian or Student, between margins of any kind.

With correlation R and degrees of freedom :math:`\nu` (infinite for the Gaussian), the logarithm of
the density ratio p(x, y) / (p(x) p(y)) is a function of three quadratic forms. With margins by
ranks it is a copula: exact for elliptical data under any strictly increasing map of each column.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import special
from torch import Tensor

from infomax.critics import Critic
from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import Scaling
from infomax.estimation.copula.wishart import expected_optimism, variance_at_independence

__all__ = ["CopulaRatio", "EllipticalDependence", "quadratic_forms", "radial_terms"]


@dataclass(frozen=True, eq=False)
class EllipticalDependence:
    r"""A fitted elliptical distribution of x and y together, behind margins.

    .. math:: I(X; Y) = -\frac{1}{2} \log \frac{\det R}{\det R_x \det R_y}
              + c(\nu, d_x) + c(\nu, d_y) - c(\nu, d_x + d_y)

    where :math:`c(\nu, d)` is the entropy of a standard Student vector of d values; these three
    terms vanish together for :math:`\nu = \infty`.

    Source: Gelfand and Yaglom (1959), for the first term; Arellano-Valle, Contreras-Reyes and
    Genton (2013), for the others; Demarta and McNeil (2005), for the Student copula.

    Attributes:
        correlation: R, ``(dx + dy, dx + dy)``.
        degrees_of_freedom: :math:`\nu`.
        x_size: dx.
        margins: from measured values to those of the elliptical distribution.
    """

    correlation: Array
    degrees_of_freedom: float
    x_size: int
    margins: Scaling

    @property
    def y_size(self) -> int:
        """Number of columns of y."""
        return len(self.correlation) - self.x_size

    @property
    def mutual_information(self) -> float:
        """I(X; Y) of what was fitted, in nats; as an estimate too large by ``optimism``."""
        gaussian = -0.5 * self._log_determinants()
        degrees = self.degrees_of_freedom
        if math.isinf(degrees):
            return gaussian
        sizes = (self.x_size, self.y_size, len(self.correlation))
        of_x, of_y, both = (_student_entropy(degrees, size) for size in sizes)
        return gaussian + of_x + of_y - both

    def optimism(self, size: float) -> float:
        r"""Return how far fitting N pairs raises the estimate on average, in nats.

        For a Gaussian it is exact, whether the sides depend or not, see `expected_optimism`; for
        many pairs it is :math:`d_x d_y / 2N`. The scatter matrix of most likelihood of a Student
        vector of d values spreads like that of :math:`N (\nu + d) / (\nu + d + 2)` Gaussian rows.
        It is infinite where there are hardly more pairs than columns.

        Source: Tyler (1982), for the rows that those of a Student vector are worth.
        """
        return expected_optimism(self._wishart_degrees(size), self.x_size, self.y_size)

    def variance(self, variance: float, size: float) -> float:
        r"""Return the variance of the estimate, in squared nats.

        .. math:: \frac{1}{N} \frac{\max(0, v - d_x d_y / n)}{(1 - d_x / n) (1 - d_y / n)} + v_0

        The log density ratio less the information is the influence function of the information, so
        its variance over N is the first term; :math:`v_0` is what is left at independence, where
        the first vanishes, see `variance_at_independence`. Of the pairs that were fitted the ratios
        have a variance v that is larger: for a Gaussian the sum of all squared canonical
        correlations, which n degrees of freedom raise as they raise the squared correlation of one
        column with several (Ezekiel, 1930).

        Args:
            variance: v, of the log density ratios of the pairs that it was fitted to.
            size: N, of independent pairs that these are worth.
        """
        degrees = self._wishart_degrees(size)
        of_fitting = self.x_size * self.y_size / degrees
        left = (1 - self.x_size / degrees) * (1 - self.y_size / degrees)
        of_ratios = max(0.0, variance - of_fitting) / left / size
        return of_ratios + variance_at_independence(degrees, self.x_size, self.y_size)

    @property
    def log_constant(self) -> float:
        """The part of the log density ratio that is the same for all pairs."""
        constant = -0.5 * self._log_determinants()
        degrees = self.degrees_of_freedom
        if math.isinf(degrees):
            return constant
        halves = (degrees + np.array([0, len(self.correlation), self.x_size, self.y_size])) / 2
        nothing, both, of_x, of_y = special.gammaln(halves)
        return float(constant + nothing + both - of_x - of_y)

    def log_ratios(self, values: Array) -> Array:
        """Return log p(x, y) / (p(x) p(y)) of rows ``(M, dx + dy)``, in nats: ``(M,)``."""
        rows, size, degrees = self.margins(values), self.x_size, self.degrees_of_freedom
        of_x, of_y = self.correlation[:size, :size], self.correlation[size:, size:]
        ratios: Array = (
            self.log_constant
            - radial_terms(quadratic_forms(rows, self.correlation), degrees, rows.shape[1])
            + radial_terms(quadratic_forms(rows[:, :size], of_x), degrees, size)
            + radial_terms(quadratic_forms(rows[:, size:], of_y), degrees, self.y_size)
        )
        return ratios

    def sides(self, values: Array) -> tuple[Array, Array]:
        r"""Return x and y of rows ``(M, dx + dy)`` as what a score of all their pairs needs.

        With the inverse of R in blocks, A of x, B of y and C between, the quadratic form of a pair
        is a product,

        .. math:: q_{ij} = x_i A x_i + y_j B y_j + 2 x_i C y_j
                         = (2 x_i C, x_i A x_i, 1) \cdot (y_j, 1, y_j B y_j)

        The log density ratio is a value of x and one of y, which stand at the end of each side,
        less the radial term of the form.

        Returns:
            x, ``(M, dy + 3)``, and y, ``(M, dy + 3)``.
        """
        rows, size, degrees = self.margins(values), self.x_size, self.degrees_of_freedom
        x, y = rows[:, :size], rows[:, size:]
        inverse = np.linalg.inv(self.correlation)
        of_x, of_y = self.correlation[:size, :size], self.correlation[size:, size:]
        ones = np.ones(len(rows))
        return (
            np.column_stack(
                [
                    2 * x @ inverse[:size, size:],
                    ((x @ inverse[:size, :size]) * x).sum(axis=1),
                    ones,
                    self.log_constant + radial_terms(quadratic_forms(x, of_x), degrees, size),
                ]
            ),
            np.column_stack(
                [
                    y,
                    ones,
                    ((y @ inverse[size:, size:]) * y).sum(axis=1),
                    radial_terms(quadratic_forms(y, of_y), degrees, self.y_size),
                ]
            ),
        )

    def _wishart_degrees(self, size: float) -> float:
        """Return the degrees of freedom of a Wishart matrix that spreads as the fitted one."""
        degrees, columns = self.degrees_of_freedom, len(self.correlation)
        # A limit that IEEE arithmetic would make of it as inf / inf.
        share = 1.0 if math.isinf(degrees) else (degrees + columns) / (degrees + columns + 2)
        return (size - 1) * share

    def _log_determinants(self) -> float:
        size = self.x_size
        blocks = (self.correlation, self.correlation[:size, :size], self.correlation[size:, size:])
        both, of_x, of_y = (np.linalg.slogdet(block)[1] for block in blocks)
        return float(both - of_x - of_y)


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

    def extra_repr(self) -> str:
        """Return its settings, for ``repr``."""
        return f"size={self.size}, gaussian={self.gaussian}"

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Score all pairs of sides: ``(..., N, dy + 3)`` each -> ``(..., N, N)``."""
        forms = x[..., :-1] @ y[..., :-1].mT
        return x[..., -1:] + y[..., -1].unsqueeze(-2) - self._radial(forms)

    def of_arrays(self, x: Array, y: Array) -> Array:
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


def quadratic_forms(rows: Array, correlation: Array) -> Array:
    """Return the quadratic form of each row in the inverse correlation: ``(M,)``."""
    whitened = np.linalg.solve(np.linalg.cholesky(correlation), rows.T)
    forms: Array = (whitened**2).sum(axis=0)
    return forms


def radial_terms(forms: Array, degrees: float, size: int) -> Array:
    """Return minus the log density of a standard vector, without its constant."""
    if math.isinf(degrees):
        return forms / 2
    radial: Array = (degrees + size) / 2 * np.log1p(forms / degrees)
    return radial


def _student_entropy(degrees: float, size: int) -> float:
    """Entropy of a standard Student vector, in nats (Guerrero-Cusumano, 1996)."""
    half, all_of_it = degrees / 2, (degrees + size) / 2
    return float(
        special.gammaln(half)
        - special.gammaln(all_of_it)
        + size / 2 * math.log(degrees * math.pi)
        + all_of_it * (special.digamma(all_of_it) - special.digamma(half))
    )
