"""The projection head: what stands between codes and critic in training alone."""

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.layers import BatchNorm, dense

__all__ = ["ProjectionHead"]


class ProjectionHead(nn.Module):
    r"""Projects codes for the critic, by a perceptron with ReLU after each hidden layer.

    .. math:: h(z) = W_L \, \mathrm{relu}(\dots \mathrm{relu}(W_1 z + b_1) \dots) + b_L

    The critic sees what the head makes of a code, so the head may throw away what the bound has no
    use for (colour, position); the code before it keeps that, and is what probes and users take.
    With batch norm each hidden layer is normalised over the batch before its ReLU, and has no bias
    of its own. A batch norm is computed over a batch that several processes share, and over the
    codes of all views where these are encoded a few at a time.

    Source: Chen, Kornblith, Norouzi and Hinton (2020), section 2.1 and section 4.2, where the code
    before the head does better by over 10 % in linear evaluation; with batch norm Grill et al.
    (2020), section 3.3, and Zbontar et al. (2021), section 2.2 (three layers).

    Args:
        code_size: number of values in a code.
        generator: draws the weights, the first layer first.
        output_size: number of values that the critic sees.
        hidden_sizes: units in each hidden layer; ``None`` is one with as many as a code has values,
            and none at all makes the head linear.
        batch_norm: whether hidden layers are normalised over the batch.

    Attributes:
        output_size: number of values that the critic sees.

    Raises:
        UserError: if a size is below 1, or there is no hidden layer that could be normalised.

    Example:
        >>> drawn = torch.Generator().manual_seed(0)
        >>> head = ProjectionHead(100, drawn, hidden_sizes=(512, 512), batch_norm=True)
        >>> head(torch.zeros(5, 100)).shape
        torch.Size([5, 128])
    """

    def __init__(
        self,
        code_size: int,
        generator: torch.Generator,
        *,
        output_size: int = 128,
        hidden_sizes: tuple[int, ...] | None = None,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        hidden_sizes = (code_size,) if hidden_sizes is None else hidden_sizes
        if batch_norm and not hidden_sizes:
            raise UserError(
                "batch_norm normalises the hidden layers of a projection head, and hidden_sizes "
                "has none: give a size, or leave batch_norm out"
            )
        *hidden, last = pairwise((code_size, *hidden_sizes, output_size))
        layers: list[nn.Module] = []
        for inputs, outputs in hidden:
            layers.append(dense(inputs, outputs, generator, bias=not batch_norm))
            if batch_norm:
                layers.append(BatchNorm(outputs))
            # In place: no gradient needs what a ReLU reads.
            layers.append(nn.ReLU(inplace=True))
        self.layers = nn.Sequential(*layers, dense(*last, generator))

    def forward(self, codes: Tensor) -> Tensor:
        """Project: ``(..., code_size)`` -> ``(..., output_size)``; with batch norm ``(N, ...)``."""
        projected: Tensor = self.layers(codes)
        return projected

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, codes: Tensor) -> Tensor: ...  # noqa: D102
