"""Joint covariances of x and y: what one must be, and the correlations of known structure."""

import reprlib
from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["Covariance", "check_covariance", "equicorrelation", "paired_correlation"]

Covariance: TypeAlias = tuple[tuple[float, ...], ...]
"""Rows of the covariance of x and y together, the values of x before those of y."""


def equicorrelation(size: int, correlation: float) -> Covariance:
    r"""Return the covariance under which any two of all values are equally correlated.

    .. math:: \Sigma = (1 - \rho) I + \rho 1 1^\top

    Source: Czyż et al. (2023), section 3 ("dense" interactions).

    Args:
        size: number of values of x and y together.
        correlation: of any two values, :math:`\rho`; all variances are 1.

    Returns:
        ``size`` rows of as many numbers.

    Example:
        >>> equicorrelation(3, 0.5)
        ((1.0, 0.5, 0.5), (0.5, 1.0, 0.5), (0.5, 0.5, 1.0))
    """
    return tuple(
        tuple(1.0 if row == column else correlation for column in range(size))
        for row in range(size)
    )


def paired_correlation(x_size: int, y_size: int, correlations: Sequence[float]) -> Covariance:
    r"""Return the covariance under which the first values of x and y are correlated in pairs.

    .. math:: \mathrm{var}(X_i) = \mathrm{var}(Y_i) = 1, \quad \mathrm{cov}(X_i, Y_i) = \rho_i,
              \quad \text{all else } 0

    These are canonical correlations, so any normal distribution is one of these but for a linear
    map of x and one of y; without any, all values are independent.

    Source: Hotelling (1936); Czyż et al. (2023), section 3 ("sparse" interactions).

    Args:
        x_size: number of values in an x.
        y_size: number of values in a y.
        correlations: :math:`\rho_i` of as many pairs, at most as there are values on either side.

    Returns:
        ``x_size + y_size`` rows of as many numbers.

    Raises:
        UserError: if there are more correlations than pairs.

    Example:
        >>> paired_correlation(2, 1, [0.8])
        ((1.0, 0.0, 0.8), (0.0, 1.0, 0.0), (0.8, 0.0, 1.0))
    """
    if len(correlations) > min(x_size, y_size):
        raise UserError(
            f"{len(correlations)} correlations between {x_size} values of x and {y_size} of y: "
            f"give at most {min(x_size, y_size)}"
        )
    rows = torch.eye(x_size + y_size, dtype=torch.float64)
    for index, correlation in enumerate(correlations):
        rows[index, x_size + index] = rows[x_size + index, index] = correlation
    return tuple(map(tuple, rows.tolist()))


def check_covariance(covariance: Covariance, x_size: int, what: str) -> None:
    """Refuse what is no covariance of an x and a y together.

    Args:
        covariance: rows that are to be symmetric and positive definite.
        x_size: number of values in an x; the other values are those of a y.
        what: what the error says that it is about.

    Raises:
        UserError: if the rows are not symmetric and positive definite, or do not leave at least
            one value for x and one for y.

    Example:
        >>> check_covariance(((1, 2), (2, 1)), 1, "the covariance")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: the covariance is ((1, 2), (2, 1)): give a symmetric, positive ...
    """
    size = len(covariance)
    square = all(len(row) == size for row in covariance)
    if not square or not _is_positive_definite(torch.tensor(covariance, dtype=torch.float64)):
        raise UserError(
            f"{what} is {reprlib.repr(covariance)}: give a symmetric, positive definite matrix of "
            "finite numbers"
        )
    if not 0 < x_size < size:
        raise UserError(
            f"{what} is of {size} values, of which {x_size} are to be x: leave at least 1 for x "
            "and 1 for y"
        )


def _is_positive_definite(matrix: Tensor) -> bool:
    if not matrix.isfinite().all() or not torch.equal(matrix, matrix.T):
        return False
    _, failed_at = torch.linalg.cholesky_ex(matrix)
    return not failed_at
