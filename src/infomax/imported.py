"""Anything a user wrote, named as ``package.module:callable``."""

import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Final

from infomax.errors import UserError, reason_of, unknown_name

__all__ = ["import_object", "raised_at"]

_OURS: Final = Path(__file__).parent
_PACKAGES: Final = {"site-packages", "dist-packages"}
_PYTHON: Final = sysconfig.get_path("stdlib")


def import_object(path: str, kind: str) -> Callable[..., object]:
    """Return the callable that a path names.

    The current directory is importable, as under ``python -m``, until the module is imported;
    ``sys.path`` is afterwards as it was.

    Args:
        path: ``package.module:callable``, or ``package.module:Class.method``.
        kind: what it is to be, for messages: ``views``, ``critic``.

    Raises:
        UserError: if the path is not of that form, the module cannot be imported, it has no such
            attribute, or that cannot be called.

    Example:
        >>> import_object("math:gcd", "critic")(6, 4)
        2
        >>> import_object("math.gcd", "critic")
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: critic 'math.gcd' is not of the form package.module:callable
    """
    module_name, separator, attributes = path.partition(":")
    if not separator or not all(
        part.isidentifier() for name in (module_name, attributes) for part in name.split(".")
    ):
        raise UserError(f"{kind} {path!r} is not of the form package.module:callable")
    found: object = _module(module_name, f"{kind} {path!r}")
    owner = module_name
    for name in attributes.split("."):
        if not hasattr(found, name):
            raise _no_attribute(found, owner, name, kind)
        found = getattr(found, name)
        owner = f"{owner}.{name}"
    if not callable(found):
        raise UserError(
            f"{kind} {path!r} is of type {type(found).__name__}: name a function or a class"
        )
    return found


def _module(name: str, what: str) -> ModuleType:
    with _current_directory_importable():
        # The file may be newer than what the import system knows of its folder.
        invalidate_caches()
        try:
            return import_module(name)
        except (Exception, SystemExit) as error:
            # Whatever the user's own lines raise, they are told which line.
            at = raised_at(error)
            place = f" ({at})" if at else ""
            raise UserError(f"{what} cannot be imported: {reason_of(error)}{place}") from error


def raised_at(error: BaseException) -> str:
    """Return the line of the user's own that an error came from, the innermost of them, or nothing.

    Where none is the user's, since what we called is of another package, it is the innermost of
    that, or of what it called.

    Example:
        >>> raised_at(ValueError("that was never raised"))
        ''
    """
    of_package, ours = "", False
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path, line = Path(frame.filename), f"{frame.filename}, line {frame.lineno}"
        if path.is_relative_to(_OURS):
            ours = True
        elif _PACKAGES.intersection(path.parts):
            # Packages that we are called by, such as that of the command, are not meant.
            of_package = of_package or ("" if ours else line)
        elif not frame.filename.startswith(("<", _PYTHON)):
            return line
    return of_package


def _no_attribute(owner: object, owner_name: str, name: str, kind: str) -> UserError:
    public = [each for each in dir(owner) if not each.startswith("_")]
    choices = [each for each in public if callable(getattr(owner, each, None))]
    if not choices:
        return UserError(f"unknown {kind} {name!r}: nothing in {owner_name} can be called")
    return unknown_name(f"{kind} in {owner_name}", name, choices)


@contextmanager
def _current_directory_importable() -> Iterator[None]:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        # The module may have changed the path itself: only what was put there is taken away.
        if here in sys.path:
            sys.path.remove(here)
