"""All that was measured while a run was trained."""

import warnings
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from infomax.experiments.evaluator import Evaluation, Measurement
from infomax.training import Callback, Trainer

__all__ = ["RunHistory", "history_of"]


class RunHistory(Callback):
    """Keeps all that evaluations measured, and warns of what they found, once of each kind."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, Measurement]] = []
        self._warned: set[type[Warning]] = set()

    def __repr__(self) -> str:
        return f"RunHistory({len(self._rows)} values)"

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
        self._rows += [(evaluation.step, each) for each in evaluation.measured]
        if not trainer.processes.is_first:
            return
        for found in evaluation.cautions:
            # Once is enough: the same is seen at every evaluation from here.
            if type(found) not in self._warned:
                self._warned.add(type(found))
                warnings.warn(found, stacklevel=3)

    def state_dict(self) -> dict[str, Any]:
        """Return what was measured."""
        return {"rows": [[step, *asdict(each).values()] for step, each in self._rows]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what was measured before."""
        self._rows = [(step, Measurement(*each)) for step, *each in state["rows"]]


def history_of(trainer: Trainer) -> pd.DataFrame:
    """Return what was measured of the run that a trainer trains: step, split, metric, value."""
    history = next(each for each in trainer.callbacks if isinstance(each, RunHistory))
    return history.table
