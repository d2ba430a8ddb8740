"""Callbacks of the trainer: progress, evaluation, weights to keep, when to stop and to save."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.information import merit
from infomax.training.batches import State
from infomax.training.checkpoint import Checkpoint
from infomax.training.pair_training import PairTraining
from infomax.training.seeds import seeded_globally
from infomax.training.trainer import Callback, Trainer
from infomax.training.training import Progress, evaluation_mode, prefixed, stripped

__all__ = [
    "BestWeights",
    "CheckpointStore",
    "Checkpointing",
    "EarlyStopping",
    "ProgressReporter",
    "ScheduledEvaluation",
    "TimeLimit",
]

_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_NOT_BEGUN = -1


class ProgressReporter(Callback):
    """Tells whoever shows progress how far the training is.

    Args:
        progress: is told.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __repr__(self) -> str:
        return f"ProgressReporter({type(self.progress).__name__})"

    def on_train_start(self, trainer: Trainer) -> None:
        """Tell after how many updates it begins."""
        self.progress.begin(trainer.step)

    def on_updates_end(self, trainer: Trainer) -> None:
        """Tell how many updates are made, and the watched value."""
        self.progress.advance(trainer.step, trainer.watched)


class ScheduledEvaluation(Callback):
    """Evaluates the models after certain numbers of updates, and wherever training is stopped.

    They are then in evaluation mode, and no gradient is recorded. What was found goes to the
    ``on_evaluation_end`` of every callback.

    Args:
        evaluate: called with the number of updates made and the indices of the models that have not
            failed; returns whatever was found.
        steps: numbers of updates after which to evaluate, from 0.
        seed: of the global generators meanwhile, so that evaluations draw alike and change nothing
            of what training draws; ``None`` leaves the generators alone.
    """

    def __init__(
        self,
        evaluate: Callable[[int, Sequence[int]], Any],
        steps: Collection[int],
        *,
        seed: int | None = None,
    ) -> None:
        self.evaluate, self.steps, self.seed = evaluate, frozenset(steps), seed

    def __repr__(self) -> str:
        return f"ScheduledEvaluation(steps={sorted(self.steps)}, seed={self.seed})"

    @property
    def stops(self) -> Collection[int]:
        """Numbers of updates after which to evaluate."""
        return self.steps

    def on_block_end(self, trainer: Trainer) -> None:
        """Evaluate if it is time to."""
        if trainer.step not in self.steps and trainer.stop_reason is None:
            return
        with ExitStack() as state:
            if self.seed is not None:
                state.enter_context(seeded_globally(self.seed))
            with ExitStack() as modes, torch.no_grad():
                for module in trainer.training.modules:
                    modes.enter_context(evaluation_mode(module))
                found = self.evaluate(trainer.step, trainer.indices)
            for callback in trainer.callbacks:
                callback.on_evaluation_end(trainer, found)


