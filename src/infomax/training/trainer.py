"""The trainer: makes updates of whatever is trained, and calls callbacks between them."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from infomax.processes import Processes
from infomax.training.batches import State
from infomax.training.checkpoint import Checkpoint
from infomax.training.training import Training, prefixed, stripped

__all__ = ["Callback", "Failure", "LossNotFiniteError", "Trainer"]

_LARGEST_BLOCK = 50
# Longer blocks than this keep who waits, and whoever asked for an end, waiting.
_SECONDS_OF_BLOCK = 1.0
_GLOBAL_GENERATOR = "global_generator"
_CALLBACK = "callback"


class LossNotFiniteError(ArithmeticError):
    """The loss was not a number or infinite; the checkpoints before it are whole."""


class Failure(NamedTuple):
    """A loss that was not a number or infinite: that model cannot go on.

    Attributes:
        step: the first update (from 0) whose loss was not finite.
        loss: that loss.
    """

    step: int
    loss: float

    @property
    def reason(self) -> str:
        """Say what happened."""
        return f"the loss at step {self.step} is {self.loss}"

    @property
    def advice(self) -> str:
        """Say what happened and what can be done about it."""
        if self.step == 0:
            return (
                f"{self.reason}, before any update: look for NaN, infinite or huge values in "
                "the views (bring them to about 1) and in what the encoder makes of them"
            )
        return f"{self.reason}: lower the learning rate, warm it up, or clip gradients"


class Callback:
    """Does something of its own at certain moments of a training.

    Every method does nothing until a subclass overrides it. Callbacks are called in the order in
    which the trainer was given them; by several processes that train together, on all of them.
    """

    @property
    def stops(self) -> Collection[int]:
        """Numbers of updates after which a block must end, for ``on_block_end`` to be called."""
        return ()

    def on_fit_start(self, trainer: "Trainer") -> None:
        """Act before anything else: restore the trainer from a checkpoint, for instance."""

    def on_train_start(self, trainer: "Trainer") -> None:
        """Act before the first update that is still to be made."""

    def on_updates_end(self, trainer: "Trainer") -> None:
        """Act when some updates were made; here a callback may stop the training."""

    def on_block_end(self, trainer: "Trainer") -> None:
        """Act when a block of updates has come to one of the ``stops``, or to the end."""

    def on_evaluation_end(self, trainer: "Trainer", evaluation: Any) -> None:
        """Act on what an evaluation found; here a callback may stop the training."""

    def on_save_point(self, trainer: "Trainer") -> None:
        """Act when all that belongs to this number of updates is done and can be saved."""

    def on_train_end(self, trainer: "Trainer") -> None:
        """Act after the last update."""

    def state_dict(self) -> dict[str, Any]:
        """Return what the callback needs to go on from a checkpoint, as JSON can hold it."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state_dict`` returned."""

    def tensors(self) -> State:
        """Return what else the callback needs to go on, named tensors."""
        return {}

    def load_tensors(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what ``tensors`` returned."""


class Trainer:
    """Updates models of one or several seeds, side by side, until all updates are made.

    Training ends earlier when a callback stops it, or no model is left. A model whose loss is not
    finite is left behind: the others, which share nothing with it, go on as if it were not there.

    Args:
        steps: number of updates in all, those before a checkpoint that is resumed among them.
        callbacks: called at certain moments, in this order.
        processes: that train together.

    Attributes:
        training: what is trained.
        step: number of updates made.
        watched: mean over the models of the latest watched value, e.g. the bound in nats.
        failures: of the models that were left behind, by their index.
        resumed: whether the training goes on from a checkpoint.
        stop_reason: why a callback stopped the training; ``None`` if none did.

    Example:
        >>> Trainer(steps=10)
        Trainer(steps=10, callbacks=[])
    """

    training: Training

    def __init__(
        self,
        steps: int,
        callbacks: Sequence[Callback] = (),
        *,
        processes: Processes | None = None,
    ) -> None:
        self.steps = steps
        self.callbacks = tuple(callbacks)
        self.processes = processes or Processes()
        self.step = 0
        self.watched = math.nan
        self.failures: dict[int, Failure] = {}
        self.resumed = False
        self.stop_reason: str | None = None
        self._block = 1

    def __repr__(self) -> str:
        return f"Trainer(steps={self.steps}, callbacks={list(self.callbacks)})"

    def fit(self, training: Training) -> None:
        """Make all updates that are still to be made."""
        self.training = training
        for callback in self.callbacks:
            callback.on_fit_start(self)
        for callback in self.callbacks:
            callback.on_train_start(self)
        for stop in self._stops():
            self._advance_to(stop)
            if not self.indices:
                break
            for callback in self.callbacks:
                callback.on_block_end(self)
            for callback in self.callbacks:
                callback.on_save_point(self)
        for callback in self.callbacks:
            callback.on_train_end(self)

    @property
    def indices(self) -> list[int]:
        """Indices of the models that have not failed."""
        models = range(len(self.training.modules))
        return [index for index in models if index not in self.failures]

    @property
    def ending(self) -> str:
        """Say why the training has ended."""
        stopped = self.stop_reason if self.step < self.steps else None
        return stopped or "all updates are made"

    def stop(self, reason: str) -> None:
        """End the training once what is due at this number of updates is done.

        Args:
            reason: why, e.g. ``"the time limit is reached"``.
        """
        self.stop_reason = self.stop_reason or reason

    def clock(self) -> float:
        """Return seconds since some moment, the same on all processes."""
        return self.processes.clock()

    def checkpoint(self) -> Checkpoint:
        """Return all that determines how the training goes on."""
        generators = torch.stack(self.processes.all_gather(torch.get_rng_state()))
        states = {name: each.state_dict() for name, each in self._named_callbacks().items()}
        notes = {
            "step": self.step,
            "failures": {str(index): list(each) for index, each in self.failures.items()},
            "callbacks": {name: state for name, state in states.items() if state},
        }
        state = {**self.training.state(), _GLOBAL_GENERATOR: generators}
        for name, each in self._named_callbacks().items():
            state |= prefixed(f"{_CALLBACK}.{name}", each.tensors())
        return Checkpoint(state, notes)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same training, to the same bits."""
        state, notes = checkpoint
        self.training.restore(state)
        # A process more than there were goes on with its own seed.
        if self.processes.rank < len(state[_GLOBAL_GENERATOR]):
            torch.set_rng_state(state[_GLOBAL_GENERATOR][self.processes.rank])
        self.step, self.resumed = notes["step"], True
        self.failures = {int(index): Failure(*each) for index, each in notes["failures"].items()}
        for name, callback in self._named_callbacks().items():
            if (kept := notes["callbacks"].get(name)) is not None:
                callback.load_state_dict(kept)
            if tensors := stripped(f"{_CALLBACK}.{name}", state):
                callback.load_tensors(tensors)

    def _named_callbacks(self) -> dict[str, Callback]:
        """Return the callbacks by their class, and by their number where there are several of it.

        So a checkpoint finds each again, even if another kind is added when it is resumed.
        """
        named: dict[str, Callback] = {}
        count = Counter[str]()
        for callback in self.callbacks:
            name = type(callback).__name__
            named[f"{name}-{count[name]}" if count[name] else name] = callback
            count[name] += 1
        return named

    def _stops(self) -> Iterator[int]:
        """Yield the numbers of updates at which callbacks are called, until there is an end."""
        asked = {stop for callback in self.callbacks for stop in callback.stops}
        begun = self.step if self.resumed else -1
        for stop in sorted({stop for stop in asked if stop < self.steps} | {self.steps}):
            if stop > begun and self.stop_reason is None:
                yield stop

    def _advance_to(self, stop: int) -> None:
        """Make updates in blocks, whose losses are looked at together."""
        while self.step < stop and self.indices and self.stop_reason is None:
            began, count = self.clock(), min(self._block, stop - self.step)
            self._update(count)
            self._block = _next_block(self._block, self.clock() - began)
            for callback in self.callbacks:
                callback.on_updates_end(self)
            if self.step < stop and self.indices and self.stop_reason is None:
                for callback in self.callbacks:
                    callback.on_save_point(self)

    def _update(self, count: int) -> None:
        """Make updates, and note failures.

        The losses are looked at afterwards: reading one waits for the device to finish it.
        """
        updates = [self.training.update() for _ in range(count)]
        losses = torch.stack([update.loss for update in updates]).cpu()
        for update, index in (~losses.isfinite()).nonzero().tolist():
            failure = Failure(self.step + update, float(losses[update, index]))
            self.failures.setdefault(index, failure)
        self.step += count
        sound = self.indices
        self.watched = float(updates[-1].watched[sound].mean()) if sound else math.nan


def _next_block(block: int, seconds: float) -> int:
    """Return how many updates to make at once: as many as fit in a second, but not very many."""
    if seconds > _SECONDS_OF_BLOCK:
        return max(block // 2, 1)
    return min(2 * block, _LARGEST_BLOCK) if seconds < _SECONDS_OF_BLOCK / 2 else block
