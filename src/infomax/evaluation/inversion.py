"""How hard an encoder is to invert: singular values of its Jacobians, and the inverse of a flow."""

import copy
import math

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.func import jacrev, vmap
from torch.utils.flop_counter import FlopCounterMode

from infomax.encoders import Flow

__all__ = [
    "jacobian_operations",
    "jacobian_singular_values",
    "log_condition_numbers",
    "log_condition_percentiles",
    "reconstruction_error",
]

_PERCENTILES = {"min": 0, "p20": 20, "p40": 40, "p50": 50, "p60": 60, "p80": 80, "max": 100}
# What a backward pass has alive at once, in arrays of the size of the widest layer.
_ARRAYS_ALIVE = 4


# Parameters are not differentiated by: without this, a graph back to them is kept for every view.
@torch.no_grad()
def jacobian_singular_values(
    encoder: nn.Module, views: Tensor, *, memory_limit_bytes: int = 64 * 2**20
) -> Tensor:
    r"""Return the singular values of :math:`\partial g / \partial x` at each view.

    The Jacobians are those of ``torch.func``, for some views, or some values of the code of one
    view, at a time so that the working memory stays near the limit: for each view, four arrays of
    the size of the widest layer for each value of the code. Few views at a time are also faster, as
    their arrays stay near the cache. ``jacobian_operations`` tells what one takes.

    The Jacobians are decomposed in float64: rounding in float32 hides what lies below 1e-7 of the
    largest singular value.

    Source: Tschannen et al. (2020), section 3.1, figure 2c.

    Args:
        encoder: maps views ``(N, ...)`` to codes ``(N, code_size)``, each view by itself.
        views: ``(N, ...)``, of d values each.
        memory_limit_bytes: of the gradients that are worked on at once; those of a single value of
            a code are worked on whatever they take.

    Returns:
        ``(N, min(d, code_size))`` in float64 on the CPU, the largest first; NaN where a Jacobian is
        not finite.

    Example:
        >>> from infomax.encoders import IdentityEncoder
        >>> identity = IdentityEncoder((1, 1, 3), torch.Generator())
        >>> jacobian_singular_values(identity, torch.zeros(2, 3)).tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    def code(view: Tensor) -> Tensor:
        coded: Tensor = encoder(view.unsqueeze(0)).squeeze(0)
        return coded

    widest, code_size = _values_in_widest_layer(encoder, views[:1])
    of_value = _ARRAYS_ALIVE * widest * views.element_size()
    at_once = max(1, memory_limit_bytes // (of_value * code_size))
    values_at_once = max(1, memory_limit_bytes // of_value)
    some_values = values_at_once if values_at_once < code_size else None
    jacobians = vmap(jacrev(code, chunk_size=some_values))
    chunks = (jacobians(some).flatten(2) for some in views.split(at_once))
    return torch.cat([_singular_values(matrices) for matrices in chunks])


@torch.no_grad()
def jacobian_operations(encoder: nn.Module, views: Tensor) -> int:
    """Return about how many floating-point operations the Jacobian at one view takes.

    Those of the matrix products and convolutions of one pass, counted by PyTorch, for each value of
    the code.

    Args:
        encoder: maps views ``(N, ...)`` to codes ``(N, code_size)``.
        views: ``(N, ...)``, of which the first is encoded.

    Example:
        >>> jacobian_operations(nn.Linear(3, 5), torch.zeros(1, 3))  # 5 values of 2 x 3 x 5
        150
    """
    with FlopCounterMode(display=False) as counted:
        code_size = int(encoder(views[:1]).numel())
    return int(counted.get_total_flops()) * code_size


def log_condition_numbers(singular_values: Tensor) -> Tensor:
    r"""Return :math:`\log s_1 - \log s_n` in nats: ``(N, n)`` -> ``(N,)``.

    Infinite where the smallest singular value is 0, which no inverse can undo.

    Args:
        singular_values: the largest first.

    Example:
        >>> log_condition_numbers(torch.tensor([[1.0, 0.5, 1.0], [2.0, 1.0, 0.0]])).tolist()
        [0.0, inf]
    """
    largest, smallest = singular_values[:, 0], singular_values[:, -1]
    logs = largest.log() - smallest.log()
    # An encoder that maps everything to one code has 0 / 0 for a condition number.
    return torch.where(smallest == 0, math.inf, logs)


def log_condition_percentiles(values: Tensor) -> dict[str, float]:
    """Return the percentiles that figure 2c shows, and the median.

    Args:
        values: log condition numbers in nats, ``(N,)``.

    Example:
        >>> log_condition_percentiles(torch.arange(11.0))["p20"]
        2.0
    """
    # The inverted distribution rather than interpolation, which infinite values would break.
    found = np.percentile(values.numpy(), list(_PERCENTILES.values()), method="inverted_cdf")
    return dict(zip(_PERCENTILES, found.tolist(), strict=True))


def _singular_values(matrices: Tensor) -> Tensor:
    # Matrices of this size are too small to share between threads, which then wait for each other;
    # where another program keeps a core busy, that costs many times what one thread takes.
    finite = matrices.isfinite().all(dim=-1).all(dim=-1)
    # LAPACK does not return from what is not finite.
    given = matrices.double().where(finite[:, None, None], 0).cpu().numpy()
    with threadpool_limits(1, user_api="blas"):
        values = torch.from_numpy(np.linalg.svd(given, compute_uv=False))
    return values.where(finite[:, None].cpu(), math.nan)


def _values_in_widest_layer(encoder: nn.Module, view: Tensor) -> tuple[int, int]:
    """Return the values in the widest layer, and those of a code."""
    # Asked of the layers themselves: a convolution holds far more values than a view or a code.
    sizes = [view.numel()]

    def note_size(_layer: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            sizes.append(output.numel())

    hooks = [layer.register_forward_hook(note_size) for layer in encoder.modules()]
    try:
        code_size = encoder(view).numel()
    finally:
        for hook in hooks:
            hook.remove()
    return max(sizes), code_size


@torch.no_grad()
def reconstruction_error(flow: Flow, views: Tensor, *, dtype: torch.dtype | None = None) -> float:
    r"""Return :math:`\max |x - g^{-1}(g(x))|` over all values of all views.

    Args:
        flow: the bijection g.
        views: ``(N, d)``, on the flow's device.
        dtype: precision to compute in, by a copy of the flow; ``None`` is the flow's own.

    Example:
        >>> from infomax.encoders import AdditiveRealNVPEncoder
        >>> flow = AdditiveRealNVPEncoder((1, 2, 1), torch.Generator().manual_seed(0))
        >>> reconstruction_error(flow, torch.rand(3, 2)) < 1e-6
        True
    """
    if dtype is not None:
        flow, views = copy.deepcopy(flow).to(dtype), views.to(dtype)
    return float((views - flow.inverse(flow(views))).abs().max())
