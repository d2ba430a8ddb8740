"""Dense and convolution layers started as the paper starts them, and batch norm of shared batches.

Weights are drawn from a generator that is handed down.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from infomax.errors import UserError
from infomax.processes import Processes

__all__ = [
    "BatchNorm",
    "convolution",
    "dense",
    "normalised_over",
    "truncated_normal_dense",
    "undrawn",
]

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


class BatchNorm(nn.BatchNorm1d):
    r"""Batch norm of codes, over the whole batch even where several processes share it.

    .. math:: \hat z_{ik} = \gamma_k \frac{z_{ik} - \mu_k}{\sqrt{\sigma_k^2 + 10^{-5}}} + \beta_k,
              \qquad \mu_k = \frac{1}{N} \sum_i z_{ik}, \quad
              \sigma_k^2 = \frac{1}{N} \sum_i (z_{ik} - \mu_k)^2

    In evaluation mode with the running mean and variance. By one process it is
    ``torch.nn.BatchNorm1d`` to the bit. Within ``normalised_over`` the sums run over the rows of
    all processes, and gradients with them, so that values, gradients and running statistics are
    those of one process with all rows; ``torch.nn.SyncBatchNorm`` does that on GPUs alone.

    A layer in front of it needs no bias, which the mean takes away again.

    Source: Ioffe and Szegedy (2015), algorithm 1.

    Args:
        num_features: number of values in a code.

    Example:
        >>> norm = BatchNorm(1)
        >>> norm(torch.tensor([[1.0], [3.0]])).round(decimals=3).tolist()
        [[-1.0], [1.0]]
        >>> norm.running_mean
        tensor([0.2000])
    """

    processes = Processes()
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int) -> None:
        super().__init__(num_features)

    def forward(self, codes: Tensor) -> Tensor:
        """Normalise each value: ``(N, d)`` -> ``(N, d)``."""
        if not self.training or self.processes.count == 1:
            normalised: Tensor = super().forward(codes)
            return normalised
        # Sums of squares would be too coarse in half precision.
        rows = codes.to(torch.promote_types(codes.dtype, torch.float32))
        # As one message.
        sums = self.processes.total(torch.cat([rows.sum(dim=0), rows.new_tensor([len(rows)])]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = rows - mean
        variance = self.processes.total(centred.square().sum(dim=0)) / count
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean.to(self.running_mean), self.momentum or 0.0)
            unbiased = variance * count / (count - 1)
            self.running_var.lerp_(unbiased.to(self.running_var), self.momentum or 0.0)
        scaled = centred * (variance + self.eps).rsqrt() * self.weight + self.bias
        return scaled.to(codes.dtype)


@contextmanager
def normalised_over(processes: Processes, module: nn.Module) -> Iterator[None]:
    """Let the batch norms of a module normalise over the rows of all processes.

    Within it all processes must call the module alike, each with its own rows of a batch.

    Args:
        processes: that share each batch.
        module: whose ``BatchNorm`` parts are meant; others are left alone.
    """
    norms = [each for each in module.modules() if isinstance(each, BatchNorm)]
    for each in norms:
        each.processes = processes
    try:
        yield
    finally:
        for each in norms:
            each.processes = Processes()
