"""Pieces of a reproduction done by other processes, each wherever there is room for it."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from infomax.data import load_dataset
from infomax.studies.image_pairs import ImagePairs
from infomax.studies.image_probe import ImageProbe
from infomax.studies.jobs import Job
from infomax.studies.journal import JobOutcome
from infomax.studies.output_folder import OutputFolder
from infomax.studies.perform import perform
from infomax.studies.plan import Piece, RawPixels
from infomax.studies.reproduce import experiment_of, measure_raw_pixels
from infomax.studies.study import SampleStudy
from infomax.training import choose_device, read_checkpoint

__all__ = ["WorkAnywhere"]

_SECONDS_BETWEEN_STEPS_TOLD = 1.0


class WorkAnywhere:
    """Does each piece by itself, from what it is named by and what is in the folder.

    Args:
        device: where to compute, by its name.
        folder: on a disk that all share; each job has a checkpoint of its own in it.
        tell: is told the label of each piece that has ended, and the seconds that it took.

    Raises:
        UserError: if the folder holds the checkpoint of a job that cannot be read.
    """

    def __init__(
        self, device: str, folder: OutputFolder, tell: Callable[[str, float], None]
    ) -> None:
        self._device, self._folder, self._tell = device, folder, tell
        self._told_of: dict[str, Path] = {}
        folder.prepare_checkpoints()
        if folder.checkpoint.is_file():
            # Of the job that was in hand when they were done one after the other.
            _, notes = read_checkpoint(folder.checkpoint)
            folder.checkpoint.replace(folder.checkpoint_of(notes["job"]))

    def of(self, piece: Piece) -> Callable[[], JobOutcome]:
        """Return what does a piece, which can be pickled."""
        if isinstance(piece, Job):
            checkpoint = self._folder.checkpoint_of(piece.label).absolute()
            self._told_of[piece.label] = _steps_of(checkpoint)
            # Of whoever was at it before.
            _steps_of(checkpoint).unlink(missing_ok=True)
            return partial(_perform, piece, self._device, checkpoint)
        return partial(_raw_pixels, piece, self._device)

    def ended(self, piece: Piece, outcome: JobOutcome) -> None:
        """Remove the checkpoint of a job, and tell of the piece."""
        if isinstance(piece, Job):
            self._folder.checkpoint_of(piece.label).unlink(missing_ok=True)
            self._told_of.pop(piece.label).unlink(missing_ok=True)
        self._tell(piece.label, outcome.training_seconds + outcome.evaluation_seconds)

    def updates(self) -> dict[str, int]:
        """Return how many updates of each job that is under way are made, by its label."""
        made = {}
        for label, path in list(self._told_of.items()):
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


def _perform(job: Job, device: str, checkpoint: Path) -> JobOutcome:
    images = None
    if not isinstance(job.study, SampleStudy):
        images = _images_of(job.configuration.dataset, device)
    experiment = experiment_of(job, images, _probe(), choose_device(device))
    return perform(job, experiment, checkpoint, _StepsInFile(_steps_of(checkpoint)))


def _raw_pixels(raw: RawPixels, device: str) -> JobOutcome:
    return measure_raw_pixels(raw, _images_of(raw.dataset, device), _probe())


# A worker is given one piece after the other, most of them on the same data.
@cache
def _images_of(dataset: str, device: str) -> ImagePairs:
    return ImagePairs.of(load_dataset(dataset), choose_device(device))


@cache
def _probe() -> ImageProbe:
    return ImageProbe()
