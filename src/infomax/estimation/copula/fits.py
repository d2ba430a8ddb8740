"""Fits of elliptical dependence: Gaussian, Student, and Gaussian drawn towards independence."""

import math

import numpy as np
from scipy import optimize, special
from threadpoolctl import threadpool_limits

from infomax.estimation.arrays import Array
from infomax.estimation.copula.elliptical import EllipticalDependence, quadratic_forms, radial_terms
from infomax.estimation.copula.margins import NormalScores, Scaling, StandardScores, StudentScores

__all__ = [
    "fewer_than_columns_need",
    "fit_correlation",
    "fit_elliptical_copula",
    "fit_gaussian",
    "fit_gaussian_copula",
    "fit_shrunken_copula",
    "fit_with_known_degrees",
    "too_few_pairs",
]

_LARGEST_INVERSE_DEGREES = 1.25
_TRIED_INVERSE_DEGREES = 0.03
_ITERATIONS = 50
_CONVERGED = 1e-4
# Correlation is drawn towards 0 by this share, so that columns that repeat others stay solvable.
_SHRINKAGE = 1e-7
_MOST_OPTIMISM_NATS = 0.5
_FEWEST_PAIRS_PER_COLUMN = 2
_SHARES_DRAWN = (0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def fit_gaussian(x: Array, y: Array) -> EllipticalDependence:
    r"""Fit a Gaussian to the values themselves; its information is that of CCA.

    .. math:: I(X; Y) = -\frac{1}{2} \sum_k \log(1 - \rho_k^2)

    over the canonical correlations. It assumes that x and y are jointly normal.

    Source: Hotelling (1936); Gelfand and Yaglom (1959).

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
    """
    return _fitted(np.hstack([x, y]), x.shape[1], StandardScores(np.hstack([x, y])))


def fit_gaussian_copula(x: Array, y: Array) -> EllipticalDependence:
    """Fit a Gaussian to the rank-Gaussian scores.

    It assumes that x and y are jointly normal after a strictly increasing map of each column.

    Source: Liu, Lafferty and Wasserman (2009).

    Args:
        x: ``(N, dx)``, continuous.
        y: ``(N, dy)``.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 5000, 1))
        >>> y = 0.75 * x + (1 - 0.75**2) ** 0.5 * noise  # 0.413 nats
        >>> round(fit_gaussian_copula(x**3, np.exp(y)).mutual_information, 2)
        0.42
    """
    return _fitted(np.hstack([x, y]), x.shape[1], NormalScores(np.hstack([x, y])))


def fit_elliptical_copula(x: Array, y: Array) -> EllipticalDependence:
    """Fit correlation and degrees of freedom by maximum likelihood, behind margins by ranks.

    It assumes that x and y are jointly elliptical, Gaussian or Student, after a strictly increasing
    map of each column.

    Source: Demarta and McNeil (2005), section 4.2; Kent, Tyler and Vardi (1994), for the iteration.

    Args:
        x: ``(N, dx)``, continuous.
        y: ``(N, dy)``.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> normal = generator.standard_normal((5000, 2))
        >>> cauchy = normal / np.abs(generator.standard_normal((5000, 1)))  # 0.224 nats
        >>> copula = fit_elliptical_copula(np.arcsinh(cauchy[:, :1]), cauchy[:, 1:] ** 3)
        >>> round(copula.mutual_information, 1), round(copula.degrees_of_freedom)
        (0.2, 1)
    """
    values = np.hstack([x, y])
    likelihoods: dict[float, float] = {}
    doubled_ranks = NormalScores(values).doubled_ranks(values)

    def loss(inverse_degrees: float) -> float:
        degrees = _degrees(inverse_degrees)
        rows = _copula_margins(values, degrees).quantiles(doubled_ranks)
        likelihood = _copula_likelihood(rows, fit_correlation(rows, degrees), degrees)
        likelihoods[inverse_degrees] = likelihood
        return -likelihood

    # Small matrices in a loop: a second thread only waits for the first.
    with threadpool_limits(limits=1, user_api="blas"):
        # Tails are lighter than those of a Student vector of 33 degrees, or worth a search.
        if loss(_TRIED_INVERSE_DEGREES) < loss(0.0):
            bounds = (0.0, _LARGEST_INVERSE_DEGREES)
            optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 4e-3})
        degrees = _degrees(max(likelihoods, key=lambda inverse: likelihoods[inverse]))
        margins = _copula_margins(values, degrees)
        correlation = fit_correlation(margins.quantiles(doubled_ranks), degrees)
    return EllipticalDependence(correlation, degrees, x.shape[1], margins)


