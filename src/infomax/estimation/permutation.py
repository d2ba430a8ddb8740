"""Is there any dependence at all? A test by permutation of the pairs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from infomax.estimation.arrays import Array
from infomax.estimation.rows import IndependentRows, RowOrder

__all__ = [
    "MOST_PAIRS_REPEATED",
    "DependenceTest",
    "combine_tests",
    "permute_and_repeat",
    "permute_scores",
    "variance_of_broken_pairs",
]

MOST_PAIRS_REPEATED = 1000
"""A whole estimate is repeated on at most so many pairs."""

_BROKEN = 20
_INDEPENDENT = IndependentRows()


@dataclass(frozen=True, eq=False)
class DependenceTest:
    """A test of whether pairs depend on each other at all.

    The p-value, where none is given, is the share of values at least as large as the observed one,
    itself among them (Phipson and Smyth, 2010); NaN where nothing was permuted.

    Attributes:
        observed: the statistic of the pairs as they are.
        null_values: what it was of pairs that were broken at random; empty where none had to be.
        p_value: how often independent pairs would look at least as dependent.
        name: the test in words, where that is worth telling.

    Example:
        >>> DependenceTest(2.0, np.array([0.0, 1.0, 2.0])).p_value
        0.5
    """

    observed: float
    null_values: Array = field(repr=False)
    p_value: float = math.nan
    name: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.p_value) and len(self.null_values):
            as_large = int((self.null_values >= self.observed).sum())
            object.__setattr__(self, "p_value", (1 + as_large) / (1 + len(self.null_values)))


def combine_tests(tests: Sequence[DependenceTest]) -> DependenceTest:
    """Return one test of several, which sees what any of them sees.

    Its statistic is the largest of theirs, each in standard deviations of its own values, those of
    the data among them. So its p-value may be as small as theirs, and is as large as chance needs
    for so many of them.

    Source: Pesarin and Salmaso (2010), for combining permutation tests.

    Args:
        tests: of as many permutations each.

    Example:
        >>> nothing, much = (DependenceTest(top, np.arange(19.0)) for top in (9.0, 99.0))
        >>> combine_tests([nothing, nothing]).p_value > 0.5, combine_tests([nothing, much]).p_value
        (True, 0.05)
    """
    values = np.array([[test.observed, *test.null_values] for test in tests])
    spread = values.std(axis=1, keepdims=True)
    deviations = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    largest = deviations.max(axis=0)
    return DependenceTest(float(largest[0]), largest[1:])


def permute_scores(
    scores: Array,
    permutations: int,
    generator: np.random.Generator,
    rows: RowOrder = _INDEPENDENT,
) -> DependenceTest:
    """Test by the mean score of partners, with scores of a critic that never saw these pairs.

    Every sum over rows or columns of the score matrix stays the same under permutation, so all
    bounds order the permutations as the mean score does, and the test is exact.

    Args:
        scores: ``(N, N)``.
        permutations: number of permutations.
        generator: draws them.
        rows: how they are permuted.
    """
    all_rows, size = np.arange(len(scores)), len(scores)
    null_values = [
        float(scores[all_rows, partners].mean())
        for partners in rows.partners(all_rows, size, permutations, generator)
    ]
    return DependenceTest(float(scores.diagonal().mean()), np.array(null_values))


def permute_and_repeat(  # noqa: PLR0917 - the pairs, and how they are permuted
    estimate: Callable[[Array, Array], float],
    x: Array,
    y: Array,
    permutations: int,
    generator: np.random.Generator,
    rows: RowOrder = _INDEPENDENT,
) -> DependenceTest:
    """Test by repeating a whole estimate on permuted pairs, at most 1,000 drawn from all.

    Args:
        estimate: from x ``(N, dx)`` and y ``(N, dy)`` to a number that grows with dependence.
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        permutations: number of permutations.
        generator: draws the pairs and the permutations.
        rows: how they are drawn and permuted.
    """
    drawn = rows.fewer(rows.order(len(x), generator), MOST_PAIRS_REPEATED)
    null_values = [
        estimate(x[drawn], y[partners])
        for partners in rows.partners(drawn, len(x), permutations, generator)
    ]
    return DependenceTest(estimate(x[drawn], y[drawn]), np.array(null_values))


def variance_of_broken_pairs(
    estimate: Callable[[Array, Array], float],
    x: Array,
    y: Array,
    generator: np.random.Generator,
    rows: RowOrder = _INDEPENDENT,
) -> float:
    """Return the variance of a whole estimate over pairs that were broken at random.

    It is that of 20 permutations of at most 1,000 pairs, and falls from there as the number of
    independent rows rises that all pairs are worth.

    Args:
        estimate: from x ``(N, dx)`` and y ``(N, dy)`` to a number.
        x: ``(N, dx)``.
        y: ``(N, dy)``.
        generator: draws the pairs and the permutations.
        rows: how they are drawn and permuted.

    Example:
        >>> x = np.arange(4000.0)[:, None]
        >>> variance = variance_of_broken_pairs(
        ...     lambda x, y: len(x) * y[0, 0], x, x / 4000, np.random.default_rng(0)
        ... )
        >>> bool(0.3 < variance / (1000**2 / 12 / 4) < 3)  # uniform, 1,000 of 4,000
        True
    """
    broken = permute_and_repeat(estimate, x, y, _BROKEN, generator, rows).null_values
    apart = -(-len(x) // MOST_PAIRS_REPEATED)
    repeated = rows.worth(min(len(x), MOST_PAIRS_REPEATED), apart)
    return float(broken.var(ddof=1)) * repeated / rows.worth(len(x))
