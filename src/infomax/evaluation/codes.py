"""The codes of a whole data set."""

import torch
from torch import Tensor, nn

from infomax.encoders import check_codes
from infomax.training import evaluation_mode

__all__ = ["encode"]


@torch.no_grad()
def encode(encoder: nn.Module, views: Tensor, *, batch_size: int = 1_000) -> Tensor:
    """Return the codes of views, computed a batch at a time to bound the memory.

    The encoder is called as for evaluation (``eval()``), and left in the mode it was in: batch norm
    and dropout of a user's own encoder make a code neither depend on its batch nor on chance.

    Args:
        encoder: any module that maps views ``(N, ...)`` to codes ``(N, d)``.
        views: ``(N, ...)``.
        batch_size: views encoded at once.

    Returns:
        ``(N, d)``, on the CPU, where probes run.

    Raises:
        UserError: if the encoder gives anything but one row for each view.

    Example:
        >>> encode(nn.Flatten(), torch.zeros(5, 3, 2)).shape
        torch.Size([5, 6])
    """
    with evaluation_mode(encoder):
        batches = views.split(batch_size)
        return torch.cat([check_codes(encoder(batch), len(batch)).cpu() for batch in batches])
