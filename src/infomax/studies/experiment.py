"""What a kind of study adds to the training loop: what is trained, and what is measured of it."""

from typing import Protocol

from infomax.studies.measurement import Measurement
from infomax.training import Training

__all__ = ["Experiment"]


class Experiment(Protocol):
    """The runs of one job, ready to be trained.

    Attributes:
        dataset: the label that their records carry.
        watched: what the watched value of the training is, for people.
    """

    dataset: str
    watched: str

    @property
    def training(self) -> Training:
        """Of all of them side by side."""

    def begin(self) -> None:
        """Do what comes before the first update and is not to be done again on resuming."""

    def evaluate(self, place: int, step: int) -> list[Measurement]:
        """Measure the run at a place, from 0, after ``step`` updates."""

    def conclude(self, place: int) -> list[tuple[int, Measurement]]:
        """Measure what only the whole run shows: steps and values."""
