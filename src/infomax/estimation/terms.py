"""Estimates that are a mean of one term for each pair, and the one that everyone makes first."""

import itertools
import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import stats

from infomax.errors import UserError, advice, choosing
from infomax.estimation.arrays import Array, Indices
from infomax.estimation.diagnostics import warnings_of_atoms
from infomax.estimation.few_rows import FEW_ROWS, error_of_few_rows
from infomax.estimation.neighbours.space import neighbour_space
from infomax.estimation.permutation import (
    MOST_PAIRS_REPEATED,
    combine_tests,
    permute_and_repeat,
    variance_of_broken_pairs,
)
from infomax.estimation.result import Interval, MIResult, tails_of
from infomax.estimation.row_tests import run_row_tests
from infomax.estimation.rows import IndependentRows, RowOrder
from infomax.estimation.samples import PairedSamples
from infomax.estimation.task import EstimationTask, Method

__all__ = [
    "HISTOGRAM",
    "first_line",
    "histogram_terms",
    "interval_around",
    "interval_of_terms",
    "measure_by_terms",
    "refuse_continuous",
    "refuse_discrete",
]

_ROUNDING = 1e-9
_PAIRS_IN_CELL = 5
_MOST_COLUMNS = 4
_INDEPENDENT = IndependentRows()


def measure_by_terms(
    method: str,
    terms_of: Callable[[Array, Array], Array],
    task: EstimationTask,
    reason: str,
    *,
    continuous: bool,
    space: Callable[[PairedSamples, np.random.Generator], tuple[Array, Array]] = neighbour_space,
    of_permuted: Callable[[Array, Array], Array] | None = None,
) -> MIResult:
    """Estimate by a mean of one term for each pair.

    Args:
        method: its name.
        terms_of: from x and y to the terms, in nats.
        task: the pairs and settings.
        reason: why this method.
        continuous: whether the method assumes that no value has positive probability.
        space: from the pairs to x and y, in which terms are made.
        of_permuted: cheaper terms, of which the mean is as good for the test; by default the same.

    Raises:
        UserError: if it does and a column is discrete.
    """
    settings, samples = task.settings, task.samples
    if continuous:
        refuse_discrete(method, samples)
    generator = task.generator()
    x, y = space(samples, generator)
    terms = task.rows.terms(terms_of, x, y)
    repeated_terms = terms_of if of_permuted is None else of_permuted

    def estimate(x: Array, y: Array) -> float:
        settings.progress.advance(next(calls))
        return float(repeated_terms(x, y).mean())

    settings.progress.start("repeating the estimate on permuted pairs", settings.permutations)
    calls = itertools.count()
    repeated = permute_and_repeat(estimate, x, y, settings.permutations, generator, task.rows)
    task.note_part("repeats of permuted pairs", min(len(x), MOST_PAIRS_REPEATED))
    value = float(terms.mean())
    interval = interval_of_terms(
        value,
        terms,
        settings.confidence,
        # Terms of pairs that are close are not independent: they count the same neighbours.
        second_order=variance_of_broken_pairs(estimate, x, y, generator, task.rows),
        rows=task.rows,
        columns=len(samples.columns),
    )
    if np.abs(terms).max() < _ROUNDING:
        # Each level is that of one row: that it says nothing of another is no certainty.
        interval = Interval(0.0, math.log(len(terms)))
    test = combine_tests([repeated, *run_row_tests(task, x, y, generator)])
    warnings = warnings_of_atoms(method, samples) if continuous else ()
    return task.result(method, reason, test, value=value, interval=interval, warnings=warnings)


def interval_of_terms(
    value: float,
    terms: Array,
    confidence: float,
    *,
    second_order: float = 0.0,
    rows: RowOrder = _INDEPENDENT,
    columns: int = 0,
) -> Interval:
    r"""Return the normal interval of an estimate that is a mean of one term for each pair.

    The log density ratio less the information is the influence function of the information, so the
    variance of the terms over N is that of any estimate that is efficient. At independence it
    vanishes, and what is left is of second order: it is given, and added.

    Args:
        value: the estimate, in nats.
        terms: ``(N,)``, in nats.
        confidence: of the interval.
        second_order: variance of the estimate when nothing depends, in nats squared.
        rows: by which the mean of the terms scatters.
        columns: dx + dy, of methods whose terms scatter more than they tell where rows are few.
    """
    spread = rows.spread(terms)
    error = math.sqrt(spread.variance / len(terms) + second_order)
    tails = tails_of("neither", confidence)
    if columns and len(terms) < FEW_ROWS and rows.exchangeable:
        error, degrees = error_of_few_rows(error, len(terms), columns)
        return interval_around(value, error, tails, stats.t(degrees).ppf)
    return interval_around(value, error, tails, spread.quantile)


