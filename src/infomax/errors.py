"""What users are told: errors that are theirs to mend, and advice on how to mend them.

The command shows a ``UserError`` as a line and exits 2. Advice names parameters in Python, and
flags at the command.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches

__all__ = [
    "UserError",
    "advice",
    "advises_flags",
    "advising_flags",
    "choosing",
    "message_of",
    "missing_extra",
    "reason_of",
    "shortened",
    "unknown_name",
]

_MOST_LISTED = 40
_LONGEST = 80
_AT_THE_COMMAND: ContextVar[bool] = ContextVar("at_the_command", default=False)


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

    The choice that is spelt most alike comes first, then all of them, or the first of very many.

    Example:
        >>> unknown_name("column", "AG", ["age", "sex"])
        UserError("unknown column 'AG': did you mean 'age'? choose one of age, sex")
        >>> unknown_name("bound", "mi", ["infonce", "nwj"])
        UserError("unknown bound 'mi': choose one of infonce, nwj")
    """
    choices = list(choices)
    listed = ", ".join(choices[:_MOST_LISTED])
    if len(choices) > _MOST_LISTED:
        listed += f", ... ({len(choices)} in all)"
    # Upper and lower case are the commonest mistake, and difflib takes them for other letters.
    by_letters = {choice.casefold(): choice for choice in choices}
    nearest = get_close_matches(str(name).casefold(), by_letters, n=1)
    meant = f"did you mean {by_letters[nearest[0]]!r}? " if nearest else ""
    return UserError(f"unknown {kind} {name!r}: {meant}choose one of {listed}")


def missing_extra(purpose: str, extra: str) -> UserError:
    """Return the error for what only an optional package can do.

    Example:
        >>> missing_extra("export to ONNX", "onnx")
        UserError("export to ONNX needs an optional package: pip install 'infomax[onnx]'")
    """
    return UserError(f"{purpose} needs an optional package: pip install 'infomax[{extra}]'")


def shortened(value: object) -> str:
    """Return a value as Python writes it, with its middle left out if it is long.

    Example:
        >>> shortened([1, 2]), len(shortened("a" * 1000))
        ('[1, 2]', 80)
    """
    try:
        text = repr(value)
    except ValueError:
        # Python writes out no whole number of thousands of digits.
        return "a number of very many digits"
    half = (_LONGEST - 3) // 2
    return text if len(text) <= _LONGEST else f"{text[: half + 1]}...{text[-half:]}"


def message_of(error: BaseException) -> str:
    r"""Return in one line all that an error says, or its type where that is nothing.

    Example:
        >>> message_of(ValueError("row 3:\n  too short")), message_of(MemoryError())
        ('row 3: too short', 'MemoryError')
    """
    return " ".join(str(error).split()) or type(error).__name__


def reason_of(error: BaseException) -> str:
    r"""Return in one line what code that is not ours has raised: its type, and what it said.

    Example:
        >>> reason_of(KeyError("weights")), reason_of(AssertionError())
        ("KeyError: 'weights'", 'AssertionError')
        >>> reason_of(ImportError("No module named 'torchvision'; install it\nor not"))
        "ImportError: No module named 'torchvision'; install it"
    """
    said = str(error).strip()
    kind = type(error).__name__
    return f"{kind}: {said.splitlines()[0]}" if said else kind


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
