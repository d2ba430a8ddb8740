"""The residual network of figure 2, which starts near the identity and may become anything."""

import math

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder
from infomax.encoders.view_shape import ViewShape, flattened
from infomax.layers import truncated_normal_dense

__all__ = ["ResidualMLPEncoder"]

_STD = 1e-4
_HIDDEN_LAYERS = 4


class ResidualMLPEncoder(Encoder):
    r"""Five square residual layers that start near the identity and need not stay invertible.

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
