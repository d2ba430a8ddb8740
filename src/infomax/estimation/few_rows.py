r"""Where an interval ends if rows are few: 50 to 1,000 of them.

Of many rows an estimate is normal, and how it scatters is known. Of few it is neither:

- what scatters grows with the information, and an estimate that is too low by chance also says of
  itself that it is surer than it is. So at the upper end it is as large as it would be if that were
  the information:

  .. math:: I - \hat I = t \sqrt{\hat\sigma^2 + (v(I) - v(\hat I)) / n}, \quad
            v(I) = k (1 - e^{-2 I / k})

  with v the variance of the log density ratio of a Gaussian of k equal canonical correlations, n
  the rows less one for each column and one more, and t the quantile of Student's distribution.
  The spread of log density ratios is itself too small, because ranks have no tails and degrees of
  freedom are fitted too: by as much as ten rows fewer make up for (docs/results.md);
- no test of so few rows can tell which family they are of. So where a copula is claimed the
  interval also holds what nearest neighbours leave possible, which assume none.

Source: Wilson (1927), for spread that is taken at the end of an interval; Gelfand and Yaglom
(1959), for v.
"""

import math

from scipy import optimize, stats

from infomax.estimation.result import Interval
from infomax.estimation.sample_size import SampleSizeCurve

__all__ = ["FEW_ROWS", "error_of_few_rows", "interval_of_few_rows", "reach_of_neighbours"]

FEW_ROWS = 1000
"""Fewer rows than this are few."""

_FEWEST_DEGREES = 3
_ROWS_OF_FITTING = 10
# Beyond what any interval reaches that is not infinite.
_MOST_NATS = 1e6


def error_of_few_rows(error: float, rows: int, columns: int) -> tuple[float, float]:
    """Return a standard error as few rows have it, and the degrees of freedom of its quantiles.

    Args:
        error: as if rows were many.
        rows: N.
        columns: dx + dy.
    """
    degrees = max(rows - columns - 1, _FEWEST_DEGREES)
    worth = max(degrees - _ROWS_OF_FITTING, _FEWEST_DEGREES)
    return error * math.sqrt(rows / worth), degrees


def interval_of_few_rows(
    value: float, error: float, tails: tuple[float, float], rows: int, sizes: tuple[int, int]
) -> Interval:
    """Return the interval of a copula's information, without an end where no tail is left.

    Args:
        value: the estimate, in nats.
        error: its standard error, as if rows were many.
        tails: quantiles at which the interval ends; 0 and 1 for no end.
        rows: N.
        sizes: dx and dy.

    Example:
        >>> low, high = interval_of_few_rows(0.15, 0.06, (0.025, 0.975), 50, (1, 1))
        >>> round(low, 2), round(high, 2)  # of many rows 0.03 and 0.27
        (0.01, 0.35)
    """
    error, degrees = error_of_few_rows(error, rows, sum(sizes))
    equal = min(sizes)

    def beyond(information: float) -> float:
        at_value, at_end = (math.exp(-2 * max(each, 0) / equal) for each in (value, information))
        grown = equal * (at_value - at_end)
        return information - value - quantile * math.sqrt(error**2 + grown / degrees)

    low, high = tails
    law = stats.t(degrees)
    quantile = float(law.ppf(high))
    return Interval(
        -math.inf if low == 0 else value + float(law.ppf(low)) * error,
        math.inf if high == 1 else float(optimize.brentq(beyond, value, _MOST_NATS)),
    )


def reach_of_neighbours(curve: SampleSizeCurve, error: float, tail: float) -> float:
    """Return up to where nearest neighbours leave the information possible, in nats.

    Args:
        curve: of their estimates from quarters, halves and all of the pairs.
        error: standard error of the estimate from all.
        tail: quantile at which it ends.
    """
    scatters = math.hypot(error, curve.step_error)
    return curve.values[-1] + float(stats.norm.ppf(tail)) * scatters + max(curve.drift(error), 0.0)