class BestWeights(Callback):
    """Leaves each model with the weights of its best evaluation.

    Of equal evaluations the first is the best. A value that is not finite is no best; where all are
    like that, the first evaluation is.

    Args:
        value: from what an evaluation found to the value of each of the S models that is to be
            made large, e.g. its bound on validation pairs.
        target: makes the value that is nearest to it the best, instead of the largest.
        saved: returns the checkpoint of the best weights that were found before the training was
            resumed; for a single model.
        kept_with_checkpoint: keep the best weights in every checkpoint, for trainings that are
            evaluated far more often than a checkpoint could be written; ``saved`` is not asked.

    Attributes:
        evaluations: number of updates and value of each model, for each evaluation.
        weights_steps: number of updates that each model's weights are of, once training has ended.
    """

    def __init__(
        self,
        value: Callable[[Any], Sequence[float]],
        *,
        target: float | None = None,
        saved: Callable[[], Checkpoint | None] = lambda: None,
        kept_with_checkpoint: bool = False,
    ) -> None:
        self.target, self._is_kept = target, kept_with_checkpoint
        self.evaluations: list[tuple[int, list[float]]] = []
        self.weights_steps: list[int] = []
        self._value, self._saved = value, saved
        self._best: list[int] = []
        self._weights: dict[int, State] = {}

    def __repr__(self) -> str:
        return f"BestWeights(target={self.target})"

    def evaluations_since_gain(self, least_gain: float = 0.0) -> list[int]:
        """Return the number of evaluations after the last of each model that gained so much.

        The first counts, and each that is better by more than that than the last one that did.
        """
        if not self.evaluations:
            return []
        counted = [0] * len(self._best)
        for position, (_, values) in enumerate(self.evaluations):
            for index, value in enumerate(values):
                before = self.evaluations[counted[index]][1][index]
                if merit(value, self.target) > merit(before, self.target) + least_gain:
                    counted[index] = position
        return [len(self.evaluations) - 1 - position for position in counted]

    def best_step(self, index: int = 0) -> int:
        """Return the number of updates after which a model's best evaluation was."""
        return self.evaluations[self._best[index]][0]

    def value_at(self, step: int, index: int = 0) -> float:
        """Return a model's value after so many updates; NaN where it was not evaluated."""
        return next((values[index] for at, values in self.evaluations if at == step), math.nan)

    def on_evaluation_end(self, trainer: Trainer, evaluation: Any) -> None:
        """Keep the weights of models that were never better."""
        training = cast("PairTraining[Any]", trainer.training)
        for index in self._add(trainer.step, [float(each) for each in self._value(evaluation)]):
            now = training.weights(index)
            self._weights[index] = {name: each.detach().clone() for name, each in now.items()}

    def on_train_end(self, trainer: Trainer) -> None:
        """Give each model its best weights."""
        self.weights_steps = [trainer.step] * len(self._best)
        training = cast("PairTraining[Any]", trainer.training)
        for index in range(len(self._best)):
            if self.best_step(index) == trainer.step:
                continue
            if index in self._weights:
                training.take_weights(index, self._weights[index])
                self.weights_steps[index] = self.best_step(index)
            elif (saved := self._saved()) is not None:
                training.take_weights(index, saved.state)
                self.weights_steps[index] = saved.notes["step"]

    def state_dict(self) -> dict[str, Any]:
        """Return all evaluations; the weights stand in a checkpoint of their own."""
        return {"evaluations": self.evaluations}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from these evaluations."""
        for step, values in state["evaluations"]:
            self._add(step, values)

    def tensors(self) -> State:
        """Return the best weights of each model, where checkpoints are to hold them."""
        state: State = {}
        for index, weights in self._weights.items() if self._is_kept else ():
            state |= prefixed(str(index), weights)
        return state

    def load_tensors(self, state: Mapping[str, Tensor]) -> None:
        """Go on from these best weights."""
        for index in {int(name.partition(".")[0]) for name in state}:
            self._weights[index] = stripped(str(index), state)

    def _add(self, step: int, values: list[float]) -> list[int]:
        """Add an evaluation and return the indices of the models that were never better."""
        self.evaluations.append((step, values))
        position = len(self.evaluations) - 1
        self._best = self._best or [position] * len(values)
        better = [
            index
            for index, value in enumerate(values)
            if position == 0
            or merit(value, self.target)
            > merit(self.evaluations[self._best[index]][1][index], self.target)
        ]
        for index in better:
            self._best[index] = position
        return better


class EarlyStopping(Callback):
    """Stops training when no model has had a new best evaluation for some time.

    Args:
        best: knows the best evaluations; it is to be called before this callback.
        patience: number of evaluations without a new best, e.g. 3.
        least_gain: how much better than the last one that counted a new best has to be to count, in
            the unit of what is evaluated. A value that scatters now and then has a new best.
        watched: what is evaluated, for people.
    """

    def __init__(
        self,
        best: BestWeights,
        patience: int,
        *,
        least_gain: float = 0.0,
        watched: str = "the value that is watched",
    ) -> None:
        self.best, self.patience = best, patience
        self.least_gain, self.watched = least_gain, watched

    def __repr__(self) -> str:
        least = f", least_gain={self.least_gain}" if self.least_gain else ""
        return f"EarlyStopping({self.best}, patience={self.patience}{least})"

    @property
    def is_due(self) -> bool:
        """Whether all models have waited long enough."""
        since = self.best.evaluations_since_gain(self.least_gain)
        return bool(since) and min(since) >= self.patience

    def on_train_start(self, trainer: Trainer) -> None:
        """Stop a training that is resumed and had ended for this reason."""
        self._stop_if_due(trainer)

    def on_evaluation_end(self, trainer: Trainer, evaluation: Any) -> None:  # noqa: ARG002
        """Stop training if there was no new best for long enough."""
        self._stop_if_due(trainer)

    def _stop_if_due(self, trainer: Trainer) -> None:
        if self.is_due:
            done = "risen" if self.best.target is None else "come nearer to the target"
            since = min(self.best.evaluations_since_gain(self.least_gain))
            trainer.stop(f"{self.watched} has not {done} for {since} evaluations")


class TimeLimit(Callback):
    """Stops training after some time.

    Args:
        seconds: after which to stop, counted from the start or the resumption of the training.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = math.inf

    def __repr__(self) -> str:
        return f"TimeLimit(seconds={self.seconds})"

    def on_train_start(self, trainer: Trainer) -> None:
        """Begin to count."""
        self._deadline = trainer.clock() + self.seconds

    def on_updates_end(self, trainer: Trainer) -> None:
        """Stop training if the time is up."""
        if trainer.clock() >= self._deadline:
            trainer.stop("the time limit is reached")

    def on_evaluation_end(self, trainer: Trainer, evaluation: Any) -> None:  # noqa: ARG002
        """Stop training if the time is up."""
        self.on_updates_end(trainer)


