"""The multi-layer perceptron of figures 3 and 4."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder
from infomax.encoders.view_shape import ViewShape, flattened
from infomax.errors import UserError
from infomax.layers import dense

__all__ = ["MLPEncoder"]


class MLPEncoder(Encoder):
    """Dense layers with ReLU between them.

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
