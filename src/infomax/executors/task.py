"""Something that can be done by itself, whatever becomes of the rest."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Task"]

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
