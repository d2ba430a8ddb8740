"""Information of two discrete variables from counts, and how far it may be off."""

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy import special, stats

from infomax.estimation.arrays import Array, Indices
from infomax.estimation.columns import Column
from infomax.estimation.discrete.contingency import (
    ContingencyTable,
    combine_levels,
    count_levels,
    count_together,
    independence_test,
)
from infomax.estimation.discrete.entropies import (
    ENTROPIES,
    chao_wang_jost_entropy,
    counts_of_counts,
    entropy_of_unseen,
    share_of_unseen,
)
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.result import Interval, MIResult
from infomax.estimation.task import EstimationTask, Method
from infomax.estimation.terms import first_line, interval_of_terms, refuse_continuous

__all__ = [
    "COUNT_METHODS",
    "entropy_of_columns",
    "entropy_without_one",
    "information_interval",
    "information_of_counts",
    "jackknife_variance",
    "lowered_for_unseen",
    "measure_by_counts",
]

# Sums that are equal but for rounding are equal.
_ROUNDING = 1e-12


def measure_by_counts(name: str, task: EstimationTask, reason: str) -> MIResult:
    """Estimate by how often levels were seen together.

    Args:
        name: of ``ENTROPIES``.
        task: the pairs and settings.
        reason: why this method.

    Raises:
        UserError: if a column is continuous.
    """
    refuse_continuous(name, task.samples)
    table = count_levels(task.samples)
    value = information_of_counts(table, name)
    if task.rows.exchangeable:
        test = independence_test(table, task.settings.permutations, task.generator())
        interval = information_interval(table, name, value, task.settings.confidence)
    else:
        test, value, interval = _of_series(task, value)
    tested = "" if math.isnan(test.p_value) else f"; tested by {test.name}"
    return task.result(name, f"{reason}{tested}", test, value=value, interval=interval)


def _of_series(task: EstimationTask, value: float) -> tuple[DependenceTest, float, Interval]:
    """Return the test, the estimate and its interval where rows are no independent draws.

    The test moves rows against each other. Fewer independent rows than there are raise the plug-in
    information further, by (Kx - 1)(Ky - 1) / 2 times what 1 / N falls short of 1 over their
    number. The interval is that of the mean of the plug-in terms, with the chi-squared variance of
    independent levels.
    """
    x, y = (combine_levels(side) for side in (task.samples.x, task.samples.y))
    size, rows, permutations = len(x), task.rows, task.settings.permutations
    every = np.arange(size)
    observed = _plug_in_terms(x, y)
    null_values = np.array(
        [
            _plug_in_terms(x, y[partners]).mean()
            for partners in rows.partners(every, size, permutations, task.generator())
        ]
    )
    name = f"{permutations} shifts of all rows in time"
    test = DependenceTest(float(observed.mean()) - _ROUNDING, null_values, name=name)
    degrees, worth = int(x.max()) * int(y.max()), rows.worth(size)
    value -= degrees / 2 * (1 / worth - 1 / size)
    interval = interval_of_terms(
        value,
        observed,
        task.settings.confidence,
        second_order=degrees / (2 * worth**2),
        rows=rows,
    )
    return test, value, interval


def _plug_in_terms(x: Indices, y: Indices) -> Array:
    """Return the log of how much oftener each row's levels meet than if they were independent."""
    both = np.unique(x * (int(y.max()) + 1) + y, return_inverse=True)[1]
    of_x, of_y, together = (np.bincount(levels)[levels] for levels in (x, y, both))
    terms: Array = np.log(len(x) * together / (of_x * of_y))
    return terms


def entropy_of_columns(columns: Sequence[Column], name: str) -> float:
    """Return the entropy of columns together in nats; NaN unless all of them are discrete.

    Args:
        columns: of one side.
        name: of ``ENTROPIES``; what is none of them takes that of Chao, Wang and Jost.
    """
    if not all(column.discrete for column in columns):
        return math.nan
    _, counts = np.unique(combine_levels(columns), return_counts=True)
    entropy = ENTROPIES.get(name, chao_wang_jost_entropy)
    return float(entropy(*counts_of_counts(counts)))


def most_held(columns: Sequence[Column], confidence: float) -> float:
    r"""Return the upper confidence limit of what columns hold, in nats; none of continuous ones.

    The entropy's estimate is that of Chao, Wang and Jost, and its variance

    .. math:: \frac{1}{N} \Big( \sum_k p_k \log^2 p_k - H^2 \Big) + \frac{K - 1}{2 N^2}

    where the second term is all that is left of levels that are equally frequent. As long as every
    level was seen more than once, it is no more than :math:`\log K`.

    Source: Basharin (1959), for the variance.

    Args:
        columns: of one side.
        confidence: of the two-sided interval whose upper end it is.

    Returns:
        The limit; infinite unless all columns are discrete.

    Example:
        >>> from infomax.estimation.columns import Column
        >>> coin = Column("coin", np.tile([0.0, 1.0], 500), discrete=True)
        >>> round(most_held([coin], 0.95), 4)
        0.6931
    """
    if not all(column.discrete for column in columns):
        return math.inf
    _, counts = np.unique(combine_levels(columns), return_counts=True)
    shares, size = counts / counts.sum(), counts.sum()
    plug_in = special.entr(shares).sum()
    variance = (shares @ np.log(shares) ** 2 - plug_in**2) / size
    error = math.sqrt(max(variance, 0.0) + (len(counts) - 1) / (2 * size**2))
    entropy = float(chao_wang_jost_entropy(*counts_of_counts(counts)))
    limit = entropy + float(stats.norm.ppf((1 + confidence) / 2)) * error
    return min(limit, math.log(len(counts))) if counts.min() > 1 else limit


