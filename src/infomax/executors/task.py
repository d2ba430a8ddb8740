"""Something that can be done by itself, whatever becomes of the rest."""

import os
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Task", "threads_of_a_task"]

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


def threads_of_a_task() -> int:
    """Return the threads, and so the cores, that each of several tasks at once computes with.

    As many as ``OMP_NUM_THREADS`` says, or one. PyTorch would take every core of the machine for
    each task, and tasks side by side would then wait for each other's threads at every small
    matrix; one core for each of several tasks does more than several cores for one. The number
    also determines the last bits, which must not depend on the machine that a task comes to.
    """
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else 1
