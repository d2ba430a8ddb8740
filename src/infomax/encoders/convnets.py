"""Convolutional networks for images, that of figure 4, and for series."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder, ViewShape, shaped, unsuited
from infomax.layers import convolution, dense, undrawn

__all__ = ["ConvNetEncoder", "SeriesConvNetEncoder"]

_KERNEL_SIZE = 5
_STRIDE = 2


class ConvNetEncoder(Encoder):
    """Encodes images by two strided convolutions, layer norm, mean pooling and a dense layer.

    Convolution of 64 filters, 5 x 5, stride 2, ReLU; convolution of 128 filters, 5 x 5, stride 2,
    ReLU; layer norm over height, width and channels with a scale and a shift for each channel;
    mean over the positions; dense layer of 100. The convolutions are padded as TensorFlow's "same"
    pads them: where the padding is odd, the extra row and column are at the bottom and the right.

    Source: Tschannen et al. (2020), section 3.3 and companion notebook.

    Args:
        view_shape: height, width and channels of the view.
        generator: draws the weights.

    Raises:
        UserError: if views are not images.

    Example:
        >>> encoder = ConvNetEncoder((14, 28, 1), torch.Generator().manual_seed(0))
        >>> encoder(torch.zeros(5, 392)).shape
        torch.Size([5, 100])
    """

    code_size = 100

    def __init__(self, view_shape: ViewShape, generator: torch.Generator) -> None:
        super().__init__()
        if len(view_shape) != 3:
            raise unsuited("convnet", "images (height, width, channels)", view_shape)
        self.view_shape = view_shape
        self.first = convolution(
            view_shape[2], 64, generator, kernel_size=_KERNEL_SIZE, stride=_STRIDE
        )
        self.second = convolution(64, 128, generator, kernel_size=_KERNEL_SIZE, stride=_STRIDE)
        self.norm_scale = nn.Parameter(torch.ones(128, 1, 1))
        self.norm_shift = nn.Parameter(torch.zeros(128, 1, 1))
        self.output = dense(128, self.code_size, generator)

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, height, width, channels)``, or flattened -> ``(N, 100)``."""
        image = shaped(view, self.view_shape).movedim(-1, -3)
        hidden = self.first(_pad_same(image)).relu_()
        hidden = self.second(_pad_same(hidden)).relu_()
        hidden = nn.functional.layer_norm(hidden, hidden.shape[-3:])
        pooled = (hidden * self.norm_scale + self.norm_shift).mean(dim=(-2, -1))
        code: Tensor = self.output(pooled)
        return code


def _pad_same(image: Tensor) -> Tensor:
    """Pad so that a strided convolution gives ``ceil(size / stride)`` positions each way."""

    def padding(size: int) -> tuple[int, int]:
        positions = -(-size // _STRIDE)
        total = max((positions - 1) * _STRIDE + _KERNEL_SIZE - size, 0)
        return total // 2, total - total // 2

    height, width = image.shape[-2:]
    return nn.functional.pad(image, (*padding(width), *padding(height)))


class SeriesConvNetEncoder(Encoder):
    """Encodes series by four strided convolutions along time, their mean and a dense layer.

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