def interval_around(
    value: float, error: float, tails: tuple[float, float], quantile: Callable[[float], float]
) -> Interval:
    """Return the interval of a reading of known error, without an end where no tail is left.

    Args:
        value: the reading, in nats.
        error: its standard error.
        tails: quantiles at which the interval ends; 0 and 1 for no end.
        quantile: of how the reading scatters, in standard errors.

    Example:
        >>> from scipy import stats
        >>> interval_around(0.5, 0.1, tails_of("lower bound", 0.95), stats.norm.ppf).told()
        '[0.336, ∞)'
    """
    low, high = tails
    return Interval(
        -math.inf if low == 0 else value + quantile(low) * error,
        math.inf if high == 1 else value + quantile(high) * error,
    )


def refuse_discrete(method: str, samples: PairedSamples) -> None:
    """Refuse discrete columns on behalf of a method that is for continuous ones.

    Raises:
        UserError: if a column is discrete.
    """
    discrete = [column.name for column in samples.columns if column.discrete]
    if discrete:
        raise UserError(
            f"method {method} needs continuous columns and {', '.join(discrete)} is discrete: "
            f"choose {choosing('method', 'mixed-ksg-1', 'auto')}, "
            f"or say {advice('discrete=[]', '--continuous')} if whole numbers are points on a scale"
        )


def refuse_continuous(method: str, samples: PairedSamples) -> None:
    """Refuse continuous columns on behalf of a method that counts levels.

    Raises:
        UserError: if a column is continuous.
    """
    continuous = [column.name for column in samples.columns if not column.discrete]
    if continuous:
        raise UserError(
            f"method {method} counts levels and {', '.join(continuous)} is continuous: choose "
            f"{choosing('method', 'mixed-ksg-1', 'auto')}, or "
            f"declare what has levels with {advice('discrete=[...]', '--discrete COLUMNS')}"
        )


def first_line(documented: object) -> str:
    """Return the first line of a docstring, which describes a method in a list."""
    return (documented.__doc__ or "").partition("\n")[0].replace("``", "")


def histogram_terms(x: Array, y: Array) -> Array:
    r"""Information between bins of equal count, one term for each pair, in nats.

    .. math:: \hat I = \frac{1}{N} \sum_i \log \frac{N n_{xy}(i)}{n_x(i) n_y(i)}
              - \frac{(K_{xy} - K_x - K_y + 1)}{2N}

    :math:`n(i)` counts the pairs in the cell of pair i, K the cells that hold any; the last term
    corrects the mean of the first (Miller, 1955). Every column is cut into as many bins as leave
    five pairs in a cell of the joint space. Binning only loses information, so it is biased
    downwards where dependence is finer than the bins.

    Source: Miller (1955); Roulston (1999), equation 27.

    Args:
        x: ``(N, dx)``.
        y: ``(N, dy)``.

    Returns:
        The terms, ``(N,)``; their mean is the estimate.

    Raises:
        UserError: if there are more than four columns in all: cells would be empty.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(4000, 1))
        >>> bool(histogram_terms(x, x).mean() > 3)
        True
    """
    columns = x.shape[1] + y.shape[1]
    if columns > _MOST_COLUMNS:
        raise UserError(
            f"a histogram of {columns} columns: give at most {_MOST_COLUMNS} in all, or choose "
            "another method"
        )
    # A root that is whole may come out a little below it.
    bins = max(2, int((len(x) / _PAIRS_IN_CELL) ** (1 / columns) + 1e-9))
    of_x, of_y = _cells(_binned(x, bins)), _cells(_binned(y, bins))
    both = _cells(np.column_stack([of_x, of_y]))
    in_x, in_y, in_both = (np.bincount(cells) for cells in (of_x, of_y, both))
    correction = (len(in_both) - len(in_x) - len(in_y) + 1) / (2 * len(x))
    terms: Array = np.log(len(x) * in_both[both] / (in_x[of_x] * in_y[of_y])) - correction
    return terms


def _binned(values: Array, bins: int) -> Indices:
    """Return the bin of every value, by mid-rank; equal values share a bin: ``(N, d)``."""
    binned = np.empty(values.shape, dtype=np.int64)
    for index, column in enumerate(values.T):
        ordered = np.sort(column)
        below = np.searchsorted(ordered, column, side="left")
        not_above = np.searchsorted(ordered, column, side="right")
        binned[:, index] = (below + not_above - 1) * bins // (2 * len(column))
    return binned


def _cells(binned: Indices) -> Indices:
    """Number the cells that hold anything: ``(N, d)`` -> ``(N,)``."""
    return np.unique(binned, axis=0, return_inverse=True)[1].reshape(-1)


HISTOGRAM = Method(
    "histogram",
    first_line(histogram_terms),
    "neither",
    partial(measure_by_terms, "histogram", histogram_terms, continuous=False),
)
