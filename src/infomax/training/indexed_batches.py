"""Batches of items that are read by their indices and made into views as they are needed."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from infomax.processes import Processes
from infomax.training.batches import ShuffledBatches, State

__all__ = ["IndexedBatches"]

ItemsT = TypeVar("ItemsT")


class IndexedBatches(Generic[ItemsT]):
    """Batches for one model: indices in a fresh order for each pass, items read, views made.

    The next batch is read by a thread while the model is updated by this one. What is random is
    drawn only here, in the order of the batches, so that reading ahead changes nothing.

    Args:
        indices: of the items to train on, ``(rows,)``.
        read: indices ``(N,)`` -> items.
        make_views: items and the generator of what is random in views -> x and y, of N rows each.
        batch_size: N.
        order: draws the permutations.
        views: draws what is random in views.
        processes: that share each batch: all draw the same order, and each reads its own items.
            What is random in views each draws for its own; it is not what one process would draw.
        keys: as of ``ShuffledBatches``.

    Raises:
        UserError: if a batch is larger than the data, or smaller than the number of processes.
    """

    def __init__(
        self,
        indices: Tensor,
        read: Callable[[Tensor], ItemsT],
        make_views: Callable[[ItemsT, torch.Generator], tuple[Tensor, Tensor]],
        batch_size: int,
        *,
        order: torch.Generator,
        views: torch.Generator,
        processes: Processes | None = None,
        keys: Tensor | None = None,
    ) -> None:
        self._processes = processes or Processes()
        self._indices = ShuffledBatches(
            indices, indices, batch_size, [order], processes=self._processes, keys=keys
        )
        self._read = read
        self._make_views = make_views
        self._generator = views
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._ahead: Future[ItemsT] | None = None
        self._before_ahead: State = {}

    def __repr__(self) -> str:
        return f"IndexedBatches({self._indices})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: x ``(1, N, ...)`` and y ``(1, N, ...)``."""
        items = (self._ahead or self._begin_reading()).result()
        self._ahead = self._begin_reading()
        x, y = self._make_views(items, self._generator_of_batch())
        return x.unsqueeze(0), y.unsqueeze(0)

    def state(self) -> State:
        """Return position and generators as they are for the batch that is drawn next."""
        indices = self._indices.state() if self._ahead is None else self._before_ahead
        return {**indices, "views": self._generator.get_state()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._ahead = None
        self._indices.restore(state)
        self._generator.set_state(state["views"])

    def _generator_of_batch(self) -> torch.Generator:
        if self._processes.count == 1:
            return self._generator
        # Drawn alike on all, so that one state tells how every process goes on.
        seed = torch.randint(2**62, (), generator=self._generator, device=self._generator.device)
        sequence = np.random.SeedSequence((int(seed), self._processes.rank))
        own = torch.Generator(self._generator.device)
        return own.manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> 1))

    def _begin_reading(self) -> Future[ItemsT]:
        self._before_ahead = self._indices.state()
        indices, _ = self._indices.draw()
        return self._reader.submit(self._read, indices.squeeze(0))
