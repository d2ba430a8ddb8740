"""The critic without parameters: the inner product of the codes."""

import torch
from torch import Tensor

from infomax.critics.critic import FactoredCritic
from infomax.errors import UserError

__all__ = ["InnerProductCritic"]


class InnerProductCritic(FactoredCritic):
    r"""Scores by :math:`f(x, y) = x^\top y`.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: not drawn from; every critic is made alike.

    Raises:
        UserError: if the codes differ in size.

    Example:
        >>> critic = InnerProductCritic(2, 2, torch.Generator())
        >>> critic(torch.eye(2), torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 3.0], [2.0, 4.0]]
    """

    def __init__(self, x_size: int, y_size: int, generator: torch.Generator) -> None:  # noqa: ARG002
        super().__init__()
        if x_size != y_size:
            raise UserError(
                f"the inner-product critic needs codes of one size, not {x_size} and {y_size}"
            )

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, d)`` and ``(..., N, d)`` -> ``(..., N, d)`` each."""
        return x, y
