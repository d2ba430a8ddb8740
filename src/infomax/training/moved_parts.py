"""What an update moves beside weights: the target networks and queues of models."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from infomax.training.pair_model import PairModel

__all__ = ["MovedParts"]


class MovedParts:
    """Target networks and queues of models, which each update moves once weights are updated.

    Args:
        models: side by side; all have such parts, or none has.
    """

    def __init__(self, models: Sequence[PairModel]) -> None:
        self._queues = [each.queue for each in models if each.queue is not None]
        # Gathered once: parameters of a model stay the same objects.
        self._targets = [(each.target, each.followed) for each in models if each.target is not None]
        self._filled = not self._queues

    def queue(self) -> Tensor | None:
        """Return the codes in the queues, ``(S, K, d)``; nothing where there is no queue."""
        return torch.stack([each.codes for each in self._queues]) if self._queues else None

    def fill(self, draw: Callable[[], Tensor]) -> None:
        """Put codes into queues until they are full.

        Args:
            draw: returns codes of a batch, ``(S, N, d)``.
        """
        # Looked at once, since it waits for the device.
        while not self._filled:
            self._filled = all(each.is_full for each in self._queues)
            if not self._filled:
                self._push(draw())

    def look_again(self) -> None:
        """Look anew whether queues are full: they were given other values."""
        self._filled = not self._queues

    def move(self, keys: Tensor | None, step: int) -> None:
        """Put codes of a batch into the queues, and let the targets follow.

        Args:
            keys: the target's codes of y, ``(S, N, d)``.
            step: updates that were made before this one.
        """
        if keys is not None:
            self._push(keys)
        for target, followed in self._targets:
            target.follow(followed, step)

    def _push(self, keys: Tensor) -> None:
        for queue, of_model in zip(self._queues, keys, strict=False):
            queue.push(of_model)
