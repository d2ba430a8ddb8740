"""Dense and convolution layers started as the paper starts them, from a generator handed down."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from infomax.errors import UserError

__all__ = ["convolution", "dense", "truncated_normal_dense", "undrawn"]

_Layer = TypeVar("_Layer", nn.Linear, nn.Conv2d)
_AnyLayer = TypeVar("_AnyLayer", bound=nn.Module)


def dense(inputs: int, outputs: int, generator: torch.Generator, *, bias: bool = True) -> nn.Linear:
    """Return a linear layer with Glorot-uniform weights and zero bias.

    Source: Glorot and Bengio (2010), equation 16.

    Example:
        >>> layer = dense(3, 2, torch.Generator().manual_seed(0))
        >>> bool((layer.weight.abs() <= (6 / 5) ** 0.5).all()), layer.bias.tolist()
        (True, [0.0, 0.0])
    """
    return _glorot(undrawn(nn.Linear, inputs, outputs, bias=bias), generator)


def truncated_normal_dense(
    inputs: int, outputs: int, generator: torch.Generator, *, std: float
) -> nn.Linear:
    """Return a linear layer with truncated normal weights and zero bias.

    Weights are drawn from a normal distribution of mean 0 and standard deviation ``std``, and drawn
    again while they are more than two of these from 0, as TensorFlow's truncated normal does. What
    is left has a standard deviation of 0.88 ``std``.

    Example:
        >>> layer = truncated_normal_dense(300, 200, torch.Generator().manual_seed(0), std=0.1)
        >>> bool(layer.weight.abs().max() <= 0.2), round(layer.weight.std().item(), 3)
        (True, 0.088)
    """
    layer = undrawn(nn.Linear, inputs, outputs)
    nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def convolution(
    inputs: int, outputs: int, generator: torch.Generator, *, kernel_size: int, stride: int
) -> nn.Conv2d:
    """Return a convolution without padding, Glorot-uniform weights and zero bias."""
    layer = undrawn(nn.Conv2d, inputs, outputs, kernel_size, stride=stride)
    return _glorot(layer, generator)


def undrawn(kind: Callable[..., _AnyLayer], *arguments: object, **named: object) -> _AnyLayer:
    """Return a layer whose weights are not set, with nothing drawn from the global generator.

    ``torch.nn.utils.skip_init`` does the same, by a call that imports a package for symbolic
    algebra, for which the first layer of every process would wait.

    Args:
        kind: class of the layer.
        *arguments: of the class, of which the first two are its sizes.
        **named: arguments of the class by name.

    Raises:
        UserError: if one of the sizes is below 1.

    Example:
        >>> undrawn(nn.Linear, 3, 2).weight.shape
        torch.Size([2, 3])
    """
    inputs, outputs = (*arguments, 1, 1)[:2]
    if any(isinstance(size, int) and size < 1 for size in (inputs, outputs)):
        raise UserError(
            f"a layer has {inputs} inputs and {outputs} outputs: sizes must be at least 1"
        )
    layer = kind(*arguments, **named, device="meta")
    for name, parameter in list(layer.named_parameters(recurse=False)):
        layer.register_parameter(
            name, nn.Parameter(torch.empty(parameter.shape, dtype=parameter.dtype))
        )
    return layer


def _glorot(layer: _Layer, generator: torch.Generator) -> _Layer:
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
