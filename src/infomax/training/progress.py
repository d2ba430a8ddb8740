"""What a training, and whatever else takes long, tells of how far it is."""

from typing import Protocol

from infomax.training.trainer import Callback, Trainer

__all__ = ["NoProgress", "Progress", "ProgressReporter", "StagedProgress"]


class Progress(Protocol):
    """Whatever wants to know how far a run is."""

    def begin(self, step: int) -> None:
        """Take note that training begins, or goes on, after that many updates."""

    def advance(self, step: int, value: float) -> None:
        """Take note of the updates made so far and the watched value, in nats."""


class StagedProgress(Protocol):
    """Whatever wants to know what is being done, and how far it is."""

    def start(self, doing: str, steps: int) -> None:
        """Take note of what is done from here on, in so many steps or fewer."""

    def advance(self, step: int) -> None:
        """Take note of how many of these steps are done."""


class NoProgress:
    """Shows nothing."""

    def start(self, doing: str, steps: int) -> None:
        """Take no note."""

    def begin(self, step: int) -> None:
        """Take no note."""

    def advance(self, step: int, value: float = float("nan")) -> None:
        """Take no note."""


class ProgressReporter(Callback):
    """Tells whoever shows progress how far the training is.

    Args:
        progress: is told.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __repr__(self) -> str:
        return f"ProgressReporter({type(self.progress).__name__})"

    def on_train_start(self, trainer: Trainer) -> None:
        """Tell after how many updates it begins."""
        self.progress.begin(trainer.step)

    def on_updates_end(self, trainer: Trainer) -> None:
        """Tell how many updates are made, and the watched value."""
        self.progress.advance(trainer.step, trainer.watched)
