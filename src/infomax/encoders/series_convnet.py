"""A convolutional network for series."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder
from infomax.encoders.view_shape import ViewShape, shaped, unsuited
from infomax.layers import dense, undrawn

__all__ = ["SeriesConvNetEncoder"]

_KERNEL_SIZE = 5


class SeriesConvNetEncoder(Encoder):
    """Convolutional network for series: four strided convolutions along time, mean, dense layer.

    Convolutions of ``width``, ``width``, 2 ``width`` and 2 ``width`` filters of 5 points, stride 2,
    zeros added at both ends, ReLU; mean over the positions; dense layer. Any length will do; one
    position of the last convolution sees 61 points, so what takes longer is seen in parts.

    There is no norm: how large a series is often matters, which a norm over each series takes away,
    and one over the batch lets InfoNCE tell pairs by their batch (see ``ResNetEncoder``). Four
    layers train without. Channels in units that differ a lot should be scaled beforehand.

    Source: the fully convolutional network of Wang, Yan and Oates (2017), section 2, with strides
    in the place of batch norm and full length.

    Args:
        view_shape: length and channels of the view, or the length alone for one channel.
        generator: draws the weights, Glorot-uniform.
        width: filters of the first convolution.
        code_size: number of values in a code.

    Raises:
        UserError: if views are not series.

    Example:
        >>> encoder = SeriesConvNetEncoder((300, 6), torch.Generator().manual_seed(0))
        >>> encoder(torch.zeros(5, 300, 6)).shape
        torch.Size([5, 128])
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        width: int = 64,
        code_size: int = 128,
    ) -> None:
        super().__init__()
        if len(view_shape) not in {1, 2}:
            raise unsuited("series-convnet", "series (length, channels)", view_shape)
        self.view_shape = view_shape
        self.code_size = code_size
        channels = view_shape[1] if len(view_shape) == 2 else 1
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, width, width, 2 * width, 2 * width)):
            layers += [_convolution(inputs, outputs, generator), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.output = dense(2 * width, code_size, generator)

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, length, channels)`` of any length, or flattened -> ``(N, code_size)``."""
        as_series = view.ndim == 3 and view.shape[2:] == self.view_shape[1:]
        series = view if as_series else shaped(view, self.view_shape)
        if len(self.view_shape) == 1:
            series = series.unsqueeze(-1)
        hidden: Tensor = self.layers(series.mT)
        code: Tensor = self.output(hidden.mean(dim=-1))
        return code


def _convolution(inputs: int, outputs: int, generator: torch.Generator) -> nn.Conv1d:
    layer = undrawn(nn.Conv1d, inputs, outputs, _KERNEL_SIZE, stride=2, padding=_KERNEL_SIZE // 2)
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
