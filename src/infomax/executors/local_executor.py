"""Tasks one after the other, in this process."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from infomax.executors.task import Task

__all__ = ["LocalExecutor"]

Outcome = TypeVar("Outcome")


class LocalExecutor:
    """Carries tasks out in their order; one is begun when the outcome before it was taken.

    Example:
        >>> tasks = [Task("six", lambda: 2 * 3), Task("nine", lambda: 3 * 3)]
        >>> list(LocalExecutor().run(tasks))
        [(0, 6), (1, 9)]
    """

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each task, from 0, and its outcome."""
        for place, task in enumerate(tasks):
            yield place, task.work()
