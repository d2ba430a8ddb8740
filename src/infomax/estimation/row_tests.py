"""Tests for any dependence that cost about as much as sorting: more rows bring them more power.

Whole estimates are repeated on some rows only, and trained scores are there for test pairs only.
These statistics are of all rows, or of very many:

- correlations of functions of one x and one y: cosines of the ranks of a continuous column, which
  level it is of a discrete one. Their mean square sees what is spread, their largest what is
  narrow, such as one rare level;
- whether rows that are near in one side are alike in those functions of the other: whatever curve
  or surface y follows, though no single function of x correlates with it.

Source: Kallenberg and Ledwina (1999), for cosines and polynomials of ranks; Chatterjee (2021) and
Azadkia and Chatterjee (2021), for what neighbours of x say of y.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.task import EstimationTask

__all__ = ["correlations_with", "functions_of_column", "functions_of_columns", "run_row_tests"]

Functions: TypeAlias = NDArray[np.float32]

_MOST_COSINES = 6
_MOST_FUNCTIONS = 64
_MOST_LEVELS = 32
_FEWEST_ROWS_OF_LEVEL = 5
_NEIGHBOURS = 3
_MOST_COLUMNS_WITH_NEIGHBOURS = 10
_MOST_ROWS_WITH_NEIGHBOURS = 20_000
# Rows times functions of x times those of y, in each permutation.
_MOST_WORK = 5e7
_FEWEST_ROWS = 5_000


def run_row_tests(
    task: EstimationTask, x: Array, y: Array, generator: np.random.Generator
) -> list[DependenceTest]:
    """Test for any dependence by statistics of very many rows.

    Args:
        task: the pairs, and the number of permutations of each test; for 0 none is made.
        x: ``(N, dx)``, the pairs in the space in which neighbours are sought.
        y: ``(N, dy)``.
        generator: draws the permutations, and rows where there are too many.

    Example:
        >>> from infomax.estimation.neighbours.space import neighbour_space
        >>> from infomax.estimation.samples import read_samples
        >>> from infomax.estimation.task import EstimationSettings
        >>> generator = np.random.default_rng(0)
        >>> x = generator.uniform(size=2000)
        >>> samples = read_samples(x, np.sin(200 * x))
        >>> task = EstimationTask(samples, EstimationSettings(permutations=99))
        >>> points = neighbour_space(samples, generator)
        >>> [test.p_value for test in run_row_tests(task, *points, generator)][2]
        0.01
    """
    samples = task.samples
    if not task.settings.permutations:
        return []
    of_x, of_y = (functions_of_columns(side, generator) for side in (samples.x, samples.y))
    size = of_x.shape[1] * of_y.shape[1]
    order = task.rows.order(len(samples), generator)
    rows = task.rows.fewer(order, max(_FEWEST_ROWS, int(_MOST_WORK / max(size, 1))))
    fewer = task.rows.fewer(order, _MOST_ROWS_WITH_NEIGHBOURS)
    tests = []
    task.note_part("tests of single functions", len(rows))
    task.note_part("tests of neighbours", len(fewer))
    if size:
        tests += _permuted(correlations_with(of_x[rows]), of_y, rows, task, generator)
    for columns, points, functions in ((samples.x, x, of_y), (samples.y, y, of_x)):
        if functions.shape[1] and _near_means_something(columns):
            likeness = _likeness_of_neighbours(points[fewer])
            tests += _permuted(likeness, functions, fewer, task, generator)
    return tests


def _permuted(
    statistics: Callable[[Functions], Array],
    functions: Functions,
    rows: Indices,
    task: EstimationTask,
    generator: np.random.Generator,
) -> list[DependenceTest]:
    settings = task.settings
    settings.progress.start("testing all rows by permutation", settings.permutations)
    null_values = []
    broken = task.rows.broken(functions, rows, settings.permutations, generator)
    for index, of_others in enumerate(broken):
        settings.progress.advance(index)
        null_values.append(statistics(of_others))
    observed = statistics(functions[rows])
    return [
        DependenceTest(float(value), null)
        for value, null in zip(observed, np.array(null_values).T, strict=True)
    ]


def correlations_with(of_x: Functions) -> Callable[[Functions], Array]:
    """Return what tells of functions of y the mean and the largest squared correlation with x's."""

    def statistics(of_y: Functions) -> Array:
        squares = (of_x.T @ of_y) ** 2 / len(of_y)
        return np.array([squares.mean(), squares.max()], dtype=np.float64)

    return statistics


