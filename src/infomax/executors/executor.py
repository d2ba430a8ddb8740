"""What carries tasks out."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from infomax.executors.task import Task

__all__ = ["Executor"]

Outcome = TypeVar("Outcome")


class Executor(Protocol):
    """Carries out tasks that need nothing of each other, in whichever order."""

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of a task among those given, from 0, and its outcome, as they end.

        What a task raises is raised here, and ends it all.
        """