class CheckpointStore(Protocol):
    """Where checkpoints are kept, e.g. a folder."""

    def last(self) -> Checkpoint | None:
        """Return the checkpoint to go on from, if there is one."""

    def write(self, step: int, state: State, notes: Mapping[str, Any], *, best: bool) -> None:
        """Keep what a training goes on from after so many updates.

        Args:
            step: number of updates made.
            state: named tensors.
            notes: what else belongs to it.
            best: whether the weights are the best so far.
        """


class Checkpointing(Callback):
    """Resumes a training from its last checkpoint, and writes one every minute.

    Args:
        store: where checkpoints are kept; of several processes the first writes to it.
        best: knows whether the weights are the best so far.
        after_evaluations: whether to write one after every evaluation, too.
    """

    def __init__(
        self,
        store: CheckpointStore,
        best: BestWeights | None = None,
        *,
        after_evaluations: bool = True,
    ) -> None:
        self.store, self.best, self.after_evaluations = store, best, after_evaluations
        self._saved_at, self._is_evaluated = -math.inf, False

    def __repr__(self) -> str:
        return f"Checkpointing({self.store}, after_evaluations={self.after_evaluations})"

    def on_fit_start(self, trainer: Trainer) -> None:
        """Restore the last checkpoint, if there is one.

        Raises:
            UserError: if it cannot be read, or processes find different ones.
        """
        kept = self.store.last()
        steps = trainer.processes.all_gather(_NOT_BEGUN if kept is None else kept.notes["step"])
        if len(set(steps)) > 1:
            raise UserError(
                f"processes find checkpoints of different updates ({', '.join(map(str, steps))}): "
                "all need the same folder, on a disk that all of them see"
            )
        if kept is not None:
            trainer.restore(kept)
        self._saved_at = trainer.clock()

    def on_evaluation_end(self, trainer: Trainer, evaluation: Any) -> None:  # noqa: ARG002
        """Note that there is something new to keep."""
        self._is_evaluated = True

    def on_save_point(self, trainer: Trainer) -> None:
        """Write a checkpoint if it is time to."""
        is_due = trainer.clock() - self._saved_at >= _SECONDS_BETWEEN_CHECKPOINTS
        if not (is_due or (self._is_evaluated and self.after_evaluations)):
            return
        # Without an evaluation since the last checkpoint, that of the best weights is there.
        is_best = (
            self._is_evaluated and self.best is not None and self.best.best_step() == trainer.step
        )
        checkpoint = trainer.checkpoint()
        if trainer.processes.is_first:
            self.store.write(trainer.step, *checkpoint, best=is_best)
        self._saved_at, self._is_evaluated = trainer.clock(), False
