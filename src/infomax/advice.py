"""Advice in the language of where one is: parameters in Python, flags at the command."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["advice", "advises_flags", "advising_flags", "choosing"]

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
    return flag if advises_flags() else parameter


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


def advises_flags() -> bool:
    """Tell whether flags are advised here, and not parameters."""
    return _AT_THE_COMMAND.get()


@contextmanager
def advising_flags(*, flags: bool = True) -> Iterator[None]:
    """Advise flags, as the command does for whatever it calls.

    Args:
        flags: whether, so that another process may advise what this one does.
    """
    before = _AT_THE_COMMAND.set(flags)
    try:
        yield
    finally:
        _AT_THE_COMMAND.reset(before)
