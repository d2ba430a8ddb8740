r"""What fitting correlations does to Gaussian information on average, and its spread: both exact.

The scatter matrix of Gaussian rows is of a Wishart distribution of n degrees of freedom. Whatever
the correlations are, the expected logarithm of the determinant of d of its columns is that of the
truth and

.. math:: \sum_{i=0}^{d-1} \psi\Big(\frac{n - i}{2}\Big)

and a constant for each column, so that the bias of
:math:`-\frac{1}{2} \log (\det R / \det R_x \det R_y)` is known for every number of pairs.

Source: Goodman (1963) and Misra, Singh and Demchuk (2005), for the expectation; Anderson (2003),
theorem 9.3.2, for the distribution without dependence.
"""

import math

import numpy as np
from scipy import special

from infomax.estimation.arrays import Array

__all__ = ["expected_optimism", "variance_at_independence"]


def expected_optimism(degrees: float, x_size: int, y_size: int) -> float:
    r"""Return by how much Gaussian information that is fitted exceeds the truth on average.

    It is :math:`d_x d_y / 2n` for large n (Wilks, 1938), and the same whether x and y depend.

    Args:
        degrees: n, of the scatter matrix: one less than there are rows whose mean is fitted.
        x_size: dx.
        y_size: dy.

    Returns:
        nats; infinite where so few rows leave a determinant at 0.

    Example:
        >>> round(expected_optimism(999, 2, 3), 5), round(expected_optimism(99, 25, 25), 2)
        (0.00301, 4.34)
        >>> expected_optimism(20, 15, 15)
        inf
    """
    if degrees <= x_size + y_size - 1:
        return math.inf
    digammas: Array = special.digamma((degrees - np.arange(x_size + y_size)) / 2)
    return float(digammas[:x_size].sum() + digammas[:y_size].sum() - digammas.sum()) / 2


def variance_at_independence(degrees: float, x_size: int, y_size: int) -> float:
    r"""Return the variance of Gaussian information that is fitted to what does not depend.

    .. math:: \frac{1}{4} \sum_{i=0}^{d_y-1} \psi_1\Big(\frac{n - d_x - i}{2}\Big)
              - \psi_1\Big(\frac{n - i}{2}\Big)

    That of -1/2 times the logarithm of Wilks' lambda, a product of independent beta variables; it
    is :math:`d_x d_y / 2n^2` for large n.

    Args:
        degrees: n, as in `expected_optimism`.
        x_size: dx.
        y_size: dy.

    Returns:
        squared nats; infinite where so few rows leave a determinant at 0.

    Example:
        >>> round(variance_at_independence(999, 25, 25) ** 0.5, 3)
        0.018
    """
    if degrees <= x_size + y_size - 1:
        return math.inf
    halves = (degrees - np.arange(y_size)) / 2
    trigammas: Array = special.polygamma(1, halves - x_size / 2) - special.polygamma(1, halves)
    return float(trigammas.sum()) / 4
