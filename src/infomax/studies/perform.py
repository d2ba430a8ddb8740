"""Train one job, from its beginning or from where it was kept."""

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infomax.records import FAILED
from infomax.studies.experiment import Experiment
from infomax.studies.jobs import TrainingJob
from infomax.studies.measurement import Measurement, run_record
from infomax.studies.result_store import JobOutcome
from infomax.training import (
    Failure,
    Progress,
    read_checkpoint,
    train_in_blocks,
    write_checkpoint,
)

__all__ = ["perform"]

_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_NOT_BEGUN = -1


def perform(
    job: TrainingJob, experiment: Experiment, checkpoint: Path, progress: Progress
) -> JobOutcome:
    """Train and measure the runs of a job.

    A loss that is not finite ends that run: what was measured before it is kept, and its last
    record says at which step it failed.

    Args:
        job: which runs.
        experiment: made for that job.
        checkpoint: file that the job is kept in every minute; if it already holds this job, that
            goes on from there, to the same bits.
        progress: is told how far the job is.

    Raises:
        UserError: if the checkpoint cannot be read.
    """
    return _Performance(job, experiment, checkpoint).finish(progress)


class _Performance:
    """A job under way: what it has left so far and where it is kept."""

    def __init__(self, job: TrainingJob, experiment: Experiment, checkpoint: Path) -> None:
        self._job = job
        self._experiment = experiment
        self._checkpoint = checkpoint
        self._outcome = JobOutcome()
        self._kept_at = time.monotonic()
        self._began = time.perf_counter()
        self._before = 0.0

    def finish(self, progress: Progress) -> JobOutcome:
        """Go on to the end and return what the job has left."""
        after, failures = self._take_up()
        study = self._job.study
        failures = train_in_blocks(
            self._experiment.training,
            steps=study.steps,
            evaluation_steps=study.evaluation_steps,
            evaluate=self._evaluate,
            progress=progress,
            after=after,
            failures=failures,
            keep=self._keep,
        )
        for place, seed in enumerate(self._job.seeds):
            if place in failures:
                self._fail(seed, failures[place])
            else:
                self._record(seed, self._experiment.conclude(place))
        self._outcome.training_seconds = self._training_seconds()
        return self._outcome

    def _take_up(self) -> tuple[int, dict[int, Failure]]:
        if self._checkpoint.is_file():
            state, notes = read_checkpoint(self._checkpoint)
            if notes["job"] == self._job.label:
                self._experiment.training.restore(state)
                return self._restore(notes)
        self._experiment.begin()
        return _NOT_BEGUN, {}

    def _restore(self, notes: Mapping[str, Any]) -> tuple[int, dict[int, Failure]]:
        self._outcome = JobOutcome(**notes["outcome"])
        self._before = self._outcome.training_seconds + self._outcome.evaluation_seconds
        failures = {int(place): Failure(*each) for place, each in notes["failures"].items()}
        return notes["step"], failures

    def _evaluate(self, step: int, places: Collection[int]) -> None:
        began = time.perf_counter()
        for place in places:
            measured = self._experiment.evaluate(place, step)
            self._record(self._job.seeds[place], [(step, each) for each in measured])
        self._outcome.evaluation_seconds += time.perf_counter() - began

    def _keep(self, step: int, failures: Mapping[int, Failure]) -> None:
        due = time.monotonic() - self._kept_at >= _SECONDS_BETWEEN_CHECKPOINTS
        # The end is kept by whoever asked for the job.
        if step == self._job.study.steps or not due:
            return
        self._outcome.training_seconds = self._training_seconds()
        notes = {
            "job": self._job.label,
            "step": step,
            "failures": {str(place): list(failure) for place, failure in failures.items()},
            "outcome": asdict(self._outcome),
        }
        write_checkpoint(self._checkpoint, self._experiment.training.state(), notes)
        self._kept_at = time.monotonic()

    def _record(self, seed: int, measured: list[tuple[int, Measurement]]) -> None:
        self._outcome.records += [
            run_record(self._job.configuration, self._experiment.dataset, seed, step, each)
            for step, each in measured
        ]

    def _fail(self, seed: int, failure: Failure) -> None:
        self._outcome.failures[seed] = failure.reason
        self._record(seed, [(failure.step, Measurement("train", FAILED, failure.loss))])

    def _training_seconds(self) -> float:
        spent = self._before + time.perf_counter() - self._began
        return spent - self._outcome.evaluation_seconds
