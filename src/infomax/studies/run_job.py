"""Run one job: train it from its beginning or from its checkpoint, or probe raw pixels."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from infomax.records import FAILED, Measurement
from infomax.studies.experiment import Experiment, SampleExperiment
from infomax.studies.image_experiments import AdversarialExperiment, PairExperiment
from infomax.studies.image_measurements import ImageProbe
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.jobs import Job, RawPixelsJob, TrainingJob
from infomax.studies.loss_experiment import LossExperiment
from infomax.studies.records import raw_pixels_record, run_record
from infomax.studies.result_store import JobOutcome
from infomax.studies.study import ImageViews, LossStudy, PairStudy, SampleStudy
from infomax.training import (
    Callback,
    Checkpoint,
    Checkpointing,
    Failure,
    Progress,
    ProgressReporter,
    ScheduledEvaluation,
    State,
    Trainer,
    read_checkpoint,
    write_checkpoint,
)

__all__ = ["JobContext", "run_job"]


class JobContext:
    """What the jobs of one process share: data sets, and what need not be measured twice.

    Args:
        device: where to compute.
        images: data sets that were opened already; others are when a job needs them.
    """

    def __init__(
        self, device: torch.device, images: Mapping[ImageViews, ImagePairs] | None = None
    ) -> None:
        self._device, self._images = device, dict(images or {})
        self._probe = ImageProbe()

    def __repr__(self) -> str:
        return f"JobContext({str(self._device)!r}, {list(self._images)})"

    def run(self, job: Job, checkpoint: Path, progress: Progress) -> JobOutcome:
        """Run a job; one that is trained goes on from its checkpoint, if there is one.

        Raises:
            UserError: if data or checkpoint cannot be read.
        """
        if isinstance(job, TrainingJob):
            return run_job(job, self.experiment(job), checkpoint, progress)
        return self._measure_raw_pixels(job)

    def experiment(self, job: TrainingJob) -> Experiment:
        """Return what a job trains and measures."""
        study = job.study
        if isinstance(study, SampleStudy):
            return SampleExperiment(study, job, self._device)
        images = self._images_of(study.image_views(job.dataset))
        if isinstance(study, PairStudy):
            return PairExperiment(study, job, images, self._probe)
        if isinstance(study, LossStudy):
            return LossExperiment(study, job, images, self._probe)
        return AdversarialExperiment(study, job, images, self._probe)

    def _measure_raw_pixels(self, job: RawPixelsJob) -> JobOutcome:
        """Probe the views themselves, as the encoders of a study see them."""
        study, seed = job.study, job.study.seeds[0]
        asked = study.image_views(job.dataset)
        images, began = self._images_of(asked), time.perf_counter()
        deviation, noise = study.noise_on_views
        seen = images.with_noise(deviation, noise, seed).some_to_probe(study.probed_images, seed)
        pixels = (asked, "raw pixels", deviation, noise, study.probed_images, seed)
        measured = self._probe.once(pixels, lambda: self._probe.raw_pixels(seen, seed))
        return JobOutcome(
            [raw_pixels_record(study.name, images.dataset, seed, each) for each in measured],
            evaluation_seconds=time.perf_counter() - began,
        )

    def _images_of(self, asked: ImageViews) -> ImagePairs:
        if asked not in self._images:
            self._images[asked] = ImagePairs.of(asked, self._device)
        return self._images[asked]


def run_job(
    job: TrainingJob, experiment: Experiment, checkpoint: Path, progress: Progress
) -> JobOutcome:
    """Train and measure the runs of a job.

    A loss that is not finite ends that run: what was measured before it is kept, and its last
    record says at which step it failed.

    Args:
        job: the runs to train.
        experiment: made for that job.
        checkpoint: file that the job is kept in every minute; if it already holds this job, that
            goes on from there, to the same bits.
        progress: is told how far the job is.

    Raises:
        UserError: if the checkpoint cannot be read.
    """
    records = _JobRecords(job, experiment)
    trainer = Trainer(
        job.study.steps,
        [
            records,
            ProgressReporter(progress),
            ScheduledEvaluation(records.evaluate, job.study.evaluation_steps),
            Checkpointing(_JobCheckpoint(checkpoint, job.label), after_evaluations=False),
        ],
    )
    trainer.fit(experiment.training)
    return records.conclude(trainer.failures)


class _JobRecords(Callback):
    """What a job has left so far."""

    def __init__(self, job: TrainingJob, experiment: Experiment) -> None:
        self._job = job
        self._experiment = experiment
        self._outcome = JobOutcome()
        self._began = time.perf_counter()
        self._before = 0.0

    def on_train_start(self, trainer: Trainer) -> None:
        """Do what comes before the first update of all."""
        if not trainer.resumed:
            self._experiment.begin()

    def evaluate(self, step: int, indices: Sequence[int]) -> None:
        """Measure runs, given by their index."""
        began = time.perf_counter()
        for index in indices:
            measured = self._experiment.evaluate(index, step)
            self._record(self._job.seeds[index], [(step, each) for each in measured])
        self._outcome.evaluation_seconds += time.perf_counter() - began

    def conclude(self, failures: Mapping[int, Failure]) -> JobOutcome:
        """Measure what only whole runs show, and return what the job has left."""
        for index, seed in enumerate(self._job.seeds):
            if index in failures:
                failure = failures[index]
                self._outcome.failures[seed] = failure.reason
                self._record(seed, [(failure.step, Measurement("train", FAILED, failure.loss))])
            else:
                self._record(seed, self._experiment.conclude(index))
        self._outcome.training_seconds = self._training_seconds()
        return self._outcome

    def state_dict(self) -> dict[str, Any]:
        """Return records and seconds."""
        self._outcome.training_seconds = self._training_seconds()
        return asdict(self._outcome)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from these."""
        self._outcome = JobOutcome(**state)
        self._before = self._outcome.training_seconds + self._outcome.evaluation_seconds

    def _record(self, seed: int, measured: list[tuple[int, Measurement]]) -> None:
        self._outcome.records += [
            run_record(self._job.configuration, self._experiment.dataset, seed, step, each)
            for step, each in measured
        ]

    def _training_seconds(self) -> float:
        spent = self._before + time.perf_counter() - self._began
        return spent - self._outcome.evaluation_seconds


class _JobCheckpoint:
    """The one checkpoint of a job, in a file that may hold that of another."""

    def __init__(self, path: Path, label: str) -> None:
        self._path, self._label = path, label

    def last(self) -> Checkpoint | None:
        """Return the checkpoint, if the file holds one of this job."""
        if not self._path.is_file():
            return None
        checkpoint = read_checkpoint(self._path)
        return checkpoint if checkpoint.notes["job"] == self._label else None

    def write(self, _step: int, state: State, notes: Mapping[str, Any], *, best: bool) -> None:  # noqa: ARG002
        """Write the checkpoint in place of that before."""
        write_checkpoint(self._path, state, {"job": self._label, **notes})
