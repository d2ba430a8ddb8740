"""The convolutional network of figure 4."""

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder
from infomax.encoders.view_shape import ViewShape, shaped, unsuited
from infomax.layers import convolution, dense

__all__ = ["ConvNetEncoder"]

_KERNEL_SIZE = 5
_STRIDE = 2


class ConvNetEncoder(Encoder):
    """Two strided convolutions, layer norm, global average pooling and a dense layer.

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
