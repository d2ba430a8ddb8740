"""Codes of earlier batches, the oldest of which give way to new ones."""

import torch
from torch import Tensor, nn

from infomax.errors import UserError

__all__ = ["CodeQueue"]


class CodeQueue(nn.Module):
    """Holds the last K codes of a target network, as the negatives of a loss.

    It begins empty. Training fills it before the first update with target codes of batches that are
    drawn for that alone, so every update has K negatives, each of them the code of an item.

    Source: He, Fan, Wu, Xie and Girshick (2020), section 3.2.

    Args:
        size: K.
        code_size: number of values in a code.

    Attributes:
        codes: ``(K, d)``; rows that nothing was put into are 0.

    Raises:
        UserError: if K is below 1.

    Example:
        >>> queue = CodeQueue(3, 1)
        >>> queue.push(torch.tensor([[1.0], [2.0]]))
        >>> queue.is_full
        False
        >>> queue.push(torch.tensor([[3.0], [4.0]]))
        >>> queue.codes.flatten().tolist(), queue.is_full
        ([4.0, 2.0, 3.0], True)
    """

    codes: Tensor
    pushed: Tensor

    def __init__(self, size: int, code_size: int) -> None:
        super().__init__()
        if size < 1:
            raise UserError(f"queue_size is {size}: give a whole number of at least 1")
        self.register_buffer("codes", torch.zeros(size, code_size))
        self.register_buffer("pushed", torch.zeros((), dtype=torch.int64))

    def extra_repr(self) -> str:
        """Return its settings, which PyTorch shows between the brackets."""
        return "size={}, code_size={}".format(*self.codes.shape)

    @property
    def is_full(self) -> bool:
        """Whether every row is a code."""
        return int(self.pushed) >= len(self.codes)

    @torch.no_grad()
    def push(self, codes: Tensor) -> None:
        """Put codes in the place of the oldest: ``(n, d)``; of more than K the last K."""
        size = len(self.codes)
        kept = codes[-size:]
        # Written where they lie: models side by side hold views of one tensor.
        first = self.pushed + (len(codes) - len(kept))
        rows = (first + torch.arange(len(kept), device=first.device)) % size
        self.codes.index_copy_(0, rows, kept.to(self.codes.dtype))
        self.pushed += len(codes)
