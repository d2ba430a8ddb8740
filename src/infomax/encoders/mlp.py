"""Dense networks: the perceptron of figures 3 and 4, and the residual one of figure 2."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder, ViewShape, flattened
from infomax.errors import UserError
from infomax.layers import dense, truncated_normal_dense

__all__ = ["MLPEncoder", "ResidualMLPEncoder"]


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
