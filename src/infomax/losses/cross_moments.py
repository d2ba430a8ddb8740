"""Sums of squares of covariances of codes, by whichever product is the smaller."""

import torch
from torch import Tensor

__all__ = ["squares_off_diagonal", "standardised"]

_AS_BATCH_NORM = 1e-5


def standardised(codes: Tensor) -> Tensor:
    """Return codes of mean 0 and variance 1 in each dimension, over the batch: ``(..., N, d)``.

    Variances are those of N, with 1e-5 added, as batch norm has them.
    """
    if codes.ndim == 2:
        # One kernel each way.
        normalised: Tensor = torch.nn.functional.batch_norm(
            codes, None, None, training=True, eps=_AS_BATCH_NORM
        )
        return normalised
    variance, mean = torch.var_mean(codes, dim=-2, correction=0, keepdim=True)
    return (codes - mean) * (variance + _AS_BATCH_NORM).rsqrt()


def squares_off_diagonal(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return, of :math:`C = x^\top y`, its diagonal and the squares beside it, summed by rows.

    .. math:: C_{kk}, \qquad \sum_{l \ne k} C_{kl}^2
              = \sum_n x_{nk} \big( y y^\top x \big)_{nk} - C_{kk}^2

    The right-hand side takes products of N x N instead of d x d: it is what is computed where d is
    more than 2 N, in a fraction of time and memory.

    Args:
        x: ``(..., N, d)``.
        y: ``(..., N, d)``.

    Returns:
        ``(..., d)`` each.

    Example:
        >>> y = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> diagonal, squares = squares_off_diagonal(torch.eye(2), y)
        >>> diagonal.tolist(), squares.tolist()
        ([1.0, 4.0], [4.0, 9.0])
    """
    rows, dimensions = x.shape[-2:]
    if dimensions > 2 * rows:
        diagonal = (x * y).sum(dim=-2)
        squares = (x * ((y @ y.mT) @ x)).sum(dim=-2)
        return diagonal, squares - diagonal.square()
    products = x.mT @ y
    diagonal = products.diagonal(dim1=-2, dim2=-1).clone()
    # Written beside autograd, which would copy the matrix: squares of 0 send no gradient.
    products.detach().diagonal(dim1=-2, dim2=-1).zero_()
    return diagonal, products.square().sum(dim=-1)
