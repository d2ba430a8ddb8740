"""Advice in the language of where one is: parameters in Python, flags at the command."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["advice", "advising_flags", "choosing"]

_AT_THE_COMMAND: ContextVar[bool] = ContextVar("at_the_command", default=False)


def advice(parameter: str, flag: str) -> str:
    """Return how the reader of a message would give something.

    Args:
        parameter: as it is given in Python.
        flag: as it is given to the command.

    Example:
        >>> advice("discrete=[]", "--continuous")
        'discrete=[]'
        >>> with advising_flags():
        ...     advice("discrete=[]", "--continuous")
        '--continuous'
    """
    return flag if _AT_THE_COMMAND.get() else parameter


def choosing(name: str, *values: str) -> str:
    """Return how the reader of a message would choose one of some values, which are text.

    Example:
        >>> choosing("method", "mixed-ksg-1", "auto")
        "method='mixed-ksg-1' or 'auto'"
        >>> with advising_flags():
        ...     choosing("method", "mixed-ksg-1", "auto")
        '--method mixed-ksg-1 or auto'
    """
    parameter = f"{name}={' or '.join(map(repr, values))}"
    return advice(parameter, f"--{name.replace('_', '-')} {' or '.join(values)}")


@contextmanager
def advising_flags() -> Iterator[None]:
    """Advise flags, as the command does for whatever it calls."""
    before = _AT_THE_COMMAND.set(True)
    try:
        yield
    finally:
        _AT_THE_COMMAND.reset(before)
