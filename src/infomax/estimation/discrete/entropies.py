r"""Entropy of a discrete variable from how often each of its levels was seen, in nats.

Rare levels make the entropy of the shares themselves too small, that of the pairs most of all, and
information, :math:`H(X) + H(Y) - H(X, Y)`, too large. The corrections differ in what they make of
the levels that were not seen.

All take a sample as its *counts of counts*: ``times[..., j]`` levels were seen ``counts[j]`` times
each. Leading dimensions of ``times`` are samples of their own, so that all samples that lack a
single row cost one call. `plug_in_entropy` says what all take and return.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import digamma, hyperu, xlogy

from infomax.estimation.arrays import Array, Indices

__all__ = [
    "ENTROPIES",
    "chao_shen_entropy",
    "chao_wang_jost_entropy",
    "counts_of_counts",
    "entropy_of_unseen",
    "grassberger_entropy",
    "miller_madow_entropy",
    "plug_in_entropy",
    "share_of_unseen",
]

# A share of 1 would have an infinite logarithm where nothing is left to be seen.
_MOST_RARE = 1 - 1e-12
_TWICE = 2


def plug_in_entropy(counts: Array, times: Array) -> Array:
    r"""Entropy of the shares themselves.

    .. math:: \hat H = \log N - \frac{1}{N} \sum_i n_i \log n_i

    :math:`n_i` of N rows have level i. It is biased downwards by about the number of levels over
    2N, and by more where many levels were not seen.

    Args:
        counts: ``(M,)``; how often a level was seen, 0 among it or not.
        times: ``(..., M)``; how many levels were seen so often.

    Returns:
        ``(...)``, in nats.

    Example:
        >>> plug_in_entropy(np.array([500.0]), np.array([2.0])).round(3)  # log 2
        np.float64(0.693)
    """
    size = _size(counts, times)
    entropy: Array = np.log(size) - times @ xlogy(counts, counts) / size
    return entropy


def miller_madow_entropy(counts: Array, times: Array) -> Array:
    r"""Entropy of the shares, with the first term of its bias taken off.

    .. math:: \hat H = \hat H_\text{plug-in} + \frac{K - 1}{2N}

    K levels were seen. Levels that were not seen are not made up for.

    Source: Miller (1955).
    """
    seen = times @ (counts > 0).astype(np.float64)
    entropy: Array = plug_in_entropy(counts, times) + (seen - 1) / (2 * _size(counts, times))
    return entropy


def grassberger_entropy(counts: Array, times: Array) -> Array:
    r"""Entropy with a digamma in the place of each logarithm of a count.

    .. math:: \hat H = \log N - \frac{1}{N} \sum_i n_i G(n_i), \quad
              G(n) = \psi(n) + \frac{(-1)^n}{2}
              \left( \psi\!\left(\tfrac{n + 1}{2}\right) - \psi\!\left(\tfrac{n}{2}\right) \right)

    Its bias falls faster than the one of plug-in with the count of the rarest level.

    Source: Grassberger (2003), equations 28 and 30.
    """
    size = _size(counts, times)
    at_least_one = np.maximum(counts, 1)
    sign = np.where(counts % 2 == 0, 1, -1)
    halves = digamma((at_least_one + 1) / 2) - digamma(at_least_one / 2)
    entropy: Array = (
        np.log(size) - times @ (counts * (digamma(at_least_one) + sign * halves / 2)) / size
    )
    return entropy


def chao_shen_entropy(counts: Array, times: Array) -> Array:
    r"""Entropy of shares that leave room for what was not seen, each weighted by its being seen.

    .. math:: \hat H = - \sum_i \frac{\tilde p_i \log \tilde p_i}{1 - (1 - \tilde p_i)^N}, \quad
              \tilde p_i = \Big( 1 - \frac{f_1}{N} \Big) \frac{n_i}{N}

    :math:`f_1` levels were seen once: their share of the rows estimates the probability of all
    levels that were not seen (Good, 1953).

    Source: Chao and Shen (2003), equation 6.
    """
    size = _size(counts, times)[..., None]
    once = (times @ _ones(counts))[..., None]
    # Where all levels were seen once nothing would be left.
    covered = 1 - np.minimum(once, size - 1) / size
    shares = covered * counts / size
    # What was never seen adds nothing, and divides by nothing.
    shares = np.where(counts > 0, shares, 0.5)
    seen = -np.expm1(size * np.log1p(-np.minimum(shares, _MOST_RARE)))
    entropy: Array = -(times * (counts > 0) * xlogy(shares, shares) / seen).sum(axis=-1)
    return entropy


def chao_wang_jost_entropy(counts: Array, times: Array) -> Array:
    r"""Entropy from the rate at which new levels appear.

    .. math:: \hat H = \sum_i \frac{n_i}{N} \big( \psi(N) - \psi(n_i) \big)
              + \frac{f_1}{N} (1 - A)^{1 - N}
              \Big( - \log A - \sum_{r=1}^{N-1} \frac{(1 - A)^r}{r} \Big), \quad
              A = \frac{2 f_2}{(N - 1) f_1 + 2 f_2}

    The first sum is free of bias for what levels that were seen tell; the rest is what the unseen
    add, whose mean share A is estimated from the :math:`f_1` levels seen once and the :math:`f_2`
    seen twice. Where none was seen twice, :math:`A = 2 / ((N - 1)(f_1 - 1) + 2)`.

    Source: Chao, Wang and Jost (2013), equation 3.
    """
    size = _size(counts, times)
    of_seen = digamma(size) - times @ (counts * digamma(np.maximum(counts, 1))) / size
    unseen = times @ _ones(counts) / size
    entropy: Array = of_seen + unseen * entropy_of_unseen(share_of_unseen(counts, times), size)
    return entropy


def share_of_unseen(counts: Array, times: Array) -> Array:
    """Return A, the mean share of levels seen once and of those not seen; see above.

    Args:
        counts: ``(M,)``; how often a level was seen.
        times: ``(..., M)``; how many levels were seen so often.
    """
    once, twice = times @ _ones(counts), times @ (counts == _TWICE).astype(np.float64)
    once = np.where(twice > 0, once, np.maximum(once - 1, 0))
    doubled = np.where(twice > 0, 2 * twice, 2)
    share = doubled / ((_size(counts, times) - 1) * once + doubled)
    below_one: Array = np.minimum(share, _MOST_RARE)
    return below_one


def entropy_of_unseen(share: Array, size: Array) -> Array:
    r"""Return the factor of :math:`f_1 / N` above, without a loss of digits, in nats.

    With :math:`q = 1 - A` it is :math:`\int_0^\infty q e^{-N t} / (1 - q e^{-t}) dt`, and with
    :math:`a = - \log q`

    .. math:: \frac{1}{1 - e^{-(a + t)}}
              = \frac{1}{a + t} + \frac{1}{2} + \frac{a + t}{12} + O\big( (a + t)^3 \big).

    The first of these integrates to :math:`e^{N a} E_1(N a)`, which is Tricomi's U(1, 1, N a).

    Args:
        share: A.
        size: N, of 50 rows or more: the next term is then below all that matters.
    """
    rate = -np.log1p(-share)
    series = 1 / (2 * size) + (rate / size + 1 / size**2) / 12
    factor: Array = (1 - share) * (hyperu(1, 1, size * rate) + series)
    return factor


def counts_of_counts(counts: Indices) -> tuple[Array, Array]:
    """Return how often levels were seen, and how many were seen so often; of 0 nothing is said.

    Example:
        >>> counts_of_counts(np.array([3, 1, 1, 0]))
        (array([1., 3.]), array([2., 1.]))
    """
    often, times = np.unique(counts[counts > 0], return_counts=True)
    return often.astype(np.float64), times.astype(np.float64)


def _ones(counts: Array) -> Array:
    ones: Array = (counts == 1).astype(np.float64)
    return ones


def _size(counts: Array, times: Array) -> Array:
    size: Array = times @ counts
    return size


Entropy: TypeAlias = Callable[[Array, Array], Array]

ENTROPIES: dict[str, Entropy] = {
    "plug-in": plug_in_entropy,
    "miller-madow": miller_madow_entropy,
    "grassberger": grassberger_entropy,
    "chao-shen": chao_shen_entropy,
    "chao-wang-jost": chao_wang_jost_entropy,
}
