"""Pieces of a reproduction done in this process, one after the other."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch

from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job
from infomax.studies.journal import JobOutcome, Journal
from infomax.studies.output_folder import OutputFolder
from infomax.studies.perform import perform
from infomax.studies.plan import Piece
from infomax.studies.reproduce import experiment_of, measure_raw_pixels
from infomax.training import TrainingProgress

__all__ = ["WorkHere"]


class WorkHere:
    """Does pieces one after the other, and shows the training of each.

    Args:
        images: data sets by the names that the studies give them.
        device: where to train what has no images.
        folder: holds the checkpoint of the job in hand.
        journal: says how many runs are finished.
        progress: shows how far a job is.
    """

    def __init__(
        self,
        images: Mapping[str, ImagePairs],
        device: torch.device,
        folder: OutputFolder,
        journal: Journal,
        progress: TrainingProgress,
    ) -> None:
        self._images, self._device = images, device
        self._folder, self._journal, self._progress = folder, journal, progress
        self._probe = ImageProbe()

    def of(self, piece: Piece) -> Callable[[], JobOutcome]:
        """Return what does a piece."""
        if isinstance(piece, Job):
            return partial(self._perform, piece)
        return partial(measure_raw_pixels, piece, self._images[piece.dataset], self._probe)

    def ended(self, piece: Piece) -> None:
        """Remove the checkpoint of a job."""
        if isinstance(piece, Job):
            self._checkpoint_of(piece).unlink(missing_ok=True)

    def _perform(self, job: Job) -> JobOutcome:
        images = self._images.get(job.configuration.dataset)
        experiment = experiment_of(job, images, self._probe, self._device)
        number = self._journal.finished + 1
        last = number + len(job.seeds) - 1
        place = f"{number}" if number == last else f"{number}-{last}"
        self._progress.start_run(
            f"[{place}/{self._journal.total}] {job.label}", job.study.steps, experiment.watched
        )
        return perform(job, experiment, self._checkpoint_of(job), self._progress)

    def _checkpoint_of(self, job: Job) -> Path:
        """Return where a job is kept, which may have been trained beside others before."""
        own = self._folder.checkpoint_of(job.label)
        return own if own.is_file() else self._folder.checkpoint