def fit_shrunken_copula(
    x: Array, y: Array, held_out_x: Array, held_out_y: Array
) -> EllipticalDependence:
    """Fit a Gaussian to the rank-Gaussian scores, its correlations drawn towards 0.

    For fewer pairs than the correlations need: as fitted by likelihood they say worse than nothing
    of new pairs. They are drawn as far as makes the mean log density ratio of held-out pairs
    largest; all the way, it is 0.

    Args:
        x: ``(N, dx)``, continuous.
        y: ``(N, dy)``.
        held_out_x: ``(M, dx)``, pairs to choose by.
        held_out_y: ``(M, dy)``.

    Example:
        >>> x, y = np.random.default_rng(0).standard_normal((2, 300, 30))
        >>> as_fitted = fit_gaussian_copula(x[:100], y[:100])
        >>> drawn = fit_shrunken_copula(x[:100], y[:100], x[100:200], y[100:200])
        >>> new = np.hstack([x[200:], y[200:]])
        >>> [round(float(fit.log_ratios(new).mean())) for fit in (as_fitted, drawn)]
        [-27, 0]
    """
    values, held_out = np.hstack([x, y]), np.hstack([held_out_x, held_out_y])
    margins = NormalScores(values)
    correlation = fit_correlation(margins(values), math.inf)
    size = x.shape[1]
    rows = margins(held_out)
    # Drawing towards the identity leaves eigenvectors as they are: forms and determinants of all
    # shares are known from one decomposition of both sides together, and one of each.
    parts = ((slice(None), -1), (slice(size), 1), (slice(size, None), 1))
    drawn = [
        (sign, *_eigenvalues_and_squares(correlation[part, part], rows[:, part]))
        for part, sign in parts
    ]
    means = [
        sum(
            sign * (np.log(known).sum() + (squares / known).sum()) / 2
            for sign, values_of_part, squares in drawn
            for known in [(1 - share) * values_of_part + share]
        )
        for share in _SHARES_DRAWN
    ]
    share = _SHARES_DRAWN[int(np.argmax(means))]
    return EllipticalDependence(
        (1 - share) * correlation + share * np.eye(len(correlation)), math.inf, size, margins
    )


def _eigenvalues_and_squares(correlation: Array, rows: Array) -> tuple[Array, Array]:
    """Return eigenvalues, and the mean square of rows along each eigenvector."""
    values, vectors = np.linalg.eigh(correlation)
    return np.maximum(values, 0), ((rows @ vectors) ** 2).mean(axis=0)


def too_few_pairs(x_size: int, y_size: int, size: int) -> bool:
    """Tell whether fitting the correlations between the sides adds more than half a nat.

    A fit that is used as it is, as by critics that begin as it, then says little of new pairs.

    Example:
        >>> too_few_pairs(25, 25, 3000), too_few_pairs(76, 216, 1200)
        (False, True)
    """
    return x_size * y_size / (2 * size) > _MOST_OPTIMISM_NATS


def fewer_than_columns_need(x_size: int, y_size: int, size: int) -> bool:
    """Tell whether there are fewer than two pairs for each column.

    The spread of a closed form is then so large, and so skew, that its interval says nothing.

    Example:
        >>> fewer_than_columns_need(25, 25, 100), fewer_than_columns_need(25, 26, 100)
        (False, True)
    """
    return size < _FEWEST_PAIRS_PER_COLUMN * (x_size + y_size)


