"""How often levels of x and y were seen together, and whether they depend on each other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import xlogy

from infomax.estimation.arrays import Indices
from infomax.estimation.columns import Column
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.samples import PairedSamples

__all__ = [
    "LEAST_EXPECTED",
    "ContingencyTable",
    "combine_levels",
    "count_levels",
    "count_together",
    "independence_test",
    "plug_in_information",
    "williams_divisor",
]

# So many cells for each row are counted without sorting the rows.
_CELLS_PER_ROW = 4
# Cochran's rule, in its strict form.
LEAST_EXPECTED = 5
"""Rows that independence lets be expected in each cell, or the statistic is not chi-squared."""

_CELLS_OF_FISHER = 4
# Sums of the same terms in another order are equal, whatever rounding makes of them.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class ContingencyTable:
    """Indices of N rows, of which only cells that hold any are kept.

    Attributes:
        x: ``(M,)``; the level of x in each cell, a number below ``len(of_x)``.
        y: ``(M,)``; the level of y in each cell.
        together: ``(M,)``; how many rows are in each cell.
        of_x: ``(Kx,)``; how many rows have each level of x.
        of_y: ``(Ky,)``; how many rows have each level of y.
    """

    x: Indices
    y: Indices
    together: Indices
    of_x: Indices
    of_y: Indices

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return int(self.together.sum())

    @property
    def possible(self) -> int:
        """The number of cells, those that hold no row among them."""
        return len(self.of_x) * len(self.of_y)

    @property
    def alone(self) -> float:
        """The share of rows that are alone in their cell.

        It estimates the probability of all cells that were not seen (Good, 1953).
        """
        return int((self.together == 1).sum()) / self.size


def count_levels(samples: PairedSamples) -> ContingencyTable:
    """Count the levels of discrete columns; those of several columns of a side are one level.

    Example:
        >>> from infomax.estimation.samples import read_samples
        >>> x, y = np.repeat([0, 1, 1], 20), np.repeat([0, 0, 1], 20)
        >>> table = count_levels(read_samples(x, y, discrete=["x0", "y0"]))
        >>> table.together.tolist(), table.of_x.tolist(), table.of_y.tolist()
        ([20, 20, 20], [20, 40], [40, 20])
    """
    return count_together(combine_levels(samples.x), combine_levels(samples.y))


def count_together(x: Indices, y: Indices) -> ContingencyTable:
    """Count pairs of levels.

    Args:
        x: ``(N,)``; whole numbers from 0, each of which occurs.
        y: ``(N,)``.
    """
    of_x, of_y = np.bincount(x), np.bincount(y)
    cells = x * len(of_y) + y
    if len(of_x) * len(of_y) <= _CELLS_PER_ROW * len(x):
        counts = np.bincount(cells)
        seen = np.flatnonzero(counts)
        together = counts[seen]
    else:
        seen, together = np.unique(cells, return_counts=True)
    return ContingencyTable(seen // len(of_y), seen % len(of_y), together, of_x, of_y)


def combine_levels(columns: Sequence[Column]) -> Indices:
    """Number the combinations of levels of discrete columns that occur, from 0: ``(N,)``."""
    numbered = np.zeros(len(columns[0].measured), dtype=np.int64)
    for column in columns:
        # Fewer than N levels so far, fewer than N of this one: no product overflows.
        levels = column.measured.astype(np.int64)
        numbered = _from_zero(numbered * (int(levels.max()) + 1) + levels)
    return numbered


def _from_zero(numbers: Indices) -> Indices:
    """Number the values that occur, by size."""
    if int(numbers.max()) >= _CELLS_PER_ROW * len(numbers):
        return np.unique(numbers, return_inverse=True)[1]
    occurs = np.bincount(numbers) > 0
    rank: Indices = np.cumsum(occurs) - 1
    return rank[numbers]


def independence_test(
    table: ContingencyTable, permutations: int, generator: np.random.Generator
) -> DependenceTest:
    r"""Test by the likelihood ratio, :math:`G = 2 N \hat I`, of plug-in information.

    Where independence lets five rows or more be expected in every cell, G, over Williams' divisor,
    is compared with a chi-squared distribution: without it one p-value in ten is below 0.05 where
    10 by 10 cells hold five independent rows each. Elsewhere two levels against two are tested by
    Fisher's exact test, and others by G of rows paired at random.

    Source: Wilks (1938); Williams (1976); Cochran (1954); Fisher (1922).

    Args:
        table: the counts of two levels or more on each side.
        permutations: how often rows are paired at random, where they are.
        generator: pairs them.

    Example:
        >>> x = np.repeat([0, 1], 500)
        >>> y = np.where(np.arange(1000) % 5, x, 1 - x)
        >>> test = independence_test(count_together(x, y), 199, np.random.default_rng(0))
        >>> test.name, test.p_value < 1e-60
        ('G-test of all rows, 1 degree of freedom', True)
    """
    statistic = plug_in_information(table.together, table)
    if int(table.of_x.min()) * int(table.of_y.min()) >= LEAST_EXPECTED * table.size:
        degrees = (len(table.of_x) - 1) * (len(table.of_y) - 1)
        likelihood_ratio = 2 * table.size * statistic / williams_divisor(table, degrees)
        p_value = float(stats.chi2.sf(likelihood_ratio, degrees))
        name = f"G-test of all rows, {degrees} degree{'s' if degrees > 1 else ''} of freedom"
        return _exact_test(statistic, p_value, name)
    if table.possible == _CELLS_OF_FISHER:
        p_value = float(stats.fisher_exact(_dense(table)).pvalue)
        return _exact_test(statistic, p_value, "Fisher's exact test of all rows")
    drawn = _paired_at_random(table, permutations, generator)
    null_values = np.array([plug_in_information(counts, table) for counts in drawn])
    p_value = DependenceTest(statistic - _ROUNDING, null_values).p_value
    name = f"{permutations} random pairings of all rows"
    return DependenceTest(statistic, null_values, p_value, name)


def _exact_test(statistic: float, p_value: float, name: str) -> DependenceTest:
    # What floating point cannot tell from 0 is not 0.
    above_0 = max(p_value, float(np.finfo(np.float64).tiny))
    return DependenceTest(statistic, np.zeros(0), above_0, name)


def plug_in_information(together: Indices, table: ContingencyTable) -> float:
    """Return the plug-in information of counts that have the sums of a table, in nats."""
    joint, of_x, of_y = (
        float(xlogy(counts, counts).sum()) for counts in (together, table.of_x, table.of_y)
    )
    return math.log(table.size) + (joint - of_x - of_y) / table.size


def williams_divisor(table: ContingencyTable, degrees: int) -> float:
    """Return what brings the mean of G to that of a chi-squared variable, but for 1 / N^2."""
    of_x, of_y = (table.size * float((1 / counts).sum()) - 1 for counts in (table.of_x, table.of_y))
    return 1 + of_x * of_y / (6 * table.size * degrees)


def _paired_at_random(
    table: ContingencyTable, times: int, generator: np.random.Generator
) -> Iterator[Indices]:
    """Yield counts of the same sums, of rows that were paired at random."""
    if table.possible <= table.size:
        # Drawn as a whole, which needs no rows.
        tables = stats.random_table(table.of_x, table.of_y)
        for _ in range(times):
            yield tables.rvs(random_state=generator).astype(np.int64).ravel()
        return
    x, y = (np.repeat(np.arange(len(counts)), counts) for counts in (table.of_x, table.of_y))
    for _ in range(times):
        yield count_together(x, generator.permutation(y)).together


def _dense(table: ContingencyTable) -> Indices:
    counts = np.zeros((len(table.of_x), len(table.of_y)), dtype=np.int64)
    counts[table.x, table.y] = table.together
    return counts
