"""Tasks that need nothing of each other, and what carries them out."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

__all__ = ["Executor", "LocalExecutor", "Task", "threads_of_a_task"]

Outcome = TypeVar("Outcome")


class Task(NamedTuple, Generic[Outcome]):
    """A piece of work that needs nothing of the others.

    It may be begun more than once, because whoever was at it was killed: it keeps what it has done
    where the next one finds it.

    Attributes:
        label: one line that tells it from the others.
        work: does it. To be done on another machine it must be possible to pickle it.
    """

    label: str
    work: Callable[[], Outcome]


class Executor(Protocol):
    """Carries out tasks that need nothing of each other, in whichever order."""

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the index of a task among those given, and its outcome, as they end.

        What a task raises is raised here, and ends it all.
        """


class LocalExecutor:
    """Carries tasks out in this process, in their order.

    A task is begun when the outcome before it was taken.

    Example:
        >>> tasks = [Task("six", lambda: 2 * 3), Task("nine", lambda: 3 * 3)]
        >>> list(LocalExecutor().run(tasks))
        [(0, 6), (1, 9)]
    """

    def __repr__(self) -> str:
        return "LocalExecutor()"

    def run(self, tasks: Sequence[Task[Outcome]]) -> Iterator[tuple[int, Outcome]]:
        """Yield the index of each task, and its outcome."""
        for index, task in enumerate(tasks):
            yield index, task.work()


def threads_of_a_task() -> int:
    """Return the threads, and so the cores, that each of several tasks at once computes with.

    As many as ``OMP_NUM_THREADS`` says, or one. PyTorch would take every core of the machine for
    each task, and tasks side by side would then wait for each other's threads at every small
    matrix; one core for each of several tasks does more than several cores for one. The number
    also determines the last bits, which must not depend on the machine that a task comes to.
    """
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else 1