def fit_with_known_degrees(
    values: Array, x_size: int, degrees: float, *, by_ranks: bool
) -> EllipticalDependence:
    """Fit the correlation of elliptical rows whose degrees of freedom are known.

    Args:
        values: x beside y, ``(N, dx + dy)``; elliptical themselves, if not known by ranks alone.
        x_size: dx.
        degrees: of freedom; infinite for a Gaussian.
        by_ranks: whether to take the ranks of each column, and not its values.
    """
    if not by_ranks:
        return _fitted(values, x_size, _AsTheyAre(), degrees)
    return _fitted(values, x_size, _copula_margins(values, degrees), degrees)


class _AsTheyAre:
    def __call__(self, values: Array) -> Array:
        return values


def _fitted(
    values: Array, x_size: int, margins: Scaling, degrees: float = math.inf
) -> EllipticalDependence:
    return EllipticalDependence(fit_correlation(margins(values), degrees), degrees, x_size, margins)


def _degrees(inverse: float) -> float:
    return 1 / inverse if inverse > 0 else math.inf


def _copula_margins(values: Array, degrees: float) -> NormalScores:
    return NormalScores(values) if math.isinf(degrees) else StudentScores(values, degrees)


def _copula_likelihood(rows: Array, correlation: Array, degrees: float) -> float:
    """Return the log-likelihood of the copula: the joint one without those of the margins."""
    size = rows.shape[1]
    constant = -0.5 * np.linalg.slogdet(correlation)[1]
    if not math.isinf(degrees):
        nothing, one, all_of_them = special.gammaln((degrees + np.array([0, 1, size])) / 2)
        constant += all_of_them - nothing - size * (one - nothing)
    forms = radial_terms(quadratic_forms(rows, correlation), degrees, size).sum()
    return float(len(rows) * constant - forms + radial_terms(rows**2, degrees, 1).sum())


def fit_correlation(rows: Array, degrees: float, start: Array | None = None) -> Array:
    """Return the scatter matrix of most likelihood, scaled to a correlation.

    Args:
        rows: ``(N, d)``, behind margins, so that 0 is their middle.
        degrees: of freedom; infinite for a Gaussian.
        start: the correlation that the rows were drawn by, from which one step is enough.
    """
    if math.isinf(degrees):
        return _scaled(rows.T @ rows)
    if start is not None:
        return _scaled(_reweighted(rows, start, degrees))
    scatter = _scaled(rows.T @ rows) if degrees > 4 else np.eye(rows.shape[1])
    for _ in range(_ITERATIONS):
        following = _reweighted(rows, _solvable(scatter), degrees)
        change = np.abs(following - scatter).max()
        scatter = following
        if change < _CONVERGED:
            break
    return _scaled(scatter)


def _reweighted(rows: Array, scatter: Array, degrees: float) -> Array:
    weights = (degrees + rows.shape[1]) / (degrees + quadratic_forms(rows, scatter))
    # Divided by the sum of the weights it converges to the same matrix in fewer rounds.
    following: Array = (rows * weights[:, None]).T @ rows / weights.sum()
    return following


def _scaled(scatter: Array) -> Array:
    deviations = np.sqrt(np.diag(scatter))
    deviations = np.where(deviations > 0, deviations, 1.0)
    correlation: Array = scatter / np.outer(deviations, deviations)
    correlation = (1 - _SHRINKAGE) * correlation
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _solvable(scatter: Array) -> Array:
    """Draw a scatter matrix towards its diagonal, so that columns may repeat or be constant."""
    shrunken: Array = (1 - _SHRINKAGE) * scatter
    diagonal = np.diag(scatter)
    np.fill_diagonal(shrunken, np.where(diagonal > 0, diagonal, 1.0))
    return shrunken
