"""Run the jobs that are not done yet, in this process or wherever an executor has room for them."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import torch

from infomax.executors import Executor, Task, threads_of_a_task
from infomax.studies.jobs import Job, TrainingJob, in_order_of_work
from infomax.studies.output_folder import OutputFolder
from infomax.studies.result_store import JobOutcome, ResultStore
from infomax.studies.run_job import JobContext
from infomax.training import Progress, choose_device, read_checkpoint
from infomax.whole_file import move_file

__all__ = ["JobProgress", "LocalRunner", "ParallelRunner", "Runner", "run_jobs"]

_SECONDS_BETWEEN_STEPS_TOLD = 1.0


class JobProgress(Progress, Protocol):
    """Whatever wants to know how far jobs are, one after the other or side by side."""

    def begin_part(self, name: str, watched: str = ...) -> None:
        """Take note of the job that is run from here on, by its label, and what is watched."""

    def begin_elsewhere(self, name: str) -> None:
        """Take note of a job that is run elsewhere from here on, maybe beside others."""

    def follow(self, steps: Callable[[], Mapping[str, int]]) -> None:
        """Take what tells how many updates of jobs elsewhere are made, by their labels."""

    def end_part(self, name: str, seconds: float | None = None) -> None:
        """Take note that a job has ended, and how long it took if that is known."""


class Runner(Protocol):
    """Runs jobs that need nothing of each other.

    Attributes:
        threads: how many each job computes with, where several may run at once.
    """

    threads: int | None

    def run(self, jobs: Sequence[Job], store: ResultStore, progress: JobProgress) -> Iterator[Job]:
        """Hand the jobs out; yield each when its outcome is stored and its checkpoint removed."""


def run_jobs(
    jobs: Sequence[Job],
    store: ResultStore,
    runner: Runner,
    progress: JobProgress,
    draw: Callable[[], None] = lambda: None,
) -> None:
    """Run every job that the store has no outcome of, the cheapest study first.

    Stopped at any moment, the folder holds the outcomes of jobs that are finished and the
    checkpoints of those in hand.

    Args:
        jobs: all jobs of a reproduction.
        store: keeps the outcome of every job.
        runner: runs them.
        progress: is told how far they are.
        draw: called when the jobs have been handed out, and whenever a study has ended but the
            last.
    """
    left = []
    for job in jobs:
        rest = store.remaining(job)
        if rest is None:
            progress.end_part(job.label)
        else:
            left.append(rest)
    to_come = Counter(job.study.name for job in left)
    ended = runner.run(in_order_of_work(left), store, progress)
    draw()
    for job in ended:
        to_come -= Counter([job.study.name])
        if to_come and job.study.name not in to_come:
            draw()
    store.folder.remove_checkpoints()


class LocalRunner:
    """Runs jobs one after the other in this process, and shows the training of each.

    Args:
        context: what the jobs share.
        folder: holds the checkpoint of the job in hand.
    """

    def __init__(self, context: JobContext, folder: OutputFolder) -> None:
        self.threads: int | None = None
        self._context, self._folder = context, folder

    def __repr__(self) -> str:
        return f"LocalRunner({self._context}, {self._folder})"

    def run(self, jobs: Sequence[Job], store: ResultStore, progress: JobProgress) -> Iterator[Job]:
        """Yield each job when it has ended; the next is begun when another is asked for."""
        for job in jobs:
            # One that was trained beside others before has a checkpoint of its own.
            own = self._folder.checkpoint_of(job.label)
            checkpoint = own if own.is_file() else self._folder.checkpoint
            progress.begin_part(job.label, job.study.watched)
            store.add(job, self._context.run(job, checkpoint, progress))
            if isinstance(job, TrainingJob):
                checkpoint.unlink(missing_ok=True)
            progress.end_part(job.label)
            yield job


class ParallelRunner:
    """Runs each job by itself in another process or on another machine, several at once.

    A job is pickled with all that names it, and finds its checkpoint in the folder, so that it can
    be begun again wherever there is room.

    Args:
        executor: has the jobs done.
        device: where each job computes, e.g. ``cpu``, on whichever machine.
        folder: on a disk that all share; each job has a checkpoint of its own in it.
    """

    def __init__(self, executor: Executor, device: torch.device, folder: OutputFolder) -> None:
        self.threads: int | None = threads_of_a_task()
        self._executor, self._device, self._folder = executor, str(device), folder

    def __repr__(self) -> str:
        return f"ParallelRunner({self._executor}, {self._device!r}, {self._folder})"

    def run(self, jobs: Sequence[Job], store: ResultStore, progress: JobProgress) -> Iterator[Job]:
        """Hand all jobs out; yield each when it has ended.

        Raises:
            UserError: if the folder holds the checkpoint of a job that cannot be read.
        """
        self._folder.prepare_checkpoints()
        if self._folder.checkpoint.is_file():
            # Of the job that was in hand when they were done one after the other.
            _, notes = read_checkpoint(self._folder.checkpoint)
            move_file(self._folder.checkpoint, self._folder.checkpoint_of(notes["job"]))
        checkpoints = {job.label: self._folder.checkpoint_of(job.label).absolute() for job in jobs}
        for label, checkpoint in checkpoints.items():
            # Of whoever was at it before.
            _steps_of(checkpoint).unlink(missing_ok=True)
            progress.begin_elsewhere(label)
        progress.follow(partial(_updates, checkpoints))
        outcomes = self._executor.run(
            [
                Task(job.label, partial(_run_elsewhere, job, self._device, checkpoints[job.label]))
                for job in jobs
            ]
        )
        return _stored(outcomes, jobs, checkpoints, store, progress)


def _stored(
    outcomes: Iterator[tuple[int, JobOutcome]],
    jobs: Sequence[Job],
    checkpoints: dict[str, Path],
    store: ResultStore,
    progress: JobProgress,
) -> Iterator[Job]:
    for index, outcome in outcomes:
        job = jobs[index]
        store.add(job, outcome)
        checkpoint = checkpoints.pop(job.label)
        for path in (checkpoint, _steps_of(checkpoint)):
            path.unlink(missing_ok=True)
        progress.end_part(job.label, outcome.training_seconds + outcome.evaluation_seconds)
        yield job


def _updates(checkpoints: Mapping[str, Path]) -> dict[str, int]:
    """Return how many updates of each job that is under way are made, by its label."""
    made = {}
    for label, checkpoint in list(checkpoints.items()):
        # Not begun yet, or being written.
        with suppress(OSError, ValueError):
            made[label] = int(_steps_of(checkpoint).read_text(encoding="ascii"))
    return made


class _StepsInFile:
    """Keeps in a file how many updates are made, for whoever waits elsewhere."""

    def __init__(self, path: Path) -> None:
        self._path, self._told_at = path, -math.inf

    def begin(self, step: int) -> None:
        """Take note that training begins, or goes on, after that many updates."""
        self.advance(step, math.nan)

    def advance(self, step: int, _value: float) -> None:
        """Take note of the updates made so far."""
        if time.monotonic() - self._told_at < _SECONDS_BETWEEN_STEPS_TOLD:
            return
        self._told_at = time.monotonic()
        # That nobody can be told is no reason to stop.
        with suppress(OSError):
            self._path.write_text(str(step), encoding="ascii")


def _steps_of(checkpoint: Path) -> Path:
    return checkpoint.with_suffix(".steps")


def _run_elsewhere(job: Job, device: str, checkpoint: Path) -> JobOutcome:
    return _context(device).run(job, checkpoint, _StepsInFile(_steps_of(checkpoint)))


# A worker is given one job after the other, most of them on the same data.
@cache
def _context(device: str) -> JobContext:
    return JobContext(choose_device(device))
