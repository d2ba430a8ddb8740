"""What an estimate is at, for whoever waits for it."""

from typing import Protocol

__all__ = ["EstimationProgress", "NoEstimationProgress"]


class EstimationProgress(Protocol):
    """Whatever wants to know what is being done, and how far it is."""

    def start(self, doing: str, steps: int) -> None:
        """Take note of what is done from here on, in so many steps or fewer."""

    def advance(self, step: int) -> None:
        """Take note of how many of these steps are done."""


class NoEstimationProgress:
    """Shows nothing."""

    def start(self, doing: str, steps: int) -> None:
        """Take no note."""

    def advance(self, step: int) -> None:
        """Take no note."""
