r"""Blocks of columns that do not depend on each other, and a test of that which can fail.

If the columns of x and y fall into blocks that are independent of each other, then

.. math:: I(X; Y) = \sum_b I(X_b; Y_b)

and each term is that of few columns, in which nearest neighbours err little. Blocks are found by
correlations of functions of single columns, cosines of their ranks: two columns of which any
correlate, more than chance allows the most of all pairs, are of one block.

What was not found between single columns may still be there. So the blocks are tested as a whole:

- the mean square of all correlations between blocks, and that of the first, nearly linear ones
  alone: they see many that are each too weak to be found;
- the largest and the mean square of correlations of products of two functions within a block with
  those of other blocks and with their functions: they see what two blocks share though no two
  columns do, such as a share of rows in which both are cut loose;
- the same of products of functions of two columns of different blocks, with functions of any third
  column: they see what follows two columns together and neither alone. What takes four columns of
  different blocks at once is not looked for.

What these are of independent blocks is not looked up but drawn: the rows of each block are
permuted by themselves. Blocks of which functions or products correlate most are joined, and tested
again.

Source: Kallenberg and Ledwina (1999), for cosines of ranks.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse.csgraph import connected_components

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.row_tests import Functions, functions_of_column

__all__ = ["CONTRADICTING_DEVIATIONS", "IndependentBlocks", "find_independent_blocks"]

# Farther than independent blocks were in any of 711 draws (docs/results.md).
CONTRADICTING_DEVIATIONS = 5.0
"""Blocks of which a statistic is farther from that of permuted blocks depend on each other."""

_LEVEL = 0.01
_SAMPLES = 19
_MOST_COSINES, _MOST_FUNCTIONS = 6, 600
_DEGREES_OF_PRODUCTS = 3
_MOST_PAIRS_OF_BLOCK = 15
_FIRST, _OTHER, _PRODUCT = range(3)
_SMALLEST = 1e-4
_MOST_JOINED = 10
# Rows times squared functions, and rows: so that the work does not grow with the data.
_MOST_WORK, _FEWEST_ROWS, _MOST_ROWS = 2e9, 2_000, 20_000
_DEGREES_OF_CROSSINGS, _MOST_CROSSED = 3, 3e8


@dataclass(frozen=True)
class IndependentBlocks:
    """Blocks of columns that no test saw depend on each other.

    Attributes:
        blocks: the positions of the columns of each, those of y counted on from those of x.
        deviations: how far the farthest statistic is from those of permuted blocks, in their
            standard deviations.
        rows: number of rows that were looked at.
    """

    blocks: tuple[tuple[int, ...], ...]
    deviations: float
    rows: int


def find_independent_blocks(
    columns: Sequence[Column], generator: np.random.Generator
) -> IndependentBlocks:
    """Find blocks of columns that do not depend on each other.

    Args:
        columns: of both sides, of rows that are independent draws.
        generator: draws rows where there are very many, breaks ties and permutes blocks.

    Returns:
        The blocks, a single one of all columns where none can be told apart.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> generator = np.random.default_rng(0)
        >>> x, noise = generator.standard_normal((2, 2000, 2))
        >>> find_independent_blocks(read_samples(x, x**2 + noise).columns, generator).blocks
        ((0, 2), (1, 3))
    """
    functions = _functions(columns, generator)
    everything = IndependentBlocks((tuple(range(len(columns))),), 0.0, len(functions[0]))
    if not all(each.shape[1] for each in functions):
        # Each level is that of a few rows: whether it depends on anything cannot be told.
        return everything
    of_column = connected_components(_depend(functions), directed=False)[1]
    for _ in range(_MOST_JOINED):
        if not of_column.any():
            break
        tested: list[_Features | _Crossings] = [
            _features(functions, of_column, generator),
            _crossings(functions, of_column),
        ]
        deviations = [_deviation(each, generator) for each in tested]
        farthest = int(np.argmax(deviations))
        if deviations[farthest] <= CONTRADICTING_DEVIATIONS:
            blocks = (np.flatnonzero(of_column == block) for block in range(of_column.max() + 1))
            return IndependentBlocks(
                tuple(tuple(int(column) for column in block) for block in blocks),
                deviations[farthest],
                len(functions[0]),
            )
        joined = tested[farthest].farthest()
        of_column = np.where(np.isin(of_column, joined), joined[0], of_column)
        of_column = np.unique(of_column, return_inverse=True)[1]
    return everything


def _functions(columns: Sequence[Column], generator: np.random.Generator) -> list[Functions]:
    """Return functions of each column that do not correlate, of mean 0 and variance 1."""
    degrees = int(np.clip(_MOST_FUNCTIONS // len(columns), 1, _MOST_COSINES))
    found = [functions_of_column(each, degrees, generator) for each in columns]
    size, rows = sum(map(len, found)), len(columns[0].measured)
    most = int(np.clip(_MOST_WORK / max(size, 1) ** 2, _FEWEST_ROWS, _MOST_ROWS))
    kept = generator.permutation(rows)[:most]
    return [
        _orthonormal(np.array([function[kept] for function in each], dtype=np.float32).T)
        if len(each)
        else np.zeros((len(kept), 0), dtype=np.float32)
        for each in found
    ]


def _orthonormal(functions: Functions) -> Functions:
    """Return as many functions of mean 0 and variance 1 that do not correlate, in their order."""
    basis, of_basis = np.linalg.qr(functions - functions.mean(axis=0))
    kept = np.abs(np.diag(of_basis)) > _SMALLEST * math.sqrt(len(functions))
    turned: Functions = basis[:, kept] * np.float32(math.sqrt(len(functions)))
    return turned


def _depend(functions: Sequence[Functions]) -> Indices:
    """Return which columns correlate more than chance allows the most of all pairs: ``(d, d)``."""
    size = len(functions)
    degrees = np.array([each.shape[1] for each in functions])
    starts = np.concatenate([[0], np.cumsum(degrees)[:-1]])
    squares = _squared_correlations(np.hstack(list(functions)))
    of_pairs = np.add.reduceat(np.add.reduceat(squares, starts, axis=0), starts, axis=1)
    p_values = np.minimum(
        stats.chi2.sf(of_pairs, np.outer(degrees, degrees)),
        stats.chi2.sf(squares[np.ix_(starts, starts)], 1),
    )
    found = p_values < _LEVEL / (size * (size - 1))
    np.fill_diagonal(found, False)
    linked: Indices = found.astype(np.int64)
    return linked


def _squared_correlations(functions: Functions) -> Array:
    """Return squared correlations of functions ``(N, p)``, times N: of order 1 by chance."""
    means = (functions.T @ functions).astype(np.float64) / len(functions)
    squares: Array = len(functions) * means**2
    return squares


class _Features(NamedTuple):
    """Functions of the columns of all blocks, and products of two within a block.

    Attributes:
        values: of mean 0 and variance 1, ``(N, p)``.
        block: of which each is, ``(p,)``, in order.
        kind: whether it is the first function of a column, another one or a product, ``(p,)``.
    """

    values: Functions
    block: Indices
    kind: Indices

    def statistics(self) -> Array:
        """Return the statistics, as roots, whose upper tail is lighter."""
        squares, between = _squared_correlations(self.values), self._between()
        first, product = self.kind == _FIRST, self.kind == _PRODUCT
        either = product[:, None] | product
        found = [
            squares[part].mean() if part.any() else 0.0
            for part in (between & ~either, between & np.outer(first, first), between & either)
        ]
        largest = squares[between].max()
        return np.sqrt([*found, largest])

    def farthest(self) -> tuple[int, ...]:
        """Return the two blocks of which functions or products correlate most."""
        squares = np.where(self._between(), _squared_correlations(self.values), 0.0)
        row, column = np.unravel_index(squares.argmax(), squares.shape)
        return int(self.block[row]), int(self.block[column])

    def permuted(self, generator: np.random.Generator) -> "_Features":
        """Return the same of blocks that are independent: rows of each permuted by themselves."""
        ends = np.flatnonzero(np.diff(self.block)) + 1
        parts = [generator.permutation(part) for part in np.split(self.values, ends, axis=1)]
        return self._replace(values=np.hstack(parts))

    def _between(self) -> NDArray[np.bool_]:
        # Blocks stand in order, so that this is each pair of features once.
        return self.block[:, None] < self.block


def _features(
    functions: Sequence[Functions], of_column: Indices, generator: np.random.Generator
) -> _Features:
    values, blocks, kinds = [], [], []
    for block in range(of_column.max() + 1):
        members = [functions[int(column)] for column in np.flatnonzero(of_column == block)]
        pairs = list(itertools.combinations(members, 2))
        drawn = generator.permutation(len(pairs))[:_MOST_PAIRS_OF_BLOCK]
        products = [_products(*pairs[each]) for each in np.sort(drawn)]
        kind = [[_FIRST] + [_OTHER] * (each.shape[1] - 1) for each in members]
        kind += [[_PRODUCT] * each.shape[1] for each in products]
        found = np.hstack([*members, *products])
        values.append(found)
        blocks.append(np.full(found.shape[1], block))
        kinds.append(np.concatenate(kind))
    return _Features(np.hstack(values), np.concatenate(blocks), np.concatenate(kinds))


def _products(one: Functions, other: Functions) -> Functions:
    """Return products of the lowest functions of two columns, of mean 0 and variance 1."""
    lowest = one[:, :_DEGREES_OF_PRODUCTS, None] * other[:, None, :_DEGREES_OF_PRODUCTS]
    products: Functions = lowest.reshape(len(one), -1)
    products = products - products.mean(axis=0)
    products /= np.maximum(products.std(axis=0), _SMALLEST)
    return products


class _Crossings(NamedTuple):
    """Functions of all columns, for products of two of different blocks with a third.

    Attributes:
        values: of mean 0 and variance 1, ``(N, p)``.
        block: of which each is, ``(p,)``.
        column: of which each is, ``(p,)``.
        lowest: positions of those that products are made of.
    """

    values: Functions
    block: Indices
    column: Indices
    lowest: Indices

    def statistics(self) -> Array:
        """Return the statistics, as roots, whose upper tail is lighter."""
        squares, apart = self._squares()
        return np.sqrt([squares[apart].mean(), squares[apart].max()])

    def farthest(self) -> tuple[int, ...]:
        """Return the blocks of the product and the function that correlate most."""
        squares, apart = self._squares()
        squares = np.where(apart, squares, 0.0)
        product, function = np.unravel_index(squares.argmax(), squares.shape)
        one, other = (side[product] for side in self._pairs())
        return tuple({int(self.block[each]) for each in (one, other, function)})

    def permuted(self, generator: np.random.Generator) -> "_Crossings":
        """Return the same of blocks that are independent: rows of each permuted by themselves."""
        values = np.empty_like(self.values)
        for block in np.unique(self.block):
            part = self.block == block
            values[:, part] = generator.permutation(self.values[:, part])
        return self._replace(values=values)

    def _pairs(self) -> tuple[Indices, Indices]:
        """Return the positions of both functions of each product."""
        one, other = (self.lowest[each] for each in np.triu_indices(len(self.lowest), 1))
        crossing = self.block[one] != self.block[other]
        return one[crossing], other[crossing]

    def _squares(self) -> tuple[Array, NDArray[np.bool_]]:
        """Return squared correlations of products with functions, and which are of a third."""
        one, other = self._pairs()
        products = self.values[:, one] * self.values[:, other]
        means = (products.T @ self.values).astype(np.float64) / len(self.values)
        columns = self.column[one], self.column[other]
        apart = (columns[0][:, None] != self.column) & (columns[1][:, None] != self.column)
        return len(self.values) * means**2, apart


def _crossings(functions: Sequence[Functions], of_column: Indices) -> _Crossings:
    """Return functions for products across blocks, of as many degrees and rows as work allows."""
    degrees = np.concatenate([np.arange(each.shape[1]) for each in functions])
    column = np.repeat(np.arange(len(functions)), [each.shape[1] for each in functions])
    for degree in range(_DEGREES_OF_CROSSINGS, 0, -1):
        lowest = np.flatnonzero(degrees < degree)
        products = len(lowest) * (len(lowest) - 1) // 2
        rows = int(_MOST_CROSSED / (products * len(degrees)))
        if rows >= _FEWEST_ROWS or degree == 1:
            break
    rows = max(rows, _FEWEST_ROWS)
    values = np.hstack([each[:rows] for each in functions])
    return _Crossings(values, of_column[column], column, lowest)


def _deviation(tested: _Features | _Crossings, generator: np.random.Generator) -> float:
    """Return how far the farthest statistic is from permuted blocks, in standard deviations."""
    drawn = np.array([tested.permuted(generator).statistics() for _ in range(_SAMPLES)])
    spread = drawn.std(axis=0, ddof=1) * math.sqrt(1 + 1 / len(drawn))
    deviations: Array = tested.statistics() - drawn.mean(axis=0)
    return float(
        np.divide(deviations, spread, out=np.zeros_like(deviations), where=spread > 0).max()
    )
