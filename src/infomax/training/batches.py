"""Batches for models that train side by side: each model draws from a stream of its own."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch
from torch import Tensor

from infomax.distributions import PairDistribution
from infomax.errors import UserError
from infomax.processes import Processes

if TYPE_CHECKING:
    from infomax.views import AdditiveNoise

__all__ = [
    "Batches",
    "LocalBatches",
    "NoisyBatches",
    "PositionedBatches",
    "SampledBatches",
    "SeparateBatches",
    "ShuffledBatches",
    "State",
    "order_without_repeats",
]

State = dict[str, Tensor]
"""Named tensors from which something goes on exactly where it was."""


class Batches(Protocol):
    """An endless stream of batches of pairs, one batch for each of S models at a time."""

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batches: x ``(S, N, dx)`` and y ``(S, N, dy)``."""

    def state(self) -> State:
        """Return what determines the batches to come."""

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""


@runtime_checkable
class PositionedBatches(Batches, Protocol):
    """Batches of rows that are known by their positions.

    Attributes:
        positions: of the rows of the batch that was drawn last, among those that batches are drawn
            from: ``(S, N)``.
    """

    @property
    def positions(self) -> Tensor:
        """Positions of the rows of the batch that was drawn last: ``(S, N)``."""


@runtime_checkable
class LocalBatches(Batches, Protocol):
    """Batches that may have further views of each item, of smaller parts.

    Attributes:
        local: those of the batch that was drawn last, ``(S, L, N, ...)``; ``None`` if there are
            none.
    """

    @property
    def local(self) -> Tensor | None:
        """Further views of the batch that was drawn last: ``(S, L, N, ...)``."""


