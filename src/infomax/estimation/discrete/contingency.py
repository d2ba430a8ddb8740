"""How often levels of x and y were seen together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from infomax.estimation.arrays import Indices
from infomax.estimation.columns import Column
from infomax.estimation.samples import PairedSamples

__all__ = ["ContingencyTable", "combined_levels", "contingency_table", "count_together"]

# So many cells for each row are counted without sorting the rows.
_CELLS_PER_ROW = 4


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


def contingency_table(samples: PairedSamples) -> ContingencyTable:
    """Count the levels of discrete columns; those of several columns of a side are one level.

    Example:
        >>> from infomax.estimation.samples import paired_samples
        >>> x, y = np.repeat([0, 1, 1], 20), np.repeat([0, 0, 1], 20)
        >>> table = contingency_table(paired_samples(x, y, discrete=["x0", "y0"]))
        >>> table.together.tolist(), table.of_x.tolist(), table.of_y.tolist()
        ([20, 20, 20], [20, 40], [40, 20])
    """
    return count_together(combined_levels(samples.x), combined_levels(samples.y))


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


def combined_levels(columns: Sequence[Column]) -> Indices:
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
