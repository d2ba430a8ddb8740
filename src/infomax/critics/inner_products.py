"""Critics whose scores are inner products of what is made of each code by itself.

- The critic without parameters: the inner product of the codes.
- The bilinear critic: one matrix between the codes.
- The separable critic: one small network for each side.

The cosine over a temperature has a file of its own.
"""

import torch
from torch import Tensor, nn

from infomax.critics.critic import FactoredCritic
from infomax.errors import UserError
from infomax.layers import dense

__all__ = [
    "BilinearCritic",
    "InnerProductCritic",
    "SeparableCritic",
]


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


class BilinearCritic(FactoredCritic):
    r"""Scores by :math:`f(x, y) = x^\top W y` with a Glorot-uniform W and no bias.

    Source: van den Oord, Li and Vinyals (2018), equation 3.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: draws W.

    Example:
        >>> critic = BilinearCritic(3, 5, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 3), torch.ones(4, 5)).shape
        torch.Size([4, 4])
    """

    def __init__(self, x_size: int, y_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.product = dense(y_size, x_size, generator, bias=False)

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, dx)`` each."""
        return x, self.product(y)


class SeparableCritic(FactoredCritic):
    r"""Scores by :math:`f(x, y) = \phi_1(x)^\top \phi_2(y)`.

    Each :math:`\phi` has one hidden layer with ReLU.

    Source: Tschannen et al. (2020), section 3.2.

    Args:
        x_size: values in a code of x.
        y_size: values in a code of y.
        generator: draws the weights of x's network, then of y's.
        hidden_size: units in the hidden layer of each network.
        output_size: outputs of each network.

    Example:
        >>> critic = SeparableCritic(3, 5, torch.Generator().manual_seed(0))
        >>> critic(torch.ones(4, 3), torch.ones(4, 5)).shape
        torch.Size([4, 4])
    """

    def __init__(
        self,
        x_size: int,
        y_size: int,
        generator: torch.Generator,
        *,
        hidden_size: int = 100,
        output_size: int = 100,
    ) -> None:
        super().__init__()

        def network(inputs: int) -> nn.Sequential:
            return nn.Sequential(
                dense(inputs, hidden_size, generator),
                nn.ReLU(),
                dense(hidden_size, output_size, generator),
            )

        self.x_network = network(x_size)
        self.y_network = network(y_size)

    def factors(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return u and v: ``(..., N, dx)`` and ``(..., N, dy)`` -> ``(..., N, d)`` each."""
        return self.x_network(x), self.y_network(y)
