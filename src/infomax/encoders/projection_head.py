"""What stands between code and critic in training, and is left out afterwards."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infomax.layers import dense

__all__ = ["ProjectionHead"]


class ProjectionHead(nn.Module):
    r"""Multi-layer perceptron with one hidden layer and ReLU.

    .. math:: h(z) = W_2 \, \mathrm{relu}(W_1 z + b_1) + b_2

    The critic sees what the head makes of a code, so the head may throw away what the bound has no
    use for (colour, position); the code before it keeps that, and is what probes and users take.

    Source: Chen, Kornblith, Norouzi and Hinton (2020), section 2.1 and section 4.2, where the code
    before the head does better by over 10 % in linear evaluation.

    Args:
        code_size: number of values in a code.
        generator: draws the weights, the hidden layer first.
        hidden_size: units in the hidden layer; ``None`` is as many as a code has values.
        output_size: number of values that the critic sees.

    Attributes:
        output_size: number of values that the critic sees.

    Example:
        >>> head = ProjectionHead(100, torch.Generator().manual_seed(0), output_size=64)
        >>> head(torch.zeros(5, 100)).shape
        torch.Size([5, 64])
    """

    def __init__(
        self,
        code_size: int,
        generator: torch.Generator,
        *,
        hidden_size: int | None = None,
        output_size: int = 128,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        hidden_size = code_size if hidden_size is None else hidden_size
        self.hidden = dense(code_size, hidden_size, generator)
        self.output = dense(hidden_size, output_size, generator)

    def forward(self, codes: Tensor) -> Tensor:
        """Project: ``(..., code_size)`` -> ``(..., output_size)``."""
        projected: Tensor = self.output(self.hidden(codes).relu())
        return projected

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, codes: Tensor) -> Tensor: ...  # noqa: D102
