"""Pieces of a reproduction done in this process, one after the other."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import torch

from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job
from infomax.studies.journal import JobOutcome
from infomax.studies.output_folder import OutputFolder
from infomax.studies.perform import perform
from infomax.studies.plan import Piece
from infomax.studies.reproduce import experiment_of, measure_raw_pixels
from infomax.training import Progress

__all__ = ["PieceProgress", "WorkHere"]


class PieceProgress(Progress, Protocol):
    """Whatever wants to know how far pieces are, one after the other."""

    def begin_part(self, name: str, watched: str = ...) -> None:
        """Take note of the piece that is done from here on, by its label, and what is watched."""

    def end_part(self, name: str) -> None:
        """Take note that a piece has ended."""


class WorkHere:
    """Does pieces one after the other, and shows the training of each.

    Args:
        images: data sets by the names that the studies give them.
        device: where to train what has no images.
        folder: holds the checkpoint of the job in hand.
        progress: is told how far a piece is.
    """

    def __init__(
        self,
        images: Mapping[str, ImagePairs],
        device: torch.device,
        folder: OutputFolder,
        progress: PieceProgress,
    ) -> None:
        self._images, self._device = images, device
        self._folder, self._progress = folder, progress
        self._probe = ImageProbe()

    def of(self, piece: Piece) -> Callable[[], JobOutcome]:
        """Return what does a piece."""
        return partial(self._perform, piece)

    def ended(self, piece: Piece, _outcome: JobOutcome) -> None:
        """Remove the checkpoint of a job."""
        if isinstance(piece, Job):
            self._checkpoint_of(piece).unlink(missing_ok=True)
        self._progress.end_part(piece.label)

    def _perform(self, piece: Piece) -> JobOutcome:
        if not isinstance(piece, Job):
            self._progress.begin_part(piece.label)
            return measure_raw_pixels(piece, self._images[piece.dataset], self._probe)
        images = self._images.get(piece.configuration.dataset)
        experiment = experiment_of(piece, images, self._probe, self._device)
        self._progress.begin_part(piece.label, experiment.watched)
        return perform(piece, experiment, self._checkpoint_of(piece), self._progress)

    def _checkpoint_of(self, job: Job) -> Path:
        """Return where a job is kept, which may have been trained beside others before."""
        own = self._folder.checkpoint_of(job.label)
        return own if own.is_file() else self._folder.checkpoint
