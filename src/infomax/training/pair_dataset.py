"""Pairs of views that are reached by their indices, wherever they are kept, and batches of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.processes import Processes
from infomax.training.batches import Batches, ShuffledBatches, State

if TYPE_CHECKING:
    from infomax.data import Indices

__all__ = ["IndexedBatches", "PairDataset", "Pairs", "WhichView"]

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
        make_local: items and the generator -> L further views of each, ``(L, N, ...)``.
        drawn: as of ``ShuffledBatches``; of what is drawn both views are made, and x is not used.

    Attributes:
        positions: of the items of the batch that was drawn last, in ``indices``: ``(1, N)``.
        local: further views of that batch, ``(1, L, N, ...)``; ``None`` where none are made.

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
        make_local: Callable[[ItemsT, torch.Generator], Tensor] | None = None,
        drawn: int = 0,
    ) -> None:
        self._processes = processes or Processes()
        self._indices = ShuffledBatches(
            indices,
            indices,
            batch_size,
            [order],
            processes=self._processes,
            keys=keys,
            drawn=drawn,
        )
        self._read = read
        self._make_views, self._make_local = make_views, make_local
        self.local: Tensor | None = None
        self._generator = views
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._ahead: Future[ItemsT] | None = None
        self._before_ahead: State = {}
        self._positions_ahead = self.positions = self._indices.positions

    def __repr__(self) -> str:
        return f"IndexedBatches({self._indices})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: x ``(1, N, ...)`` and y ``(1, N + K, ...)``."""
        items = (self._ahead or self._begin_reading()).result()
        self.positions = self._positions_ahead
        self._ahead = self._begin_reading()
        generator = self._generator_of_batch()
        x, y = self._make_views(items, generator)
        if self._make_local is not None:
            self.local = self._make_local(items, generator).unsqueeze(0)
        return x[: self.positions.shape[1]].unsqueeze(0), y.unsqueeze(0)

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
        _, indices = self._indices.draw()
        self._positions_ahead = self._indices.positions
        return self._reader.submit(self._read, indices.squeeze(0))


WhichView: TypeAlias = Literal["x", "y"]
"""Which view of a pair."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Aligned views: row i of ``x`` and row i of ``y`` come from one item.

    Attributes:
        x: ``(N, dx)``.
        y: ``(N, dy)``.

    Raises:
        UserError: if the views differ in length.
    """

    x: Tensor
    y: Tensor

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise UserError(f"views of different lengths: {len(self.x)} x and {len(self.y)} y")

    def __len__(self) -> int:
        return len(self.x)

    def one_pass(
        self, batch_size: int, generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield disjoint batches of ``batch_size`` random pairs; under one batch is left out.

        Raises:
            UserError: if a batch is larger than the data.
        """
        if batch_size > len(self):
            raise UserError(f"a batch of {batch_size} is larger than the data ({len(self)} pairs)")
        order = torch.randperm(len(self), generator=generator).to(self.x.device)
        for rows in order.split(batch_size):
            if len(rows) == batch_size:
                yield self.x.index_select(0, rows), self.y.index_select(0, rows)


class PairDataset(ABC):
    """Pairs of views that are read by their indices, a batch at a time.

    A subclass says how pairs are read and how views are made of what was read. Reading may go on in
    a thread of its own, ahead of training, so that whatever is random belongs to making views.

    Attributes:
        name: what records call the data.
        x_shape: shape of one view x.
        y_shape: shape of one view y.
        left_out: what the data hold beside views, such as labels; empty where that is nothing.
        local_crops: number of further views that are made of each item, for a loss that takes them.
    """

    name: str
    x_shape: tuple[int, ...]
    y_shape: tuple[int, ...]
    left_out: str = ""
    local_crops: int = 0

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of pairs."""

    @abstractmethod
    def read(self, indices: Tensor) -> Any:
        """Read what views of some pairs are made of: ``(n,)`` on the CPU -> anything."""

    @abstractmethod
    def make_views(self, read: Any, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Make views x and y, ``(n, ...)`` each, of what `read` returned.

        Args:
            read: of n pairs.
            generator: draws whatever is random.
        """

    def local_views(self, read: Any, generator: torch.Generator) -> Tensor:
        """Make further views of what `read` returned, smaller parts of it: ``(L, n, ...)``.

        Raises:
            NotImplementedError: unless a subclass says how; it is called where ``local_crops`` is
                above 0.
        """
        raise NotImplementedError

    @abstractmethod
    def clean_views(
        self, indices: "Indices", batch_size: int, view: WhichView = "x"
    ) -> Iterator[Tensor]:
        """Yield one view of some pairs as codes are made of it, the same at every call.

        Args:
            indices: of the pairs.
            batch_size: pairs at a time; the last may be fewer.
            view: which one.
        """

    def is_resident(self, count: int) -> bool:  # noqa: ARG002
        """Tell whether the views of so many pairs can be made once and kept in memory."""
        return False

    def batches(
        self,
        indices: "Indices",
        batch_size: int,
        *,
        order: torch.Generator,
        views: torch.Generator,
        processes: Processes,
        keys: Tensor | None = None,
        drawn: int = 0,
    ) -> Batches:
        """Return an endless stream of batches of some of the pairs, for one model.

        Args:
            indices: of the pairs to train on.
            batch_size: pairs in a batch.
            order: draws the permutation of each pass.
            views: draws what is random in views.
            processes: that share each batch; this one is given its own part.
            keys: a number for each index; no batch holds two of one number.
            drawn: how many views y are drawn beside each batch, from all of the pairs.
        """
        chosen = torch.from_numpy(indices)
        if self.is_resident(len(indices)):
            x, y = self.make_views(self.read(chosen), views)
            return ShuffledBatches(
                x, y, batch_size, [order], processes=processes, keys=keys, drawn=drawn
            )
        return IndexedBatches(
            chosen,
            self.read,
            self.make_views,
            batch_size,
            order=order,
            views=views,
            processes=processes,
            keys=keys,
            make_local=self.local_views if self.local_crops else None,
            drawn=drawn,
        )

    def pairs(
        self, indices: "Indices", batch_size: int, views: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield some pairs in the order given, a batch at a time; the last may be smaller.

        Args:
            indices: of the pairs.
            batch_size: pairs at a time.
            views: draws what is random in views.
        """
        for some in torch.from_numpy(indices).split(batch_size):
            yield self.make_views(self.read(some), views)

    def in_memory(self, batch_size: int, views: torch.Generator) -> Pairs:
        """Make the views of all pairs, a batch at a time, and return them as two tensors.

        Args:
            batch_size: pairs at a time.
            views: draws what is random in views.
        """
        x = y = torch.empty(0)
        done = 0
        for some_x, some_y in self.pairs(np.arange(len(self)), batch_size, views):
            if not done:
                x, y = (each.new_empty(len(self), *each.shape[1:]) for each in (some_x, some_y))
            x[done : done + len(some_x)], y[done : done + len(some_y)] = some_x, some_y
            done += len(some_x)
        return Pairs(x, y)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.name!r}, {len(self)} pairs, "
            f"x_shape={self.x_shape}, y_shape={self.y_shape})"
        )
