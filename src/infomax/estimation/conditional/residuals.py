r"""What is left of a column once the condition is known: its place and scale given z taken off.

Conditional information does not change under a map of x, or of y, that is invertible for every z:

.. math:: I(X; Y \mid Z) = I\big( f_Z(X); g_Z(Y) \,\big|\, Z \big)

Here the map is :math:`f_z(x) = (x - m(z)) / s(z)`, with m and s fitted by ridge regression on
functions of z. What z explains of both sides is then no slope that neighbours must resolve.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import SplineTransformer

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column, stack_columns
from infomax.estimation.copula.margins import NormalScores

__all__ = ["features_of_condition", "less_explained", "residual_scores"]

# So many rows for each function of z that is fitted.
_ROWS_PER_FUNCTION = 20
_KNOTS, _MORE_KNOTS = 6, 16
_FEWEST_ROWS_OF_LEVEL = 5
_PENALTIES = np.logspace(-3, 3, 7)
# A residual of 0 has no logarithm; of those that are smaller only that is said.
_SMALLEST_SHARE = 1e-3
_MOST_LOG_SCALE = 3.0
# A normal variable's standard deviation in units of its median absolute deviation.
_NORMAL_DEVIATION = 1.4826


def residual_scores(
    columns: Sequence[Sequence[Array]], features: Array, fitted: Indices | None = None
) -> Array:
    r"""Return what the condition leaves of columns, in units of their spread: ``(N, d)``.

    Of several forms of a column, as of its values and its ranks, that one is taken of which the
    condition explains most,

    .. math:: I(X; Z) \approx h(X) - h\Big( \frac{X - m(Z)}{s(Z)} \Big) - E \log s(Z)

    Args:
        columns: forms ``(N,)`` of each of d continuous columns, increasing maps of one another.
        features: ``(N, p)``, functions of the condition.
        fitted: rows that place and scale are fitted on; by default all.

    Source: Vasicek (1976), for entropies h of one column.

    Example:
        >>> z, noise = np.random.default_rng(0).standard_normal((2, 2000))
        >>> column = Column("z0", z, discrete=False)
        >>> left = residual_scores([[z**2 + noise]], features_of_condition([column]))
        >>> bool(np.corrcoef(left[:, 0], noise)[0, 1] > 0.99)
        True
    """
    forms = np.column_stack([form for column in columns for form in column])
    rows = np.arange(len(forms)) if fitted is None else fitted
    left, explained = _left_and_explained(forms, features, rows)
    ends = np.cumsum([0, *map(len, columns)])
    taken = [
        first + int(np.argmax(explained[first:last])) for first, last in itertools.pairwise(ends)
    ]
    left = left[:, taken] - np.median(left[rows][:, taken], axis=0)
    spread = np.median(np.abs(left[rows]), axis=0)
    spread = np.where(spread > 0, spread, left[rows].std(axis=0))
    scaled: Array = left / (_NORMAL_DEVIATION * np.where(spread > 0, spread, 1.0))
    return scaled


def _left_and_explained(forms: Array, features: Array, rows: Indices) -> tuple[Array, Array]:
    left = forms - _predicted(features, forms, rows)
    smallest = np.maximum(left[rows].std(axis=0), np.finfo(float).tiny)
    sizes = np.log(np.abs(left) + _SMALLEST_SHARE * smallest)
    scale = _predicted(features, sizes, rows) - sizes[rows].mean(axis=0)
    scale = np.clip(scale, -_MOST_LOG_SCALE, _MOST_LOG_SCALE)
    left = left / np.exp(scale)
    before, after = (stats.differential_entropy(each[rows]) for each in (forms, left))
    explained = before - after - scale[rows].mean(axis=0)
    return left, np.where(np.isfinite(explained), explained, -math.inf)


def less_explained(functions: Array, features: Array) -> Array:
    """Return functions ``(N, d)`` less what functions of the condition ``(N, p)`` say of them."""
    if not (functions.shape[1] and features.shape[1]):
        return functions
    explained: Array = Ridge().fit(features, functions).predict(features)
    return functions - explained.reshape(functions.shape)


def features_of_condition(given: Sequence[Column]) -> Array:
    """Return functions of the condition to regress on: ``(N, p)``.

    They are values and levels, splines of each value, products of two columns, and finer splines,
    in this order and as many as rows permit: one for 20 rows.

    Args:
        given: the columns of the condition.
    """
    rows = len(given[0].measured)
    most = max(rows // _ROWS_PER_FUNCTION, 1)
    found = np.empty((rows, 0))
    for group in _groups(given):
        if found.shape[1] + group.shape[1] <= most:
            found = np.hstack([found, group])
    return found


def _groups(given: Sequence[Column]) -> Iterator[Array]:
    """Yield functions of the condition, those that matter most first."""
    levels = [_levels(column) for column in given if column.discrete]
    continuous = [column for column in given if not column.discrete]
    scores = np.empty((len(given[0].measured), 0))
    if continuous:
        measured = stack_columns(continuous)
        scores = NormalScores(measured)(measured)
    yield from (score[:, None] for score in scores.T)
    yield from levels
    yield from (_splines(score, _KNOTS) for score in scores.T)
    for column in continuous:
        if len(column.atoms):
            yield np.column_stack([column.measured == atom for atom in column.atoms]).astype(float)
    curved = [function for score in scores.T for function in (score[:, None], score[:, None] ** 2)]
    for indicators in levels:
        for function in curved:
            yield indicators * function
    for first, score in enumerate(scores.T):
        yield scores[:, first + 1 :] * score[:, None]
    for first, indicators in enumerate(levels):
        for others in levels[first + 1 :]:
            products = indicators[:, :, None] * others[:, None, :]
            yield products.reshape(len(products), -1)
    yield from (_splines(score, _MORE_KNOTS) for score in scores.T)


def _splines(score: Array, knots: int) -> Array:
    transformer = SplineTransformer(n_knots=knots, include_bias=False)
    splines: Array = transformer.fit_transform(score[:, None])
    return splines


def _levels(column: Column) -> Array:
    """Return which level each row has, for all but the commonest and those of few rows."""
    levels, counts = np.unique(column.measured, return_counts=True)
    often = levels[np.argsort(-counts, kind="stable")][1:]
    often = often[np.sort(-counts, kind="stable")[1:] <= -_FEWEST_ROWS_OF_LEVEL]
    indicators: Array = (column.measured[:, None] == often).astype(np.float64)
    return indicators


def _predicted(features: Array, values: Array, rows: Indices) -> Array:
    # Of all columns at once: what a fit costs beside its arithmetic is more than that.
    ridge = RidgeCV(_PENALTIES, alpha_per_target=True).fit(features[rows], values[rows])
    predicted: Array = ridge.predict(features).reshape(values.shape)
    return predicted
