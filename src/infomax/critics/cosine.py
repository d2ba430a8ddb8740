"""The critic of contrastive learning: the cosine over a temperature, which may be learned."""

import math

import torch
from torch import Tensor, nn

from infomax.critics.critic import FactoredCritic
from infomax.errors import UserError

__all__ = ["CosineCritic", "unit_length"]

_SHORTEST = 1e-12
_LARGEST_SCALE = 100.0


class CosineCritic(FactoredCritic):
    r"""Scores by the cosine over a temperature, :math:`x^\top y / (\tau |x| |y|)`.

    Scores lie within 1 / temperature of 0, so InfoNCE, which cannot exceed the log of the batch
    size, cannot exceed 2 / temperature nats either: 20 at 0.1. A code of zeros has cosine 0 with
    every other, and gets no gradient.

    A temperature that is learned is trained with the model as one number, the logarithm of
    1 / temperature, which after each update is brought back to at most log 100: scores then lie
    within 100 of 0, and a temperature does not fall below 0.01.

    Source: Chen, Kornblith, Norouzi and Hinton (2020), section 2.1 (there NT-Xent, which also sets
    x against x); temperature of its table 5. Learned: Radford et al. (2021), section 2.4 and figure
    3, who begin at 0.07.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: not drawn from; every critic is made alike.
        temperature: what cosines are divided by; where it is learned, what it begins with.
        learn_temperature: whether the temperature is trained.

    Raises:
        UserError: if the codes differ in size, the temperature is not above 0, or one that is
            learned is below 0.01.

    Example:
        >>> critic = CosineCritic(2, 2, torch.Generator(), temperature=0.5)
        >>> critic
        CosineCritic(temperature=0.5)
        >>> critic(torch.eye(2), torch.tensor([[3.0, 0.0], [0.0, -7.0]])).tolist()
        [[2.0, 0.0], [0.0, -2.0]]
        >>> learned = CosineCritic(2, 2, torch.Generator(), learn_temperature=True)
        >>> learned.largest_score, [name for name, _ in learned.named_parameters()]
        (100.0, ['log_scale'])
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,  # noqa: ARG002
        *,
        temperature: float = 0.1,
        learn_temperature: bool = False,
    ) -> None:
        super().__init__()
        if x_size != y_size:
            raise UserError(f"the cosine critic needs codes of one size, not {x_size} and {y_size}")
        if not 0 < temperature < math.inf:
            raise UserError(f"temperature is {temperature}: give a number above 0, such as 0.1")
        self.learns_temperature = learn_temperature
        if not learn_temperature:
            self._temperature = temperature
            self.largest_score = 1 / temperature
            return
        if temperature < 1 / _LARGEST_SCALE:
            raise UserError(
                f"temperature is {temperature}, and one that is learned does not fall below "
                f"{1 / _LARGEST_SCALE:g}: begin with more, such as 0.07"
            )
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))
        self.largest_score = _LARGEST_SCALE

    @property
    def temperature(self) -> float:
        """What cosines are divided by, as it is now."""
        if self.learns_temperature:
            return math.exp(-self.log_scale.item())
        return self._temperature

    def extra_repr(self) -> str:
        """Return its setting, which PyTorch shows between the brackets."""
        learned = ", learned" if self.learns_temperature else ""
        return f"temperature={self.temperature:.4g}{learned}"

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, d)`` and ``(..., N, d)`` -> ``(..., N, d)`` each."""
        if self.learns_temperature:
            return unit_length(x) * self.log_scale.exp(), unit_length(y)
        return unit_length(x) / self._temperature, unit_length(y)

    @torch.no_grad()
    def constrain(self) -> None:
        """Bring a learned temperature that fell below 0.01 back to it."""
        if self.learns_temperature:
            self.log_scale.clamp_(max=math.log(_LARGEST_SCALE))


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