def _likeness_of_neighbours(points: Array) -> Callable[[Functions], Array]:
    nearest = _nearest(points)

    def statistics(functions: Functions) -> Array:
        around = functions[nearest[:, 0]]
        for nth in range(1, nearest.shape[1]):
            around += functions[nearest[:, nth]]
        return np.array([np.einsum("ij,ij->", functions, around)], dtype=np.float64)

    return statistics


def _nearest(points: Array) -> Indices:
    if points.shape[1] == 1:
        order = points[:, 0].argsort()
        following = np.empty((len(order), _NEIGHBOURS), dtype=np.int64)
        for nth in range(_NEIGHBOURS):
            following[order, nth] = np.roll(order, -nth - 1)
        return following
    found: Indices = KDTree(points).query(points, k=_NEIGHBOURS + 1, p=np.inf)[1][:, 1:]
    return found


def _near_means_something(columns: Sequence[Column]) -> bool:
    """Tell levels apart, which are equal or not, and many columns, where all rows are far away."""
    return len(columns) <= _MOST_COLUMNS_WITH_NEIGHBOURS and any(
        not column.discrete and column.different > len(column.measured) / 10 for column in columns
    )


def functions_of_columns(columns: Sequence[Column], generator: np.random.Generator) -> Functions:
    """Return functions of single columns, of mean 0 and variance 1: ``(N, p)``."""
    cosines = min(_MOST_COSINES, max(1, _MOST_FUNCTIONS // len(columns)))
    found = [each for column in columns for each in functions_of_column(column, cosines, generator)]
    functions = np.array(found, dtype=np.float32).reshape(len(found), len(columns[0].measured)).T
    if len(found) > 2 * _MOST_FUNCTIONS:
        functions = functions @ generator.standard_normal(
            (len(found), _MOST_FUNCTIONS), dtype=np.float32
        )
    functions -= functions.mean(axis=0)
    functions /= np.maximum(functions.std(axis=0), np.finfo(np.float32).tiny)
    return functions


def functions_of_column(
    column: Column, cosines: int, generator: np.random.Generator
) -> Sequence[Array | NDArray[np.bool_]]:
    """Return functions of one column: which level it is, or cosines of its ranks, lowest first."""
    return _of_levels(column) if column.discrete else _of_ranks(column, cosines, generator)


def _of_levels(column: Column) -> list[NDArray[np.bool_]]:
    levels, counts = np.unique(column.measured, return_counts=True)
    # A level that hardly occurs tells nothing, and its one row may correlate with anything.
    often = levels[(counts >= _FEWEST_ROWS_OF_LEVEL)]
    most = often[np.argsort(-counts[counts >= _FEWEST_ROWS_OF_LEVEL], kind="stable")]
    return [column.measured == level for level in most[:_MOST_LEVELS]]


def _of_ranks(column: Column, cosines: int, generator: np.random.Generator) -> list[Array]:
    rows = len(column.measured)
    shares = np.empty(rows)
    shares[np.lexsort((generator.random(rows), column.measured))] = (np.arange(rows) + 0.5) / rows
    atoms = [(column.measured == atom).astype(np.float64) for atom in column.atoms]
    return [np.cos(np.pi * degree * shares) for degree in range(1, cosines + 1)] + atoms
