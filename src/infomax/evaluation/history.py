"""What evaluations of a model in training measured and warned of: one of them, and all."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from infomax.records import Measurement
from infomax.training import Callback, Trainer
from infomax.warnings import TrainingWarning

__all__ = ["Evaluation", "EvaluationHistory", "history_of"]


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found.

    Attributes:
        step: number of updates made before it.
        measurements: all values.
        validation_bound: bound on validation pairs in nats; NaN without such pairs.
        warnings: reasons to read the values with care.
    """

    step: int
    measurements: tuple[Measurement, ...]
    validation_bound: float
    warnings: tuple[TrainingWarning, ...]


class EvaluationHistory(Callback):
    """Keeps all that evaluations measured, and warns of what they found, once of each kind."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, Measurement]] = []
        self._warned: set[type[Warning]] = set()

    def __repr__(self) -> str:
        return f"EvaluationHistory({len(self._rows)} values)"

    @property
    def table(self) -> pd.DataFrame:
        """What was measured: step, split, metric, value."""
        rows = [(step, each.split, each.metric, each.value) for step, each in self._rows]
        return pd.DataFrame(rows, columns=["step", "split", "metric", "value"])

    @property
    def last_step(self) -> int:
        """Number of updates that were made before the last evaluation, or 0."""
        return self._rows[-1][0] if self._rows else 0

    def on_evaluation_end(self, trainer: Trainer, evaluation: Evaluation) -> None:
        """Keep what was measured; the first process warns."""
        self._rows += [(evaluation.step, each) for each in evaluation.measurements]
        if not trainer.processes.is_first:
            return
        for found in evaluation.warnings:
            # Once is enough: the same is seen at every evaluation from here.
            if type(found) not in self._warned:
                self._warned.add(type(found))
                warnings.warn(found, stacklevel=3)

    def state_dict(self) -> dict[str, Any]:
        """Return what was measured."""
        return {"rows": [[step, *each] for step, each in self._rows]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what was measured before."""
        self._rows = [(step, Measurement(*each)) for step, *each in state["rows"]]


def history_of(trainer: Trainer) -> pd.DataFrame:
    """Return what was measured of the run that a trainer trains: step, split, metric, value."""
    history = next(each for each in trainer.callbacks if isinstance(each, EvaluationHistory))
    return history.table