class ShuffledBatches:
    """Batches of rows in memory: a fresh permutation for each pass, for each model.

    Every batch has ``batch_size`` rows, so the bound's ceiling is the same for all; the rows that
    are left over at the end of a pass come back, elsewhere, in the next.

    Args:
        x: ``(rows, dx)``.
        y: ``(rows, dy)`` or ``(rows,)``; row i belongs to row i of x.
        batch_size: rows in a batch.
        generators: one for each model, on the CPU; each draws its model's permutations.
        processes: that share each batch: all draw the same, and each takes its own rows of it.
        keys: a whole number for each row, ``(rows,)``; no batch holds two rows of one key. ``None``
            draws rows whatever they hold.
        drawn: K, rows drawn beside each batch, from all and with replacement, of which only y is
            given, behind that of the batch: ``(S, N + K, dy)``. All processes draw the same.

    Attributes:
        positions: rows of the batch that was drawn last, ``(S, N)``; of this process alone.

    Raises:
        UserError: if a batch is larger than the data or than the number of different keys, or
            smaller than the number of processes.
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        batch_size: int,
        generators: Sequence[torch.Generator],
        *,
        processes: Processes | None = None,
        keys: Tensor | None = None,
        drawn: int = 0,
    ) -> None:
        if batch_size > len(x):
            raise UserError(f"a batch of {batch_size} is larger than the data ({len(x)} pairs)")
        self._own = (processes or Processes()).own_rows(batch_size)
        self._x, self._y = x, y
        self._batch_size = batch_size
        self._generators = generators
        self._keys, self._drawn = keys, drawn
        self._position = 0
        self.positions = torch.empty(len(generators), 0, dtype=torch.int64)
        self._begin_pass()

    def __repr__(self) -> str:
        return f"ShuffledBatches({len(self._x)} rows, batch_size={self._batch_size})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of each model."""
        if self._position + self._batch_size > self._orders.shape[1]:
            self._begin_pass()
        end = self._position + self._batch_size
        rows = self._orders[:, self._position : end][:, self._own]
        self._position, self.positions = end, rows
        x = self._x.index_select(0, rows.reshape(-1)).unflatten(0, rows.shape)
        candidates = torch.cat([rows, self._draw_beside()], dim=1) if self._drawn else rows
        y = self._y.index_select(0, candidates.reshape(-1)).unflatten(0, candidates.shape)
        return x, y

    def state(self) -> State:
        """Return the generators as they were when the pass began, and the position in it."""
        begun = {f"generator.{index}": each for index, each in enumerate(self._at_beginning)}
        return {**begun, "position": torch.tensor(self._position)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Draw the permutations of the pass again and go to the position."""
        for index, generator in enumerate(self._generators):
            generator.set_state(state[f"generator.{index}"])
        self._begin_pass()
        self._position = int(state["position"])
        if self._drawn:
            # What was drawn beside the batches of the pass before moved the generators.
            for _ in range(self._position // self._batch_size):
                self._draw_beside()

    def _draw_beside(self) -> Tensor:
        size = (self._drawn,)
        rows = [torch.randint(len(self._x), size, generator=each) for each in self._generators]
        return torch.stack(rows).to(self._x.device)

    def _begin_pass(self) -> None:
        self._at_beginning = [generator.get_state() for generator in self._generators]
        orders = [self._order(each) for each in self._generators]
        self._orders = torch.stack(orders).to(self._x.device)
        self._position = 0

    def _order(self, generator: torch.Generator) -> Tensor:
        if self._keys is None:
            return torch.randperm(len(self._x), generator=generator)
        return order_without_repeats(self._keys, self._batch_size, generator)


def order_without_repeats(keys: Tensor, batch_size: int, generator: torch.Generator) -> Tensor:
    """Return rows in random order, so that no batch of them holds two rows of one key.

    As many batches as can be filled like that; of a key with more rows than batches, a random
    choice of its rows is left to later passes.

    Args:
        keys: one whole number for each row, ``(rows,)``, on the CPU.
        batch_size: rows in a batch.
        generator: on the CPU.

    Returns:
        The rows of one batch after the other: ``(batches x batch_size,)``.

    Raises:
        UserError: if there are fewer different keys than rows in a batch.

    Example:
        >>> keys = torch.tensor([0, 0, 0, 1, 1, 2])
        >>> order = order_without_repeats(keys, 2, torch.Generator().manual_seed(0))
        >>> all(len(set(pair.tolist())) == 2 for pair in keys[order].split(2))
        True
    """
    _, numbers, sizes = keys.unique(return_inverse=True, return_counts=True)
    if len(sizes) < batch_size:
        raise UserError(
            f"{len(sizes)} different items are fewer than a batch of {batch_size}, which is to "
            "hold none twice: make the batch smaller, or take other negatives than without-repeats"
        )
    # The more batches, the fewer of a key's rows each of them may hold.
    batches = bisect_left(
        range(1, len(keys) // batch_size + 1),
        True,
        key=lambda count: int(sizes.clamp(max=count).sum()) < count * batch_size,
    )
    drawn = torch.randperm(len(keys), generator=generator)
    # Rows of one key side by side, keys in random order: dealt out in turn, they never meet.
    of_key = torch.randperm(len(sizes), generator=generator)[numbers[drawn]]
    together = of_key.argsort(stable=True)
    rows, of_key = drawn[together], of_key[together]
    first = torch.searchsorted(of_key, of_key)
    rows = rows[torch.arange(len(rows)) - first < batches]
    return rows[: batches * batch_size].view(batch_size, batches).T.flatten()


class SeparateBatches:
    """Batches of rows in memory where every model has rows of its own.

    Args:
        x: ``(S, rows, dx)``.
        y: ``(S, rows, dy)``; row i belongs to row i of x.
        batch_size: rows in a batch.
        generators: one for each model, on the CPU; each draws its model's permutations.

    Raises:
        UserError: if a batch is larger than the rows of a model.
    """

    def __init__(
        self, x: Tensor, y: Tensor, batch_size: int, generators: Sequence[torch.Generator]
    ) -> None:
        self._x, self._y = x.flatten(end_dim=1), y.flatten(end_dim=1)
        models, rows = x.shape[:2]
        self._first_rows = rows * torch.arange(models, device=x.device)[:, None]
        indices = torch.arange(rows, device=x.device)
        self._indices = ShuffledBatches(indices, indices, batch_size, generators)

    def __repr__(self) -> str:
        return f"SeparateBatches({self._indices})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of each model."""
        indices, _ = self._indices.draw()
        rows = (self._first_rows + indices).reshape(-1)
        x, y = (side.index_select(0, rows) for side in (self._x, self._y))
        return x.unflatten(0, indices.shape), y.unflatten(0, indices.shape)

    def state(self) -> State:
        """Return the generators as they were when the pass began, and the position in it."""
        return self._indices.state()

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Draw the permutations of the pass again and go to the position."""
        self._indices.restore(state)


class NoisyBatches:
    """Batches with fresh noise added to both views.

    With shared noise both views of a pair get the same values, as the paper's notebook has it: the
    noise itself is then information that the views share.

    Args:
        batches: to add noise to.
        noise: that is added.
        generators: one for each model, on the device of the views.
    """

    def __init__(
        self, batches: Batches, noise: "AdditiveNoise", generators: Sequence[torch.Generator]
    ) -> None:
        self._batches = batches
        self._noise = noise
        self._generators = generators

    def __repr__(self) -> str:
        return f"NoisyBatches({self._batches}, {self._noise})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of each model, with noise."""
        of_models = zip(*self._batches.draw(), self._generators, strict=True)
        x, y = zip(*(self._noise.add_to(*each) for each in of_models), strict=True)
        return torch.stack(x), torch.stack(y)

    def state(self) -> State:
        """Return the state of the batches and of the generators of the noise."""
        noise = {f"noise.{index}": each.get_state() for index, each in enumerate(self._generators)}
        return {**self._batches.state(), **noise}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        self._batches.restore(state)
        for index, generator in enumerate(self._generators):
            generator.set_state(state[f"noise.{index}"])


class SampledBatches:
    """Batches drawn afresh from a distribution; no pair is ever seen twice.

    Args:
        distribution: of a batch of pairs.
        batch_size: pairs in a batch.
        generators: one for each model.
    """

    def __init__(
        self,
        distribution: PairDistribution,
        batch_size: int,
        generators: Sequence[torch.Generator],
    ) -> None:
        self._distribution = distribution
        self._batch_size = batch_size
        self._generators = generators

    def __repr__(self) -> str:
        return f"SampledBatches({self._distribution}, batch_size={self._batch_size})"

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return the next batch of each model."""
        drawn = [self._distribution.sample(self._batch_size, each) for each in self._generators]
        x, y = zip(*drawn, strict=True)
        return torch.stack(x), torch.stack(y)

    def state(self) -> State:
        """Return the state of the generators."""
        return {
            f"generator.{index}": each.get_state() for index, each in enumerate(self._generators)
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned."""
        for index, generator in enumerate(self._generators):
            generator.set_state(state[f"generator.{index}"])
