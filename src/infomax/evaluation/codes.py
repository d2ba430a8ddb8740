"""The codes of a whole data set."""

import torch
from torch import Tensor

from infomax.encoders import Encoder

__all__ = ["encode"]


@torch.no_grad()
def encode(encoder: Encoder, views: Tensor, *, batch_size: int = 1_000) -> Tensor:
    """Return the codes of views, computed a batch at a time to bound the memory.

    Args:
        encoder: maps ``(N, d)`` to ``(N, code_size)``.
        views: ``(N, d)``.
        batch_size: views encoded at once.

    Returns:
        ``(N, code_size)``, on the CPU, where probes run.
    """
    return torch.cat([encoder(batch).cpu() for batch in views.split(batch_size)])
