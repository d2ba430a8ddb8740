"""How rows are permuted, drawn again and split: as independent draws, or as rows in time.

Every method asks one object of both kinds, so that none needs to know which of them it has.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.autocorrelation import autocorrelations, block_length, memory_of
from infomax.estimation.columns import Column
from infomax.estimation.copula.margins import NormalScores
from infomax.estimation.samples import PairedSamples
from infomax.estimation.split import Split, split_blocks, split_rows

__all__ = ["IndependentRows", "RowOrder", "RowsInTime", "Spread", "remembered_functions"]

TermsOf: TypeAlias = Callable[..., Array]
Values: TypeAlias = NDArray[Any]

# More rows than this are moved, not permuted, to break what they share.
_MOST_PERMUTED = 50_000
_SIMILAR = 0.5
_FEWEST_ROWS = 50
_MOST_LEVELS = 20
# Degrees of freedom of a long-run variance of N rows by blocks of length b, times b / N.
_DEGREES = 1.5


class Spread(NamedTuple):
    """How a mean of N terms scatters.

    Attributes:
        variance: of the terms; over N it is that of their mean.
        degrees: of freedom with which it is known: infinite for as good as exactly.
    """

    variance: float
    degrees: float

    def quantile(self, level: float) -> float:
        """Return the quantile of the mean at a level, in standard errors."""
        law = stats.norm if math.isinf(self.degrees) else stats.t(self.degrees)
        return float(law.ppf(level))


@dataclass(frozen=True)
class IndependentRows:
    """Rows that are independent draws: in what order they stand is chance."""

    exchangeable = True

    def order(self, size: int, generator: np.random.Generator) -> Indices:
        """Return N rows as they are to be gone through."""
        return generator.permutation(size)

    def fewer(self, order: Indices, most: int) -> Indices:
        """Return at most so many of rows that were ordered, which stand for all of them."""
        return order[:most]

    def partners(
        self, rows: Indices, _size: int, permutations: int, generator: np.random.Generator
    ) -> Iterator[Indices]:
        """Yield, for each permutation, the rows whose y some rows get in place of their own."""
        for _ in range(permutations):
            yield rows[generator.permutation(len(rows))]

    def broken(
        self, values: Values, rows: Indices, permutations: int, generator: np.random.Generator
    ) -> Iterator[Values]:
        """Yield, for each permutation, values ``(N, d)`` of what some rows get for their own.

        Very many rows are not permuted but moved on by a number of rows that is drawn, at the end
        from the beginning. As they stand in an order that was drawn, these are as good: shifts are
        a group, under which independent pairs in any order are alike, and to move rows as they
        stand is twenty times as fast as to gather them.

        Source: Hemerik and Goeman (2018), for permutations drawn from a group.

        Args:
            values: of all rows.
            rows: in an order that was drawn at random.
            permutations: number of permutations.
            generator: draws them.
        """
        if len(rows) <= _MOST_PERMUTED:
            for partners in self.partners(rows, len(values), permutations, generator):
                yield values[partners]
            return
        ordered = values[rows]
        twice = np.concatenate([ordered, ordered])
        for first in generator.integers(1, len(rows), size=permutations):
            yield twice[first : first + len(rows)]

    def terms(self, terms_of: TermsOf, *sides: Array) -> Array:
        """Return terms of rows ``(N, d)`` of each side, made among all of them: ``(N,)``."""
        return terms_of(*sides)

    def spread(self, terms: Array) -> Spread:
        """Return how a mean of terms ``(N,)`` scatters, one for each row."""
        return Spread(float(terms.var()), math.inf)

    def worth(self, size: int, _apart: int = 1) -> float:
        """Return how many independent rows so many rows are worth."""
        return float(size)

    def thinned(self, values: Array) -> Array:
        """Return those rows of values ``(N, d)`` that a test may take for independent: all."""
        return values

    def counts(self, terms: Array, draws: int, generator: np.random.Generator) -> Indices:
        """Return how often a bootstrap draws each row: ``(draws, N)``."""
        size = len(terms)
        return generator.multinomial(size, np.full(size, 1 / size), size=draws)

    def half(self, terms: Array, generator: np.random.Generator) -> Indices:
        """Return half of the rows, drawn without replacement."""
        size = len(terms)
        return generator.permutation(size)[: size // 2]

    def parts(
        self, size: int, parts: int, cuts: int, generator: np.random.Generator
    ) -> Iterator[Indices]:
        """Yield the parts into which N rows are cut at random, so many times."""
        for _ in range(cuts):
            yield from np.array_split(generator.permutation(size), parts)

    def split(self, size: int, generator: np.random.Generator) -> Split:
        """Split N rows at random, see `split_rows`."""
        return split_rows(size, generator)


@dataclass(frozen=True, eq=False)
class RowsInTime:
    r"""Rows in order of time, evenly spaced, each of which may resemble those before it.

    - Pairs are broken by circular shifts: y is moved against x by a number of rows, so each side
      keeps its own course. A p-value is right for series that do not change their law over time,
      up to the one joint that a shift makes.
    - Means scatter as the bootstrap of circular blocks has it. In place of draws their variance is
      computed, which is what infinitely many draws would give:

      .. math:: \frac{1}{b} \frac{1}{N} \sum_t \Big( \sum_{k < b} (s_{t + k} - \bar s) \Big)^2

      over N for a mean; the length b of blocks is that of `block_length`, from the
      autocorrelation of the terms. The series has few blocks, so intervals take the quantiles of
      Student's distribution with 3N / 2b degrees of freedom.
    - N rows are worth :math:`N / (1 + 2 \sum_k \rho_x(k) \rho_y(k))` independent ones, where
      correlations of x with y are concerned and there are none.
    - Splits are by blocks with a gap, see `split_blocks`.

    Source: Politis and Romano (1992), for circular blocks; Chatfield (1979) and Theiler et al.
    (1992), for surrogates that keep each series; Priestley (1981), section 6.2.3, for the degrees
    of freedom; Bartlett (1935), for the worth of rows.

    Attributes:
        memory: number of rows after which a row is forgotten.
        products: mean of :math:`\rho_x(k) \rho_y(k)` over all columns of x and of y, from lag 1.
        longest: sum of the largest column's autocorrelations, each lag once.
    """

    memory: int
    products: Array = field(repr=False)
    longest: float = field(repr=False)

    exchangeable = False

    @classmethod
    def of_functions(cls, of_x: Array, of_y: Array) -> "RowsInTime":
        """Return what functions of x ``(N, p)`` and of y ``(N, q)`` remember, in order of time."""
        of_x, of_y = autocorrelations(of_x), autocorrelations(of_y)
        both = np.hstack([of_x, of_y])
        memory = memory_of(both)
        lags = slice(1, 2 * memory + 1)
        products = of_x[lags].mean(axis=1) * of_y[lags].mean(axis=1)
        longest = float(both[1 : memory + 1].sum(axis=0).max()) if memory else 0.0
        return cls(memory, products, longest)

    @classmethod
    def of(cls, samples: PairedSamples) -> "RowsInTime":
        """Return what samples whose rows are in order of time remember.

        Example:
            >>> from scipy.signal import lfilter
            >>> from infomax.estimation.samples import read_samples
            >>> noise = np.random.default_rng(0).standard_normal((2, 5000))
            >>> rows = RowsInTime.of(read_samples(*lfilter([1], [1, -0.9], noise)))
            >>> 20 < rows.memory < 80, 400 < rows.worth(5000) < 700  # 5000 * 0.19 / 1.81 = 525
            (True, True)
        """
        return cls.of_functions(*(remembered_functions(side) for side in (samples.x, samples.y)))

    def order(self, size: int, _generator: np.random.Generator) -> Indices:
        """Return N rows in order of time."""
        return np.arange(size)

    def fewer(self, order: Indices, most: int) -> Indices:
        """Return at most so many of rows that were ordered, evenly spaced."""
        return order[:: -(-len(order) // most)]

    def partners(
        self, rows: Indices, size: int, permutations: int, _generator: np.random.Generator
    ) -> Iterator[Indices]:
        """Yield some rows of N moved on by a number of rows, at the end from the beginning.

        The shifts are spread evenly over all there are. Those that move a row no farther than it
        resembles others break nothing, and move none: a series of which few shifts differ gives no
        small p-value.
        """
        near = (1 + 2 * self.longest) / 2
        for index in range(1, permutations + 1):
            shift = index * size // (permutations + 1)
            yield rows if min(shift, size - shift) < near else (rows + shift) % size

    def broken(
        self, values: Values, rows: Indices, permutations: int, generator: np.random.Generator
    ) -> Iterator[Values]:
        """Yield, for each permutation, values ``(N, d)`` of what some rows get for their own."""
        for partners in self.partners(rows, len(values), permutations, generator):
            yield values[partners]

    def terms(self, terms_of: TermsOf, *sides: Array) -> Array:
        """Return terms of rows ``(N, d)`` of each side, made among those far apart: ``(N,)``.

        What is near in time is near in x and in y, whatever they share. So terms that look at
        neighbours are made of every m-th row, m times, with m the rows after which no product of
        autocorrelations is above a half, as long as 50 rows are left.
        """
        size = len(sides[0])
        similar = np.flatnonzero(self.products > _SIMILAR)
        apart = min(int(similar.max(initial=-1)) + 2, max(1, size // _FEWEST_ROWS))
        terms = np.empty(size)
        for first in range(apart):
            rows = slice(first, None, apart)
            terms[rows] = terms_of(*(side[rows] for side in sides))
        return terms

    def spread(self, terms: Array) -> Spread:
        """Return how a mean of terms ``(N,)`` scatters by circular blocks."""
        length, size = block_length(terms), len(terms)
        around = np.concatenate([terms, terms[: length - 1]]) - terms.mean()
        sums = np.cumsum(np.concatenate([[0.0], around]))
        of_blocks = sums[length:] - sums[:-length]
        return Spread(float((of_blocks**2).mean()) / length, _DEGREES * size / length)

    def worth(self, size: int, apart: int = 1) -> float:
        """Return how many independent rows so many rows are worth that are so many apart."""
        return size / max(1.0, 1 + 2 * float(self.products[apart - 1 :: apart].sum()))

    def thinned(self, values: Array) -> Array:
        """Return rows of values ``(N, d)`` so far apart that they are as good as independent."""
        return values[:: max(1, math.ceil(1 + 2 * self.longest))]

    def counts(self, terms: Array, draws: int, generator: np.random.Generator) -> Indices:
        """Return how often a bootstrap of circular blocks draws each row: ``(draws, N)``."""
        length, size = block_length(terms), len(terms)
        starts = generator.integers(size, size=(draws, -(-size // length)))
        rows = (starts[:, :, None] + np.arange(length)) % size
        # The last block is cut, so that each draw is of N rows.
        drawn = rows.reshape(draws, -1)[:, :size]
        return np.array([np.bincount(each, minlength=size) for each in drawn])

    def half(self, terms: Array, generator: np.random.Generator) -> Indices:
        """Return half of the rows, by blocks that are drawn without replacement."""
        length, size = block_length(terms), len(terms)
        blocks = np.array_split(np.arange(size), max(2, size // length))
        order = generator.permutation(len(blocks))[: len(blocks) // 2]
        return np.concatenate([blocks[index] for index in order])

    def parts(
        self, size: int, parts: int, _cuts: int, _generator: np.random.Generator
    ) -> Iterator[Indices]:
        """Yield the parts of N rows that are evenly spaced; there is one way to cut them so."""
        for first in range(parts):
            yield np.arange(first, size, parts)

    def split(self, size: int, generator: np.random.Generator) -> Split:
        """Split N rows by blocks with gaps, see `split_blocks`."""
        return split_blocks(size, self.memory, generator)


RowOrder: TypeAlias = IndependentRows | RowsInTime
"""What is known of the order of rows."""


def remembered_functions(columns: Sequence[Column]) -> Array:
    """Return ranks of continuous columns as normal scores, and which level discrete ones have."""
    found: list[Array] = []
    for column in columns:
        if column.discrete:
            levels, counts = np.unique(column.measured, return_counts=True)
            often = levels[np.argsort(-counts, kind="stable")][:_MOST_LEVELS]
            found += [(column.measured == level).astype(np.float64) for level in often]
        else:
            values = column.measured[:, None]
            found.append(NormalScores(values)(values)[:, 0])
    return np.column_stack(found)
