"""A random part of an image, scaled to the size of the whole. Needs kornia."""

from typing import NamedTuple

import torch
from kornia.geometry.transform import warp_affine
from torch import Tensor

__all__ = ["Boxes", "boxes_of", "resized_crop"]

# Chen et al. (2020), appendix A: the aspect ratio is distorted between these.
_LEAST_RATIO, _GREATEST_RATIO = 3 / 4, 4 / 3


class Boxes(NamedTuple):
    """A part of each image, as shares of its width and height, ``(N,)`` each.

    Attributes:
        left: edge of the part.
        top: edge of the part.
        width: of the part.
        height: of the part.
    """

    left: Tensor
    top: Tensor
    width: Tensor
    height: Tensor


def boxes_of(uniform: Tensor, areas: tuple[float, float]) -> Boxes:
    """Return boxes of random area, aspect ratio and place.

    The area is uniform; the ratio of width to height, each as a share of the image's, is
    log-uniform between 3/4 and 4/3 as far as a box of that area fits; the place is uniform.

    Source: Chen et al. (2020), "A simple framework for contrastive learning of visual
    representations", appendix A, after Szegedy et al. (2015). They draw area and ratio again until
    the box fits, which batches cannot; the ratio is drawn here among those that fit.

    Args:
        uniform: ``(4, N)``, independent and uniform in [0, 1).
        areas: least and greatest area, as shares of the image's.

    Example:
        >>> boxes = boxes_of(torch.full((4, 1), 0.5), areas=(0.25, 0.25))
        >>> [round(edge.item(), 4) for edge in boxes]
        [0.25, 0.25, 0.5, 0.5]
    """
    least, greatest = areas
    area = least + (greatest - least) * uniform[0]
    low = area.clamp(min=_LEAST_RATIO).log()
    high = area.reciprocal().clamp(max=_GREATEST_RATIO).log()
    half_ratio = (low + (high - low) * uniform[1]).mul(0.5).exp()
    root = area.sqrt()
    width = (root * half_ratio).clamp(max=1)
    height = (root / half_ratio).clamp(max=1)
    return Boxes((1 - width) * uniform[2], (1 - height) * uniform[3], width, height)


def resized_crop(images: Tensor, boxes: Boxes, mirrored: Tensor) -> Tensor:
    """Return the part of each image that its box holds, at the size of the whole.

    Pixels are squares: a box may begin within one. Values in between are bilinear.

    Args:
        images: ``(N, channels, height, width)``.
        boxes: one for each image.
        mirrored: ``(N,)``, true where left and right are swapped.
    """
    height, width = images.shape[-2:]
    # From pixel i of an image to pixel a i + b of its view; centres of pixels are at i + 1/2.
    across = boxes.width.reciprocal()
    down = boxes.height.reciprocal()
    to_right = (0.5 - boxes.left * width) * across - 0.5
    to_bottom = (0.5 - boxes.top * height) * down - 0.5
    nothing = torch.zeros_like(across)
    matrix = torch.stack(
        (
            torch.where(mirrored, -across, across),
            nothing,
            torch.where(mirrored, width - 1 - to_right, to_right),
            nothing,
            down,
            to_bottom,
        ),
        dim=1,
    )
    return warp_affine(
        images,
        matrix.unflatten(1, (2, 3)).to(images.dtype),
        (height, width),
        padding_mode="border",
        align_corners=False,
    )
