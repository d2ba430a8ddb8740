"""Whether a flow can still be inverted, as far as its arithmetic goes."""

import copy

import torch
from torch import Tensor

from infomax.encoders import Flow

__all__ = ["reconstruction_error"]


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
