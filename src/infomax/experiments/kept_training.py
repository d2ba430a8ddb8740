"""A training that is looked at, kept on disk, taken up again and ended in time."""

import math
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import TypeAlias

import pandas as pd
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.experiments.checkpoints import Checkpoints
from infomax.experiments.evaluator import Evaluation, Evaluator, Measurement
from infomax.processes import Processes
from infomax.training import (
    Failure,
    PairModel,
    PairTraining,
    Progress,
    State,
    seeded_globally,
    train_in_blocks,
)

__all__ = ["KeptTraining", "LossNotFiniteError", "Observer"]

Observer: TypeAlias = Callable[[Evaluation, pd.DataFrame], None]
"""Is told what a look measured, and all that was measured so far: step, split, metric, value."""

_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_GLOBAL_GENERATOR = "global_generator"
_NOT_BEGUN = -1


class LossNotFiniteError(ArithmeticError):
    """The loss was not a number or infinite; the checkpoints before it are kept."""


class KeptTraining:
    """A training under way: what was measured, what was best, and where it is kept.

    Args:
        training: of one model.
        looks: look at it; ``None`` where there are no pairs to look at.
        target: nats at which the bound is held; the look nearest to it is then the best.
        patience: looks without a new best after which to stop.
        time_limit: seconds after which to stop.
        seed: of what looks draw globally: the same at each, and training draws as without them.
        checkpoints: where it is kept, and taken up from.
        observe: is told of each look.
        begin: is told what was measured before, when all was found to fit and before anything is
            trained; whatever is written of the training is written from then on.
        processes: that train together; the first looks and writes for all.

    Attributes:
        step: updates made.
        weights_step: update whose weights the training has ended with.

    Raises:
        UserError: if there is nothing that patience could wait for.
    """

    def __init__(
        self,
        training: PairTraining[PairModel],
        looks: Evaluator | None,
        *,
        target: float | None,
        patience: int | None,
        time_limit: float | None,
        seed: int,
        checkpoints: Checkpoints | None,
        observe: Observer,
        begin: Callable[[pd.DataFrame], None],
        processes: Processes,
    ) -> None:
        self._processes = processes
        validates = processes.broadcast(looks is not None and looks.validates)
        if patience is not None and not validates:
            raise UserError("patience waits for the bound on validation pairs, and there are none")
        self._training, self._looks = training, looks
        self._target, self._patience, self._seed = target, patience, seed
        self._checkpoints, self._observe, self._begin = checkpoints, observe, begin
        self._deadline = math.inf if time_limit is None else processes.clock() + time_limit
        self._history: list[tuple[int, Measurement]] = []
        self._validated: list[tuple[int, float]] = []
        self._best_weights: State | None = None
        self._warned: set[type[Warning]] = set()
        self.step, self.weights_step, self._looked_at = 0, 0, 0
        self._kept_at, self._look_is_new = processes.clock(), False

    def finish(self, steps: int, looks_at: Collection[int], progress: Progress) -> str:
        """Go on to the end, take the best weights, and return why it ended.

        Best is the look with the highest bound on validation pairs; without such pairs the weights
        are those of the last update.

        Args:
            steps: updates, at most.
            looks_at: numbers of updates after which to look.
            progress: is told how far it is.

        Raises:
            LossNotFiniteError: if the loss was not a number or infinite.
        """
        after = self._take_up()
        self._begin(self.history)
        if after < steps and self._ending() is None:
            failures = train_in_blocks(
                self._training,
                steps=steps,
                evaluation_steps={*looks_at, steps},
                evaluate=self._look,
                progress=progress,
                after=after,
                keep=self._keep,
                finished=self._finished,
                clock=self._processes.clock,
            )
            if failures:
                raise LossNotFiniteError(self._mishap(failures[0]))
        self._take_best()
        return (self._ending() if self.step < steps else None) or "all updates are made"

    @property
    def history(self) -> pd.DataFrame:
        """What was measured: step, split, metric, value."""
        rows = [(step, each.split, each.metric, each.value) for step, each in self._history]
        return pd.DataFrame(rows, columns=["step", "split", "metric", "value"])

    @property
    def best(self) -> tuple[int, float]:
        """The best look: its step, and its bound on validation pairs in nats."""
        return max(self._validated, key=self._merit, default=(0, math.nan))

    @property
    def validation_bound(self) -> float:
        """Bound on validation pairs of the weights that the training has ended with, in nats."""
        return dict(self._validated).get(self.weights_step, math.nan)

    def _merit(self, look: tuple[int, float]) -> float:
        return look[1] if self._target is None else -abs(look[1] - self._target)

    def _take_up(self) -> int:
        kept = self._checkpoints.last() if self._checkpoints is not None else None
        steps = self._processes.all_gather(_NOT_BEGUN if kept is None else kept.notes["step"])
        if len(set(steps)) > 1:
            raise UserError(
                f"processes find checkpoints of different updates ({', '.join(map(str, steps))}): "
                "all need the same folder, on a disk that all of them see"
            )
        if kept is None:
            return _NOT_BEGUN
        self._training.restore(kept.state)
        # One row for each process; of a single one, before there were several, without rows.
        generators = torch.atleast_2d(kept.state[_GLOBAL_GENERATOR])
        # A process more than there were goes on with its own seed.
        if self._processes.rank < len(generators):
            torch.set_rng_state(generators[self._processes.rank])
        notes = kept.notes
        self._history = [(step, Measurement(*each)) for step, *each in notes["history"]]
        self._validated = [(step, value) for step, value in notes["validated"]]
        self.step, self._looked_at = notes["step"], notes["looked_at"]
        return self.step

    def _look(self, step: int, _places: Collection[int]) -> None:
        with seeded_globally(self._seed):
            self._look_at(step)

    def _look_at(self, step: int) -> None:
        self.step = step
        estimates = self._training.training_curve()[self._looked_at :, 0]
        self._looked_at, self._look_is_new = step, True
        look = self._processes.broadcast(self._seen(step, estimates))
        self._history += [(step, each) for each in look.measured]
        if math.isfinite(look.validation_bound):
            self._validated.append((step, look.validation_bound))
            if self.best[0] == step:
                now = self._training.weights()
                self._best_weights = {name: each.detach().clone() for name, each in now.items()}
        if not self._processes.is_first:
            return
        for caution in look.cautions:
            # Once is enough: the same is seen at every look from here.
            if type(caution) not in self._warned:
                self._warned.add(type(caution))
                warnings.warn(caution, stacklevel=3)
        self._observe(look, self.history)

    def _seen(self, step: int, estimates: Tensor) -> Evaluation:
        if self._looks is not None:
            return self._looks.look(step, estimates)
        value = float(estimates.mean()) if len(estimates) else math.nan
        return Evaluation(step, (Measurement("train", "bound", value),), math.nan, ())

    def _finished(self, step: int) -> bool:
        self.step = step
        return self._ending() is not None

    def _ending(self) -> str | None:
        if self._patience is not None:
            since = sum(step > self.best[0] for step, _ in self._validated)
            if since >= self._patience:
                done = "risen" if self._target is None else "come nearer to the target"
                return f"the bound on validation pairs has not {done} for {since} evaluations"
        if self._deadline < math.inf and self._processes.clock() >= self._deadline:
            return "the time limit is reached"
        return None

    def _keep(self, step: int, _failures: Mapping[int, Failure]) -> None:
        if self._checkpoints is None:
            return
        due = self._processes.clock() - self._kept_at >= _SECONDS_BETWEEN_CHECKPOINTS
        if not (due or self._look_is_new):
            return
        generators = torch.stack(self._processes.all_gather(torch.get_rng_state()))
        state = {**self._training.state(), _GLOBAL_GENERATOR: generators}
        notes = {
            "step": step,
            "looked_at": self._looked_at,
            "history": [[at, *asdict(each).values()] for at, each in self._history],
            "validated": self._validated,
        }
        # Without validation pairs none is the best, and the last weights are those that are used.
        best = self._look_is_new and bool(self._validated) and self.best[0] == step
        if self._processes.is_first:
            self._checkpoints.write(step, state, notes, best=best)
        self._kept_at, self._look_is_new = self._processes.clock(), False

    def _take_best(self) -> None:
        self.weights_step = self.step
        if not self._validated or self.best[0] == self.step:
            return
        if self._best_weights is not None:
            self._training.take_weights(self._best_weights)
            self.weights_step = self.best[0]
        # It was before the training was taken up.
        elif self._checkpoints is not None and (kept := self._checkpoints.best()) is not None:
            self._training.take_weights(kept.state)
            self.weights_step = kept.notes["step"]

    def _mishap(self, failure: Failure) -> str:
        if failure.step == 0:
            return (
                f"{failure.reason}, before any update: look for NaN, infinite or huge values in "
                "the views (bring them to about 1) and in what the encoder makes of them"
            )
        return f"{failure.reason}: lower the learning rate, warm it up, or clip gradients" + (
            "; checkpoints before it are kept" if self._checkpoints is not None else ""
        )
