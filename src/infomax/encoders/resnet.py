"""A small residual network for images."""

import torch
from torch import Tensor, nn

from infomax.encoders.encoder import Encoder, ViewShape, shaped, unsuited
from infomax.errors import UserError
from infomax.layers import dense, undrawn

__all__ = ["ResNetEncoder"]

_STAGES = 3
_BLOCKS_IN_STAGE = 2
_CHANNELS_IN_GROUP = 16
_LEAST_SIZE = 2 ** (_STAGES - 1)


class ResNetEncoder(Encoder):
    r"""Encodes small images by a residual network: three stages of two basic blocks, group norm.

    A stem, 3 x 3 convolution without pooling; three stages of ``width``, 2 ``width`` and 4
    ``width`` channels, the second and third of which halve height and width (an odd size is rounded
    up); mean over the positions; dense layer. A basic block is

    .. math:: x \leftarrow \mathrm{relu}(s(x) + n_2(W_2 * \mathrm{relu}(n_1(W_1 * x))))

    with 3 x 3 convolutions, norms n, and the identity or, where the shape changes, a 1 x 1
    convolution and a norm for the shortcut s.

    The norm is group norm, 16 channels to a group, in the place of batch norm. Batch norm computes
    each code from the whole batch, so a pair can be told by the batch that it is in, which InfoNCE
    learns to use instead of the views; and it keeps averages between batches, which differ from
    what training saw, and which models trained side by side cannot write. Group norm is a function
    of one view, the same in training and in evaluation. It takes from a view, too: codes do not
    tell by what factor all its values were multiplied.

    At 32 x 32 x 3 and the default width it has 0.7 million weights and takes 0.11 thousand million
    multiplications for each view.

    Source: He, Zhang, Ren and Sun (2016), section 4.2 and figure 5; shortcuts "B" of section 4.1.
    Group norm: Wu and He (2018), equation 7 and table 3. What batch norm leaks: He, Fan, Wu, Xie
    and Girshick (2020), section 3.3.

    Args:
        view_shape: height and width, 4 at the least, and channels of the view.
        generator: draws the weights, Glorot-uniform.
        width: channels of the first stage, a multiple of 16.
        code_size: number of values in a code.

    Raises:
        UserError: if views are not images or too small, or the width is no multiple of 16.

    Example:
        >>> encoder = ResNetEncoder((14, 28, 1), torch.Generator().manual_seed(0), width=16)
        >>> encoder(torch.zeros(5, 14, 28, 1)).shape
        torch.Size([5, 128])
    """

    def __init__(
        self,
        view_shape: ViewShape,
        generator: torch.Generator,
        *,
        width: int = 32,
        code_size: int = 128,
    ) -> None:
        super().__init__()
        if len(view_shape) != 3:
            raise unsuited("resnet", "images (height, width, channels)", view_shape)
        if min(view_shape[:2]) < _LEAST_SIZE:
            raise UserError(
                f"views of {view_shape[0]} x {view_shape[1]} are too small for resnet, which needs "
                f"{_LEAST_SIZE} x {_LEAST_SIZE}: choose convnet or mlp"
            )
        if width < 1 or width % _CHANNELS_IN_GROUP:
            raise UserError(
                f"width of resnet is {width}: give a multiple of {_CHANNELS_IN_GROUP}, "
                "the channels that are normed together"
            )
        self.view_shape = view_shape
        self.code_size = code_size
        self.stem = _normed_convolution(view_shape[2], width, generator, kernel_size=3)
        blocks: list[nn.Module] = []
        inputs = width
        for stage in range(_STAGES):
            outputs = width * 2**stage
            for block in range(_BLOCKS_IN_STAGE):
                stride = 2 if stage and not block else 1
                blocks.append(_BasicBlock(inputs, outputs, generator, stride=stride))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.output = dense(inputs, code_size, generator)

    def forward(self, view: Tensor) -> Tensor:
        """Encode: ``(N, height, width, channels)``, or flattened -> ``(N, code_size)``."""
        image = shaped(view, self.view_shape).movedim(-1, -3)
        hidden: Tensor = self.blocks(self.stem(image).relu_())
        code: Tensor = self.output(hidden.mean(dim=(-2, -1)))
        return code


class _BasicBlock(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, generator: torch.Generator, *, stride: int
    ) -> None:
        super().__init__()
        self.first = _normed_convolution(inputs, outputs, generator, kernel_size=3, stride=stride)
        self.second = _normed_convolution(outputs, outputs, generator, kernel_size=3)
        self.shortcut: nn.Module = (
            nn.Identity()
            if inputs == outputs
            else _normed_convolution(inputs, outputs, generator, kernel_size=1, stride=stride)
        )

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.second(self.first(image).relu_())
        changed: Tensor = (self.shortcut(image) + change).relu_()
        return changed


def _normed_convolution(
    inputs: int, outputs: int, generator: torch.Generator, *, kernel_size: int, stride: int = 1
) -> nn.Sequential:
    # Without a bias, which the norm would take away again.
    layer = undrawn(
        nn.Conv2d,
        inputs,
        outputs,
        kernel_size,
        stride=stride,
        padding=kernel_size // 2,
        bias=False,
    )
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    return nn.Sequential(layer, nn.GroupNorm(outputs // _CHANNELS_IN_GROUP, outputs))
