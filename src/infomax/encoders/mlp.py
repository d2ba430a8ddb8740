"""Dense networks: the perceptron of figures 3 and 4, the residual one of figure 2, and heads."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder, ViewShape, flattened
from infomax.errors import UserError
from infomax.layers import dense, truncated_normal_dense

__all__ = ["MLPEncoder", "ProjectionHead", "ResidualMLPEncoder"]


class MLPEncoder(Encoder):
    """Encodes views by dense layers with ReLU between them.

    Source: Tschannen et al. (2020), section 3.2: layers of 300, 300 and 100.

    Args:
        view_shape: shape of a view, any.
        generator: draws the weights.
        layer_sizes: outputs of each layer; the last is the size of the code.

    Raises:
        UserError: if there is no layer, or one without outputs.

    Example:
        >>> encoder = MLPEncoder((14, 28, 1), torch.Generator().manual_seed(0))
        >>> encoder(torch.zeros(5, 392)).shape
        torch.Size([5, 100])
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        layer_sizes: tuple[int, ...] = (300, 300, 100),
    ) -> None:
        super().__init__()
        if not layer_sizes:
            raise UserError("layer_sizes is empty: give the outputs of at least one layer")
        self.view_shape = view_shape
        self.code_size = layer_sizes[-1]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((math.prod(view_shape), *layer_sizes)):
            # In place: no gradient needs what a ReLU reads.
            layers += [dense(inputs, outputs, generator), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, *view_shape)`` or ``(N, d)`` -> ``(N, code_size)``."""
        code: Tensor = self.layers(flattened(view, self.view_shape))
        return code


_STD = 1e-4
_HIDDEN_LAYERS = 4


class ResidualMLPEncoder(Encoder):
    r"""Encodes views by five residual layers that start near the identity, and may leave it.

    Four times :math:`x \leftarrow x + \mathrm{relu}(W x + b)`, then
    :math:`x \leftarrow x + W x + b`. A code has as many values as the view.

    Source: Tschannen et al. (2020), section 3.1 and companion notebook.

    Args:
        view_shape: shape of a view, any.
        generator: draws the weights.

    Example:
        >>> encoder = ResidualMLPEncoder((4, 8, 1), torch.Generator().manual_seed(0))
        >>> view = torch.rand(5, 32, generator=torch.Generator().manual_seed(1))
        >>> torch.allclose(encoder(view), view, atol=0.01)
        True
    """

    def __init__(self, view_shape: ViewShape, generator: torch.Generator) -> None:
        super().__init__()
        self.view_shape = view_shape
        self.code_size = size = math.prod(view_shape)
        self.hidden = nn.ModuleList(
            truncated_normal_dense(size, size, generator, std=_STD) for _ in range(_HIDDEN_LAYERS)
        )
        self.output = truncated_normal_dense(size, size, generator, std=_STD)

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, *view_shape)`` or ``(..., d)`` -> ``(..., d)``."""
        code = flattened(view, self.view_shape)
        for layer in self.hidden:
            code = code + layer(code).relu()
        change: Tensor = self.output(code)
        return code + change


class ProjectionHead(nn.Module):
    r"""Projects codes for the critic, by a perceptron with one hidden layer and ReLU.

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
