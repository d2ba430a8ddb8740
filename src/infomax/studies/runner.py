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
from infomax.studies.experiment import build_experiment, measure_raw_pixels
from infomax.studies.image_measurements import ImageProbe
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import Job, RawPixelsJob, TrainingJob, in_order_of_work
from infomax.studies.output_folder import OutputFolder
from infomax.studies.result_store import JobOutcome, ResultStore
from infomax.studies.run_job import run_job
from infomax.studies.study import SampleStudy
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
    """Runs jobs that need nothing of each other."""

    @property
    def threads(self) -> int | None:
        """How many threads each job computes with, where several may run at once."""

    def run(self, jobs: Sequence[Job], progress: JobProgress) -> Iterator[tuple[Job, JobOutcome]]:
        """Hand the jobs out; yield each with its outcome as they end."""

    def clear(self, job: Job, outcome: JobOutcome, progress: JobProgress) -> None:
        """Remove the checkpoint of a job whose outcome is stored, and tell of its end."""


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
    left = in_order_of_work(left)
    to_come = Counter(job.study.name for job in left)
    outcomes = runner.run(left, progress)
    draw()
    for job, outcome in outcomes:
        store.add(job, outcome)
        runner.clear(job, outcome, progress)
        to_come -= Counter([job.study.name])
        if to_come and job.study.name not in to_come:
            draw()
    store.folder.remove_checkpoints()


class LocalRunner:
    """Runs jobs one after the other in this process, and shows the training of each.

    Args:
        images: data sets by the names that the studies give them.
        device: where critics of samples are trained; images are on a device already.
        folder: holds the checkpoint of the job in hand.
    """

    threads = None

    def __init__(
        self, images: Mapping[str, ImagePairs], device: torch.device, folder: OutputFolder
    ) -> None:
        self._images, self._device, self._folder = images, device, folder
        self._probe = ImageProbe()

    def __repr__(self) -> str:
        return f"LocalRunner({list(self._images)}, {str(self._device)!r}, {self._folder})"

    def run(self, jobs: Sequence[Job], progress: JobProgress) -> Iterator[tuple[Job, JobOutcome]]:
        """Yield each job with its outcome; a job is begun when the outcome before was taken."""
        for job in jobs:
            yield job, self._run(job, progress)

    def clear(self, job: Job, _outcome: JobOutcome, progress: JobProgress) -> None:
        """Remove the checkpoint of a job whose outcome is stored, and tell of its end."""
        if isinstance(job, TrainingJob):
            self._checkpoint_of(job).unlink(missing_ok=True)
        progress.end_part(job.label)

    def _run(self, job: Job, progress: JobProgress) -> JobOutcome:
        if not isinstance(job, TrainingJob):
            progress.begin_part(job.label)
            return measure_raw_pixels(job, self._images[job.dataset], self._probe)
        images = self._images.get(job.configuration.dataset)
        experiment = build_experiment(job, images, self._probe, self._device)
        progress.begin_part(job.label, experiment.watched)
        return run_job(job, experiment, self._checkpoint_of(job), progress)

    def _checkpoint_of(self, job: TrainingJob) -> Path:
        """Return where a job is kept, which may have been trained beside others before."""
        own = self._folder.checkpoint_of(job.label)
        return own if own.is_file() else self._folder.checkpoint


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
        self.threads = threads_of_a_task()
        self._executor, self._device, self._folder = executor, str(device), folder
        self._steps_told: dict[str, Path] = {}

    def __repr__(self) -> str:
        return f"ParallelRunner({self._executor}, {self._device!r}, {self._folder})"

    def run(self, jobs: Sequence[Job], progress: JobProgress) -> Iterator[tuple[Job, JobOutcome]]:
        """Hand all jobs out; yield each with its outcome as they end.

        Raises:
            UserError: if the folder holds the checkpoint of a job that cannot be read.
        """
        self._folder.prepare_checkpoints()
        if self._folder.checkpoint.is_file():
            # Of the job that was in hand when they were done one after the other.
            _, notes = read_checkpoint(self._folder.checkpoint)
            move_file(self._folder.checkpoint, self._folder.checkpoint_of(notes["job"]))
        for job in jobs:
            progress.begin_elsewhere(job.label)
        progress.follow(self.updates)
        outcomes = self._executor.run([Task(job.label, self.work_of(job)) for job in jobs])
        return ((jobs[index], outcome) for index, outcome in outcomes)

    def work_of(self, job: Job) -> Callable[[], JobOutcome]:
        """Return what runs a job, which can be pickled; called again, it resumes the job."""
        if not isinstance(job, TrainingJob):
            return partial(_measure_raw_pixels, job, self._device)
        checkpoint = self._folder.checkpoint_of(job.label).absolute()
        self._steps_told[job.label] = _steps_of(checkpoint)
        # Of whoever was at it before.
        _steps_of(checkpoint).unlink(missing_ok=True)
        return partial(_train, job, self._device, checkpoint)

    def clear(self, job: Job, outcome: JobOutcome, progress: JobProgress) -> None:
        """Remove the checkpoint of a job whose outcome is stored, and tell of its end."""
        if isinstance(job, TrainingJob):
            self._folder.checkpoint_of(job.label).unlink(missing_ok=True)
            self._steps_told.pop(job.label).unlink(missing_ok=True)
        progress.end_part(job.label, outcome.training_seconds + outcome.evaluation_seconds)

    def updates(self) -> dict[str, int]:
        """Return how many updates of each job that is under way are made, by its label."""
        made = {}
        for label, path in list(self._steps_told.items()):
            # Not begun yet, or being written.
            with suppress(OSError, ValueError):
                made[label] = int(path.read_text(encoding="ascii"))
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


def _train(job: TrainingJob, device: str, checkpoint: Path) -> JobOutcome:
    images = None
    if not isinstance(job.study, SampleStudy):
        images = _images_of(job.configuration.dataset, device)
    experiment = build_experiment(job, images, _probe(), choose_device(device))
    return run_job(job, experiment, checkpoint, _StepsInFile(_steps_of(checkpoint)))


def _measure_raw_pixels(job: RawPixelsJob, device: str) -> JobOutcome:
    return measure_raw_pixels(job, _images_of(job.dataset, device), _probe())


# A worker is given one job after the other, most of them on the same data.
@cache
def _images_of(dataset: str, device: str) -> ImagePairs:
    return ImagePairs.open(dataset, choose_device(device))


@cache
def _probe() -> ImageProbe:
    return ImageProbe()
