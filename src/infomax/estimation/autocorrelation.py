"""How long rows in time remember: autocorrelation, and the length of blocks that holds it."""

import math

import numpy as np
from scipy import signal

from infomax.estimation.arrays import Array

__all__ = ["autocorrelations", "block_length", "memory_of"]

_CRITICAL = 2.0
_FEWEST_SMALL = 5
_MOST_MEMORY = 10
_MOST_BLOCK = 4


def autocorrelations(series: Array) -> Array:
    r"""Return how each series correlates with itself at every lag from 0 to N - 1: ``(N, d)``.

    .. math:: \rho(k) = \frac{\sum_t (s_t - \bar s)(s_{t + k} - \bar s)}{\sum_t (s_t - \bar s)^2}

    A constant series correlates with itself at lag 0 alone.

    Args:
        series: ``(N, d)``, rows in order of time.

    Example:
        >>> autocorrelations(np.array([[1.0], [-1.0], [1.0], [-1.0]]))[:, 0].tolist()
        [1.0, -0.75, 0.5, -0.25]
    """
    centred = series - series.mean(axis=0)
    size = len(series)
    sums = np.column_stack(
        [signal.correlate(each, each, method="fft")[size - 1 :] for each in centred.T]
    )
    constant = sums[0] <= np.finfo(np.float64).eps * size * (series**2).mean(axis=0)
    correlations: Array = np.where(constant, 0.0, sums / np.where(constant, 1.0, sums[0]))
    correlations[0] = 1.0
    return np.round(correlations, 12)


def memory_of(correlations: Array) -> int:
    r"""Return the lag after which no series resembles itself beyond chance, at most N / 10.

    It is the smallest m after which the next autocorrelations, at least five, lie all within
    :math:`2 \sqrt{\log_{10} N / N}`; of several series the largest.

    Source: Politis (2003), the empirical rule of section 2; Politis and White (2004), footnote c.

    Args:
        correlations: ``(N, d)``, as of `autocorrelations`.
    """
    size = len(correlations)
    run = max(_FEWEST_SMALL, math.ceil(math.sqrt(math.log10(size))))
    most = max(size // _MOST_MEMORY, 1)
    small = np.abs(correlations[1 : most + run]) < _CRITICAL * math.sqrt(math.log10(size) / size)
    of_each = []
    for each in small.T:
        runs = np.convolve(each, np.ones(run), mode="valid") == run
        of_each.append(int(runs.argmax()) if runs.any() else most)
    return max(of_each)


def block_length(series: Array) -> int:
    r"""Return the length of circular blocks that Politis and White choose for the mean of a series.

    .. math:: b = \Big( \frac{2 G^2}{D} N \Big)^{1/3}, \quad
              G = \sum_k \lambda(k / M) \, |k| \, R(k), \quad
              D = \frac{4}{3} \Big( \sum_k \lambda(k / M) R(k) \Big)^2

    R are autocovariances, M is twice `memory_of` the series, and the weights :math:`\lambda(t)` are
    1 up to t = 1/2 and fall to 0 at 1. It is at most a quarter of the rows, and 1 for rows that
    remember nothing.

    Source: Politis and White (2004), section 3.2, as corrected by Patton, Politis and White (2009).

    Args:
        series: ``(N,)``, in order of time.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> noise = generator.standard_normal(4000)
        >>> block_length(noise) < 5 < 40 < block_length(signal.lfilter([1], [1, -0.9], noise)) < 120
        True
    """
    size = len(series)
    correlations = autocorrelations(series[:, None])
    memory = memory_of(correlations)
    if not memory:
        return 1
    widest = min(2 * memory, size - 1)
    lags = np.arange(1, widest + 1)
    weighted = np.clip(2 * (1 - lags / widest), 0, 1) * correlations[1 : widest + 1, 0]
    slope, density = 2 * float((lags * weighted).sum()), 1 + 2 * float(weighted.sum())
    most = max(size // _MOST_BLOCK, 1)
    if density <= 0:
        return min(memory, most)
    length: int = math.ceil((2 * slope**2 / (4 / 3 * density**2) * size) ** (1 / 3))
    return min(max(length, 1), most)
