"""Random crops and changes of colour, a batch at a time. Needs kornia."""

from typing import NamedTuple

import torch
from kornia.color import rgb_to_grayscale
from kornia.enhance import (
    adjust_brightness_accumulative,
    adjust_contrast_with_mean_subtraction,
    adjust_saturation_with_gray_subtraction,
)
from kornia.geometry.transform import warp_affine
from torch import Tensor

__all__ = ["Boxes", "boxes_of", "greyed", "hue_turned", "jittered", "resized_crop"]

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


_SEXTANTS = 6


def jittered(images: Tensor, strength: float, uniform: Tensor) -> Tensor:
    """Return images of other brightness, contrast, saturation and hue, changed in this order.

    Each of the first three is multiplied by a factor between ``max(0, 1 - 0.8 strength)`` and
    ``1 + 0.8 strength``; hue is turned by up to ``0.2 strength`` of a whole turn, either way.

    Source: Chen et al. (2020), appendix A; what contrast and saturation are is as in torchvision.

    Args:
        images: ``(N, 3, height, width)``, in [0, 1].
        strength: of the changes, between 0 and 2.5.
        uniform: ``(4, N)``, independent and uniform in [0, 1).

    Example:
        >>> grey = torch.full((1, 3, 1, 1), 0.5)
        >>> half_as_bright = torch.tensor([[0.0], [0.5], [0.5], [0.5]])
        >>> jittered(grey, 0.625, half_as_bright).flatten().tolist()
        [0.25, 0.25, 0.25]
    """
    low, high = max(0.0, 1 - 0.8 * strength), 1 + 0.8 * strength
    brightness, contrast, saturation = low + (high - low) * uniform[:3]
    turns = 0.2 * strength * (2 * uniform[3] - 1)
    images = adjust_brightness_accumulative(images, brightness)
    images = adjust_contrast_with_mean_subtraction(images, contrast)
    images = adjust_saturation_with_gray_subtraction(images, saturation)
    return hue_turned(images, turns)


def hue_turned(images: Tensor, turns: Tensor) -> Tensor:
    r"""Return images of other hues, of the same saturation and value as before.

    .. math:: c = v - (v - w) \max(0, \min(k, 4 - k, 1)), \quad k = (n_c + 6 h) \bmod 6

    Here v is the largest channel of a pixel, w the smallest, h its hue in turns, and n is 5, 3 and
    1 for red, green and blue. The result is that of kornia's ``adjust_hue``, which takes several
    times as long: it makes images of hue, saturation and value.

    Source: Smith (1978), "Color gamut transform pairs", the hexcone model.

    Args:
        images: ``(N, 3, height, width)``, in [0, 1].
        turns: ``(N,)``, what is added to the hue; 1 is a whole turn.

    Example:
        >>> red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
        >>> hue_turned(red, torch.tensor([0.5])).flatten().tolist()
        [0.0, 1.0, 1.0]
    """
    value, smallest = images.amax(1), images.amin(1)
    chroma = value - smallest
    # Grey has no hue, and any will do.
    divisor = torch.where(chroma == 0, 1, chroma)
    red, green, blue = images.unbind(1)
    of_green = torch.where(green >= value, blue - red + 2 * divisor, red - green + 4 * divisor)
    sextant = torch.where(red >= value, green - blue, of_green) / divisor
    sextant = sextant + _SEXTANTS * turns.to(images.dtype)[:, None, None]
    offsets = torch.tensor([5, 3, 1], dtype=images.dtype, device=images.device)
    place = (sextant[:, None] + offsets[:, None, None]).remainder(_SEXTANTS)
    lacking = torch.minimum(place, 4 - place).clamp(0, 1)
    return value[:, None] - chroma[:, None] * lacking


def greyed(images: Tensor) -> Tensor:
    """Return the brightness of images in all three channels.

    Args:
        images: ``(N, 3, height, width)``.

    Example:
        >>> greyed(torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)).flatten().tolist()
        [0.29899999499320984, 0.29899999499320984, 0.29899999499320984]
    """
    return rgb_to_grayscale(images).expand_as(images)
