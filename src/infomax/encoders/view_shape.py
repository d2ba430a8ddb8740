"""The shape of a view, and the two ways in which a batch of views may lie."""

import math
from typing import TypeAlias

from torch import Tensor

from infomax.errors import UserError

__all__ = ["ViewShape", "flattened", "shaped", "unsuited"]

ViewShape: TypeAlias = tuple[int, ...]
"""``(features,)``, ``(length, channels)`` of a series or ``(height, width, channels)``."""

_SUITED = {
    1: "mlp, or series-convnet if they follow each other in time",
    2: "series-convnet or mlp",
    3: "resnet, convnet or mlp",
}


def flattened(views: Tensor, view_shape: ViewShape) -> Tensor:
    """Return views as ``(..., d)``, d values each: ``(N, *view_shape)`` is flattened row by row.

    What lies so already is returned as it is, with any leading sizes; nothing is copied.

    Raises:
        UserError: if the views are of another shape.

    Example:
        >>> import torch
        >>> flattened(torch.zeros(5, 14, 28, 1), (14, 28, 1)).shape
        torch.Size([5, 392])
        >>> flattened(torch.zeros(5, 392), (14, 28, 1)).shape
        torch.Size([5, 392])
    """
    if views.shape[1:] == view_shape:
        return views.flatten(1)
    values = math.prod(view_shape)
    if views.shape[-1:] != (values,):
        both_ways = ", ".join(map(str, ("N", *view_shape)))
        raise UserError(
            f"views of shape {tuple(views.shape)} do not fit this encoder: expected ({both_ways})"
            + ("" if len(view_shape) == 1 else f" or (N, {values})")
        )
    return views


def shaped(views: Tensor, view_shape: ViewShape) -> Tensor:
    """Return views as ``(..., *view_shape)``, from there or from ``(..., d)``; nothing is copied.

    Raises:
        UserError: if the views are of another shape.

    Example:
        >>> import torch
        >>> shaped(torch.zeros(5, 392), (14, 28, 1)).shape
        torch.Size([5, 14, 28, 1])
    """
    if views.shape[1:] == view_shape:
        return views
    in_shape: Tensor = flattened(views, view_shape).unflatten(-1, view_shape)
    return in_shape


def unsuited(encoder: str, reads: str, view_shape: ViewShape) -> UserError:
    """Return the error for an encoder that is not made for views of a shape.

    Example:
        >>> unsuited("resnet", "images (height, width, channels)", (300, 6))
        UserError('resnet reads images (height, width, channels), and views are (300, 6): \
choose series-convnet or mlp')
    """
    choice = _SUITED.get(len(view_shape), "mlp")
    return UserError(f"{encoder} reads {reads}, and views are {view_shape}: choose {choice}")
