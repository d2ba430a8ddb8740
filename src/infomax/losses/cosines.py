"""Cosines of codes over a temperature, and the sums that losses make of them."""

import math

import torch
from torch import Tensor

from infomax.critics import unit_length
from infomax.losses.loss_terms import check_codes_of_pairs, check_positive

__all__ = ["cosines_over", "cosines_with_all", "divisor", "log_sum_exp_where"]


def cosines_over(x: Tensor, y: Tensor, temperature: float) -> Tensor:
    """Return cosines of all pairs over a temperature: ``(..., N, d)`` each -> ``(..., N, N)``.

    Raises:
        UserError: if the shapes differ, N is below 2, or the temperature is not above 0.

    Example:
        >>> cosines_over(torch.eye(2), 3 * torch.eye(2), temperature=0.5).tolist()
        [[2.0, 0.0], [0.0, 2.0]]
    """
    check_codes_of_pairs(x, y)
    check_positive(temperature=temperature)
    return (unit_length(x) / temperature) @ unit_length(y).mT


def cosines_with_all(codes: Tensor, temperature: float | Tensor) -> Tensor:
    """Return cosines of all codes over a temperature, minus infinity for each with itself.

    Sums of exponentials then leave it out, and send it no gradient.

    Args:
        codes: ``(..., M, d)``.
        temperature: what cosines are divided by; one that is learned is a tensor ``(...)``.

    Returns:
        ``(..., M, M)``, symmetric.
    """
    tau = divisor(temperature)
    # One array for both sides.
    scaled = unit_length(codes) / (tau.sqrt() if isinstance(tau, Tensor) else math.sqrt(tau))
    scores = scaled @ scaled.mT
    # Written beside autograd, which would copy the matrix: a softmax is 0 there, and its gradient.
    scores.detach().diagonal(dim1=-2, dim2=-1).fill_(-math.inf)
    return scores


def divisor(temperature: float | Tensor) -> float | Tensor:
    """Return a temperature as codes ``(..., M, d)`` are divided by it.

    Args:
        temperature: a number, or one that is learned, ``(...)``.

    Raises:
        UserError: if it is a number that is not above 0.
    """
    if isinstance(temperature, Tensor):
        return temperature[..., None, None]
    check_positive(temperature=temperature)
    return temperature


def log_sum_exp_where(scores: Tensor, mask: Tensor) -> Tensor:
    """Return the log of the sum of exponentials of some scores of each row.

    Args:
        scores: ``(..., M, M)``.
        mask: which scores; of a row without any the result is minus infinity, the gradient 0.

    Returns:
        ``(..., M)``.

    Example:
        >>> scores = torch.zeros(2, 2)
        >>> log_sum_exp_where(scores, torch.tensor([[True, False], [False, False]])).tolist()
        [0.0, -inf]
    """
    return torch.logsumexp(scores.masked_fill(~mask, -math.inf), dim=-1)
