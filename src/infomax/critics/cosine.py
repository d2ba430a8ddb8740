"""The critic of contrastive learning: the cosine of the codes over a temperature."""

import math

import torch
from torch import Tensor

from infomax.critics.critic import FactoredCritic
from infomax.errors import UserError

__all__ = ["CosineCritic", "unit_length"]

_SHORTEST = 1e-12


class CosineCritic(FactoredCritic):
    r"""Scores by the cosine over a temperature, :math:`x^\top y / (\tau |x| |y|)`.

    Scores lie within 1 / temperature of 0, so InfoNCE, which cannot exceed the log of the batch
    size, cannot exceed 2 / temperature nats either: 20 at 0.1. A code of zeros has cosine 0 with
    every other, and gets no gradient.

    Source: Chen, Kornblith, Norouzi and Hinton (2020), section 2.1 (there NT-Xent, which also sets
    x against x); temperature of its table 5.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: not drawn from; every critic is made alike.
        temperature: what cosines are divided by.

    Raises:
        UserError: if the codes differ in size, or the temperature is not above 0.

    Example:
        >>> critic = CosineCritic(2, 2, torch.Generator(), temperature=0.5)
        >>> critic
        CosineCritic(temperature=0.5)
        >>> critic(torch.eye(2), torch.tensor([[3.0, 0.0], [0.0, -7.0]])).tolist()
        [[2.0, 0.0], [0.0, -2.0]]
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,  # noqa: ARG002
        *,
        temperature: float = 0.1,
    ) -> None:
        super().__init__()
        if x_size != y_size:
            raise UserError(f"the cosine critic needs codes of one size, not {x_size} and {y_size}")
        if not 0 < temperature < math.inf:
            raise UserError(f"temperature is {temperature}: give a number above 0, such as 0.1")
        self.temperature = temperature
        self.largest_score = 1 / temperature

    def extra_repr(self) -> str:
        """Return its setting, which PyTorch shows between the brackets."""
        return f"temperature={self.temperature}"

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, d)`` and ``(..., N, d)`` -> ``(..., N, d)`` each."""
        return unit_length(x) / self.temperature, unit_length(y)


def unit_length(codes: Tensor) -> Tensor:
    """Return codes divided by their length; those shorter than 1e-12 become zeros.

    Half precision is computed and returned in float32: squares of 300 overflow float16, and 1e-12,
    which keeps others' normalisations from dividing by zero, is itself zero there. Zeros get a
    gradient of zero, where a least length to divide by would give one of 1e12.

    Args:
        codes: ``(..., d)``.

    Example:
        >>> unit_length(torch.tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    codes = codes.to(torch.promote_types(codes.dtype, torch.float32))
    length = torch.linalg.vector_norm(codes, dim=-1, keepdim=True)
    of_unit_length: Tensor = codes / length.where(length > _SHORTEST, math.inf)
    return of_unit_length
