"""What is trivial about the items that an encoder saw: brightness, contrast, place, size, order."""

import math
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["order_features", "trivial_features"]

_BINS = 8
_MOST_CHANNELS = 4
_IMAGE_AXES = (3, 4)
_ROWS_AT_ONCE = 1_000
_PIXELS_FOR_BINS = 100_000
_WAVES: Final = 10


def trivial_features(items: Tensor) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of trivial features of items, and their values: ``(N, ...)`` -> ``(N, k)``.

    Of images, ``(N, H, W)``, ``(N, H, W, C)`` or ``(N, C, H, W)`` of up to 4 channels: mean and
    standard deviation of each channel, shares of pixels in eighths of brightness, the mean of the
    border, and the centre of mass of brightness. Of anything else, its values one after the other:
    their mean, standard deviation, root mean square, least, largest, and how many are 0, by which
    padding tells lengths.

    Args:
        items: that an encoder saw.

    Example:
        >>> names, values = trivial_features(torch.arange(12.0).reshape(3, 2, 2))
        >>> names[0], values[:, 0].tolist(), values.shape
        ('mean of channel 0', [1.5, 5.5, 9.5], (3, 13))
        >>> trivial_features(torch.tensor([[3.0, 0.0, 0.0]]))[0][-1]
        'number of zeros'
    """
    if items.ndim in _IMAGE_AXES:
        images = _channels_last(items)
        if images is not None:
            return _of_images(images)
    return _of_values(items.reshape(len(items), -1))


def order_features(places: NDArray[np.int64], given_rows: int) -> NDArray[np.float64]:
    r"""Return slow waves of where pairs stood in their file: ``(N,)`` -> ``(N, 10)``.

    .. math:: \sqrt 2 \cos(\pi k (p + 1/2) / R), \quad k = 1, \dots, 10

    Args:
        places: p, from 0.
        given_rows: R, of the file.

    Example:
        >>> order_features(np.arange(100), 100).std(axis=0).round(3).tolist()[:2]
        [1.0, 1.0]
    """
    shares = (places + 0.5) / given_rows
    waves = np.arange(1, _WAVES + 1)
    found: NDArray[np.float64] = math.sqrt(2) * np.cos(math.pi * shares[:, None] * waves)
    return found


def _channels_last(items: Tensor) -> Tensor | None:
    if items.ndim == _IMAGE_AXES[0]:
        return items[..., None]
    if items.shape[-1] <= _MOST_CHANNELS:
        return items
    return items.movedim(1, -1) if items.shape[1] <= _MOST_CHANNELS else None


def _of_images(images: Tensor) -> tuple[list[str], NDArray[np.float64]]:
    channels = images.shape[-1]
    names = [
        *(f"mean of channel {each}" for each in range(channels)),
        *(f"standard deviation of channel {each}" for each in range(channels)),
        *(f"share of pixels in eighth {each + 1} of brightness" for each in range(_BINS)),
        "mean of the border",
        "centre of mass, down",
        "centre of mass, across",
    ]
    some = images[: max(1, _PIXELS_FOR_BINS // math.prod(images.shape[1:3]))].double().mean(-1)
    edges = torch.quantile(
        some.flatten()[:_PIXELS_FOR_BINS], torch.arange(1, _BINS, dtype=torch.float64) / _BINS
    )
    darkest = some.min()
    parts = [_of_some(each.double(), edges, darkest) for each in images.split(_ROWS_AT_ONCE)]
    return names, torch.cat(parts).numpy()


def _of_some(images: Tensor, edges: Tensor, darkest: Tensor) -> Tensor:
    brightness = images.mean(-1)
    height, width = brightness.shape[1:]
    bins = torch.bucketize(brightness.flatten(1).contiguous(), edges)
    shares = torch.stack([(bins == each).double().mean(1) for each in range(_BINS)], dim=1)
    whole, inner = brightness.sum((1, 2)), brightness[:, 1:-1, 1:-1].sum((1, 2))
    border = (whole - inner) / max(height * width - max(height - 2, 0) * max(width - 2, 0), 1)
    weights = (brightness - darkest).clamp(min=0) + 1e-12
    total = weights.sum((1, 2))
    down = (weights.sum(2) @ torch.arange(height, dtype=torch.float64)) / total
    across = (weights.sum(1) @ torch.arange(width, dtype=torch.float64)) / total
    return torch.cat(
        [
            images.mean((1, 2)),
            images.flatten(1, 2).std(1, correction=0),
            shares,
            torch.stack([border, down, across], dim=1),
        ],
        dim=1,
    )


def _of_values(rows: Tensor) -> tuple[list[str], NDArray[np.float64]]:
    names = [
        "mean",
        "standard deviation",
        "root mean square",
        "least",
        "largest",
        "number of zeros",
    ]
    parts = []
    for each in rows.split(_ROWS_AT_ONCE):
        some = each.double()
        parts.append(
            torch.stack(
                [
                    some.mean(1),
                    some.std(1, correction=0),
                    some.square().mean(1).sqrt(),
                    some.amin(1),
                    some.amax(1),
                    (some == 0).double().sum(1),
                ],
                dim=1,
            )
        )
    return names, torch.cat(parts).numpy()
