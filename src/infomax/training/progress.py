"""What a training, and whatever else takes long, tells of how far it is."""

from typing import Protocol

__all__ = ["NoProgress", "Progress", "StagedProgress"]


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