def information_of_counts(table: ContingencyTable, name: str) -> float:
    r"""Return :math:`\hat H(X) + \hat H(Y) - \hat H(X, Y)`, in nats.

    Args:
        table: the counts.
        name: of ``ENTROPIES``: how an entropy is estimated from counts.

    Example:
        >>> from infomax.estimation.discrete.contingency import count_together
        >>> levels = np.repeat([0, 1], 500)
        >>> round(information_of_counts(count_together(levels, levels), "plug-in"), 3)  # log 2
        0.693
    """
    of_x, of_y, together = (
        float(ENTROPIES[name](*counts_of_counts(counts)))
        for counts in (table.of_x, table.of_y, table.together)
    )
    return of_x + of_y - together


def jackknife_variance(table: ContingencyTable, name: str) -> float:
    r"""Return the variance of an estimate from those that lack one row, in nats squared.

    .. math:: \frac{N - 1}{N} \sum_i \big( \hat I_{-i} - \tfrac{1}{N} \sum_j \hat I_{-j} \big)^2

    Rows whose levels, and the pair of them, were seen equally often leave the same behind, so it
    costs no more than the cells do. Without dependence it errs upwards.

    Source: Efron and Stein (1981).

    Args:
        table: the counts.
        name: of ``ENTROPIES``.
    """
    of_x, of_y, together = (
        entropy_without_one(counts, ENTROPIES[name])
        for counts in (table.of_x, table.of_y, table.together)
    )
    without = of_x[table.x] + of_y[table.y] - together
    mean = np.average(without, weights=table.together)
    variance = np.average((without - mean) ** 2, weights=table.together)
    return float((table.size - 1) * variance)


def information_interval(
    table: ContingencyTable, name: str, value: float, confidence: float
) -> Interval:
    r"""Return the normal interval by the jackknife, its lower end lowered for what was not seen.

    What the pairs that were not seen add to H(X, Y) depends on how many they are, of which rare
    counts tell little. Their mean share is no smaller than their whole share over the number of
    pairs that the levels allow, so

    .. math:: \hat I - \frac{f_1}{N} \Big( c\big(\min(A, \tfrac{f_1}{N K_x K_y})\big) - c(A)
              \Big) - z \hat\sigma

    is the lower end, :math:`f_1 c(A) / N` the part of the unseen in the estimate of Chao, Wang and
    Jost. Where hardly any pair was seen only once it is that of the jackknife.

    A level that one row has tells nothing of the next row, though it determines its own. No less is
    shared than when such levels are joined (data processing), so the lower end is at most that of
    the joined levels: 0 of identifiers.

    Args:
        table: the counts.
        name: of ``ENTROPIES``.
        value: the estimate, in nats.
        confidence: of the interval.
    """
    half_width = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(
        jackknife_variance(table, name)
    )
    low = value - lowered_for_unseen(table.together, table.possible) - half_width
    joined = _levels_of_one_row_joined(table)
    if joined is not None:
        low = min(
            low,
            information_interval(joined, name, information_of_counts(joined, name), confidence).low,
        )
    return Interval(low, value + half_width)


def lowered_for_unseen(together: Indices, possible: int) -> float:
    """Return how much lower an estimate may be for all that cells without a row may add, in nats.

    Args:
        together: how many rows are in each cell that holds any.
        possible: number of cells, those without a row among them.
    """
    size = int(together.sum())
    alone = int((together == 1).sum()) / size
    if not alone:
        return 0.0
    estimated = share_of_unseen(*counts_of_counts(together))
    least = np.minimum(estimated, alone / possible)
    rows = np.array(float(size))
    return alone * float(entropy_of_unseen(least, rows) - entropy_of_unseen(estimated, rows))


def _levels_of_one_row_joined(table: ContingencyTable) -> ContingencyTable | None:
    """Return the counts where all levels of x, and of y, that one row has are one level."""
    once = [counts == 1 for counts in (table.of_x, table.of_y)]
    if max(each.sum() for each in once) <= 1:
        return None
    sides = zip((table.x, table.y), once, strict=True)
    x, y = (
        np.unique(np.where(alone, -1, np.arange(len(alone))), return_inverse=True)[1][levels]
        for levels, alone in sides
    )
    return count_together(np.repeat(x, table.together), np.repeat(y, table.together))


def entropy_without_one(counts: Indices, entropy: Callable[[Array, Array], Array]) -> Array:
    """Return for every level the entropy without one row of it: ``(K,)``."""
    often, times = counts_of_counts(counts)
    each = np.arange(len(often))
    # A level fewer was seen so often, one more was seen once less.
    changed = np.tile(np.concatenate([times, np.zeros_like(times)]), (len(often), 1))
    changed[each, each] -= 1
    changed[each, len(often) + each] += 1
    entropies = entropy(np.concatenate([often, often - 1]), changed)
    # Levels that no row has are asked for by none.
    return entropies[np.minimum(np.searchsorted(often, counts), len(often) - 1)]


COUNT_METHODS = {
    name: Method(
        name,
        f"Of discrete columns: {first_line(entropy)}",
        "neither",
        partial(measure_by_counts, name),
    )
    for name, entropy in ENTROPIES.items()
}
"""The methods of discrete columns, by the name of the entropy that they are made of."""
