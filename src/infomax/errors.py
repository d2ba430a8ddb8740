"""The one kind of error that is a user's to mend: the command shows it as a line and exits 2."""

from collections.abc import Iterable

__all__ = ["UserError", "unknown_name"]


class UserError(ValueError):
    """A mistake in what the user gave: its message names the thing, what was expected and the cure.

    Example:
        >>> raise UserError("--seeds is 0: give a whole number of at least 1")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: --seeds is 0: give a whole number of at least 1
    """


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> UserError:
    """Return the error for a name that is none of the choices.

    Example:
        >>> unknown_name("bound", "nce", ["infonce", "nwj"])
        UserError("unknown bound 'nce': choose one of infonce, nwj")
    """
    return UserError(f"unknown {kind} {name!r}: choose one of {', '.join(choices)}")
