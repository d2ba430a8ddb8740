"""Fit of latent classes of x and of y and of the table between them."""

import numpy as np
from sklearn.mixture import GaussianMixture

from infomax.estimation.arrays import Array
from infomax.estimation.copula.margins import SCALINGS, Scaling
from infomax.estimation.mixtures.held_out import (
    ScalingMaker,
    clusters,
    held_out_information,
    scaled_and_sized,
    small_fits,
)
from infomax.estimation.mixtures.latent_classes import (
    LatentClassDependence,
    LatentClassRatio,
    SideClasses,
)

__all__ = ["fit_latent_classes"]

_CLASSES = (2, 4, 8, 12, 16, 24, 32)
_STARTS = 2
_ITERATIONS = 20
_TABLE_ITERATIONS = 50
_TABLE_CONVERGED = 1e-5
# Of columns whose variance is about 1: one that is constant within a class stays solvable.
_LEAST_VARIANCE = 1e-3
_PSEUDO_COUNTS = (3.0, 30.0, 100.0, 300.0)


def fit_latent_classes(
    x: Array,
    y: Array,
    held_out_x: Array,
    held_out_y: Array,
    *,
    seed: int = 0,
    like: LatentClassDependence | None = None,
) -> LatentClassDependence:
    r"""Fit classes to each side by itself, and then the table between them.

    Columns are standardised or rank-Gaussian, and each side has 2, 4, 8, 12, 16, 24 or 32
    classes, whichever has the most symmetric InfoNCE of held-out pairs: a few more than there are
    clusters do little harm. The table is the most probable one after c more pairs without
    dependence,

    .. math:: \pi_{ab} = \frac{\sum_i q_{iab} + c \, \pi_a \pi_b}{N + c}, \quad
              q_{iab} \propto \pi_{ab} \frac{r_a(x_i)}{w_a} \frac{r_b(y_i)}{w_b}

    iterated to its fixed point, for the c that makes the mean log density ratio of held-out pairs
    largest.

    Source: Dempster, Laird and Rubin (1977); Goodman (1974), for latent classes.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        held_out_x: ``(M, dx)``, pairs to choose by.
        held_out_y: ``(M, dy)``.
        seed: of k-means.
        like: a fit whose scaling and numbers of classes to take, say to other rows of the same
            pairs, rather than to search for them.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> centres = generator.normal(0, 3, (4, 20))
        >>> classes = generator.integers(4, size=2000)
        >>> x, y = centres[classes] + generator.standard_normal((2, 2000, 20))  # log 4 = 1.386
        >>> fit = fit_latent_classes(x[:1000], y[:1000], x[1000:1500], y[1000:1500])
        >>> round(float(fit.log_ratios(np.hstack([x, y])[1500:]).mean()), 2)
        1.38
    """
    held_out = np.hstack([held_out_x, held_out_y])

    def information(dependence: LatentClassDependence) -> float:
        return held_out_information(LatentClassRatio(), *dependence.sides(held_out))

    def fit(scaling: ScalingMaker, number: int) -> LatentClassDependence:
        x_classes, x_weights = _classes(x, number, scaling(x), seed)
        y_classes, y_weights = _classes(y, number, scaling(y), seed)

        def densities(x: Array, y: Array) -> tuple[Array, Array]:
            return (
                x_classes.responsibilities(x, x_weights) / x_weights,
                y_classes.responsibilities(y, y_weights) / y_weights,
            )

        fitted, unseen = densities(x, y), densities(held_out_x, held_out_y)
        weights = np.outer(x_weights, y_weights)
        tables = [_table(*fitted, weights, pseudo_count) for pseudo_count in _PSEUDO_COUNTS]
        best = max(tables, key=lambda table: _mean_log_ratio(table, *unseen))
        return LatentClassDependence(x_classes, y_classes, best)

    with small_fits():
        if like is not None:
            return fit(type(like.x_classes.margins), max(like.table.shape))
        scalings = list(SCALINGS.values())
        return scaled_and_sized(fit, information, _CLASSES, len(x), scalings).fit


def _classes(values: Array, number: int, margins: Scaling, seed: int) -> tuple[SideClasses, Array]:
    """Return classes of one side and their weights, as many as there are different clusters."""
    rows = margins(values)
    labels = clusters(rows, number, seed, starts=_STARTS)
    groups = [rows[labels == label] for label in range(labels.max() + 1)]
    variances = np.array([group.var(axis=0) for group in groups]) + _LEAST_VARIANCE
    mixture = GaussianMixture(
        len(groups),
        covariance_type="diag",
        reg_covar=_LEAST_VARIANCE,
        max_iter=_ITERATIONS,
        weights_init=np.array([len(group) for group in groups]) / len(rows),
        means_init=np.array([group.mean(axis=0) for group in groups]),
        precisions_init=1 / variances,
    ).fit(rows)
    return SideClasses(mixture.means_, mixture.covariances_, margins), mixture.weights_


def _table(x: Array, y: Array, weights: Array, pseudo_count: float) -> Array:
    """Return the most probable table ``(A, B)``.

    Args:
        x: density of each row's x in each class, over that of x: ``(N, A)``.
        y: the same of y, ``(N, B)``.
        weights: table of no dependence, ``(A, B)``.
        pseudo_count: c.
    """
    table = weights
    for _ in range(_TABLE_ITERATIONS):
        densities = ((x @ table) * y).sum(axis=1, keepdims=True)
        following = table * ((x / densities).T @ y) + pseudo_count * weights
        following /= following.sum()
        change = np.abs(following - table).max()
        table = following
        if change < _TABLE_CONVERGED:
            break
    return table


def _mean_log_ratio(table: Array, x: Array, y: Array) -> float:
    joint = ((x @ table) * y).sum(axis=1)
    of_x, of_y = x @ table.sum(axis=1), y @ table.sum(axis=0)
    return float(np.log(joint / (of_x * of_y)).mean())
