"""Fit of a Gaussian mixture to x and y together, as rich as held-out pairs bear out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from sklearn.mixture import GaussianMixture

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.copula.margins import SCALINGS, Scaling
from infomax.estimation.mixtures.canonical import CanonicalScores
from infomax.estimation.mixtures.gaussian_mixture import (
    GaussianMixtureDependence,
    GaussianMixtureRatio,
)
from infomax.estimation.mixtures.held_out import (
    Best,
    ScalingMaker,
    clusters,
    held_out_information,
    richest_borne_out,
    scaled_and_sized,
    small_fits,
)

__all__ = ["fit_gaussian_mixture"]

_COMPONENTS = (1, 2, 3, 5, 8, 12, 20)
_FIRST_ITERATIONS = 10
_ITERATIONS = 30
# Of columns whose variance is about 1: one that is constant within a component stays solvable.
_LEAST_VARIANCE = 1e-4
_SHARES_IN_COMMON = (0.25, 0.5, 0.75, 1.0)
_SHARES_OF_NOTHING = (0.02, 0.05, 0.1, 0.2)


def fit_gaussian_mixture(
    x: Array,
    y: Array,
    held_out_x: Array,
    held_out_y: Array,
    *,
    seed: int = 0,
    like: GaussianMixtureDependence | None = None,
) -> GaussianMixtureDependence:
    r"""Fit a mixture of Gaussians to x and y together, and draw its correlations together.

    Columns are standardised or rank-Gaussian, as they are or as the canonical coordinates that
    significantly correlate, and K is 1, 2, 3, 5, 8, 12 or 20, whichever has the most symmetric
    InfoNCE of held-out pairs. Expectation and maximisation begin at k-means and at
    shells around the mean that hold as many rows each, since balls that lie inside each other have
    no clusters; the one that is likelier after ten iterations goes on. The correlations of each
    component are then drawn towards those that all have on average, and towards 0, as far as
    held-out pairs bear it out.

    Source: Dempster, Laird and Rubin (1977); Friedman (1989), regularised discriminant analysis,
    for correlations that are drawn together.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        held_out_x: ``(M, dx)``, pairs to choose by.
        held_out_y: ``(M, dy)``.
        seed: of k-means.
        like: a fit whose scaling and K to take, say to other rows of the same pairs, rather than
            to search for them; four times as fast.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 2000, 1))
        >>> y = np.where(generator.random((2000, 1)) < 0.5, x, -x) + 0.2 * noise  # a cross
        >>> mixture = fit_gaussian_mixture(x[:1000], y[:1000], x[1000:1500], y[1000:1500])
        >>> mixture.components
        2
        >>> round(float(mixture.log_ratios(np.hstack([x, y])[1500:]).mean()), 1)
        1.1
    """
    values, held_out = np.hstack([x, y]), np.hstack([held_out_x, held_out_y])

    def information(mixture: GaussianMixtureDependence) -> float:
        critic = GaussianMixtureRatio(mixture.components)
        return held_out_information(critic, *mixture.sides(held_out))

    def fit(scaling: ScalingMaker, components: int) -> GaussianMixtureDependence:
        margins = scaling(values)
        found = _mixture(margins(values), components, seed)
        x_size = margins.size if isinstance(margins, CanonicalScores) else x.shape[1]
        return GaussianMixtureDependence(
            found.weights_, found.means_, found.covariances_, x_size, margins
        )

    with small_fits():
        if like is None:
            scalings = _scalings(values, x.shape[1])
            best = scaled_and_sized(fit, information, _COMPONENTS, len(values), scalings)
        else:
            scaling = _scaling_of(like.margins, x.shape[1])
            best = richest_borne_out([fit(scaling, like.components)], information)
    correlations = _correlations(best.fit)
    average = np.tensordot(best.fit.weights, correlations, axes=1)
    if len(correlations) > 1:
        best = _drawn(best, average, _SHARES_IN_COMMON, information)
    best = _drawn(best, np.eye(len(average)), _SHARES_OF_NOTHING, information)
    return best.fit


def _scalings(values: Array, x_size: int) -> list[ScalingMaker]:
    """Return scalings of columns, and of fewer canonical coordinates where any are significant."""
    scalings: list[ScalingMaker] = list(SCALINGS.values())
    for scaling in SCALINGS.values():
        size = CanonicalScores(values, x_size, scaling).size
        if 0 < 2 * size < values.shape[1]:
            scalings.append(partial(CanonicalScores, x_size=x_size, scaling=scaling, size=size))
    return scalings


def _scaling_of(margins: Scaling, x_size: int) -> ScalingMaker:
    if isinstance(margins, CanonicalScores):
        scaling, size = margins.scaling, margins.size
        return partial(CanonicalScores, x_size=x_size, scaling=scaling, size=size)
    return next(scaling for scaling in SCALINGS.values() if type(margins) is scaling)


def _mixture(rows: Array, components: int, seed: int) -> GaussianMixture:
    """Return the likelier of the mixtures that two starts lead to, told after a few iterations."""
    begun = [_begun(rows, labels) for labels in _starts(rows, components, seed)]
    best = max(begun, key=lambda mixture: float(mixture.lower_bound_))
    if not best.converged_:
        best.set_params(max_iter=_ITERATIONS)
        best.fit(rows)
    return best


def _starts(rows: Array, components: int, seed: int) -> list[Indices]:
    """Return labels of rows to begin at: clusters, and shells around the mean."""
    if components == 1:
        return [np.zeros(len(rows), dtype=np.int64)]
    centred = rows - rows.mean(axis=0)
    covariance = centred.T @ centred / len(rows) + _LEAST_VARIANCE * np.eye(rows.shape[1])
    lengths = (np.linalg.solve(covariance, centred.T) * centred.T).sum(axis=0)
    ranks = np.argsort(np.argsort(lengths, kind="stable"), kind="stable")
    return [clusters(rows, components, seed), ranks * components // len(rows)]


def _begun(rows: Array, labels: Indices) -> GaussianMixture:
    """Return a mixture that has begun at labels of rows, and can go on from where it is."""
    groups = [rows[labels == label] for label in range(labels.max() + 1)]
    floor = _LEAST_VARIANCE * np.eye(rows.shape[1])
    covariances = [np.cov(group.T, bias=True).reshape(floor.shape) + floor for group in groups]
    mixture = GaussianMixture(
        len(groups),
        reg_covar=_LEAST_VARIANCE,
        max_iter=_FIRST_ITERATIONS,
        weights_init=np.array([len(group) for group in groups]) / len(rows),
        means_init=np.array([group.mean(axis=0) for group in groups]),
        precisions_init=np.linalg.inv(covariances),
        warm_start=True,
    )
    return mixture.fit(rows)


def _drawn(
    best: Best[GaussianMixtureDependence],
    target: Array,
    shares: Sequence[float],
    information: Callable[[GaussianMixtureDependence], float],
) -> Best[GaussianMixtureDependence]:
    """Return a mixture whose correlations are drawn to a target as far as helps, variances kept."""
    mixture = best.fit
    correlations, deviations = _correlations(mixture), _deviations(mixture)
    scales = deviations[:, :, None] * deviations[:, None, :]
    drawn = (
        replace(mixture, covariances=((1 - share) * correlations + share * target) * scales)
        for share in shares
    )
    return richest_borne_out(drawn, information, Best(mixture, best.value))


def _correlations(mixture: GaussianMixtureDependence) -> Array:
    deviations = _deviations(mixture)
    correlations: Array = mixture.covariances / (deviations[:, :, None] * deviations[:, None, :])
    return correlations


def _deviations(mixture: GaussianMixtureDependence) -> Array:
    """Return the standard deviation of each column in each component: ``(K, dx + dy)``."""
    deviations: Array = np.sqrt(np.diagonal(mixture.covariances, axis1=1, axis2=2))
    return deviations
