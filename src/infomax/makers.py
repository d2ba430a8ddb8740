"""What makes things by name: callables named as ``package.module:callable``, and their options."""

import inspect
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from infomax.errors import UserError, reason_of, shortened, unknown_name

__all__ = ["checked_options", "import_object", "raised_at"]

_OURS: Final = Path(__file__).parent
_PACKAGES: Final = {"site-packages", "dist-packages"}
_PYTHON: Final = sysconfig.get_path("stdlib")
_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


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
            where = f" ({at})" if at else ""
            raise UserError(f"{what} cannot be imported: {reason_of(error)}{where}") from error


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


def checked_options(
    maker: Callable[..., object], options: Mapping[str, object], name: str, *, given: int = 0
) -> dict[str, Any]:
    """Return the options as a maker takes them, by the types it names in its signature.

    Text is read as what the type asks for: ``"0.3"``, ``"true"``, and ``"1,2"`` for several values,
    of which one number is one.
    Whether a value is in range is for the maker to judge.

    Args:
        maker: a class or a function.
        options: values by name.
        name: what messages call the maker.
        given: how many of its first parameters are no options.

    Raises:
        UserError: if the maker has no such option, lacks one, or one is of the wrong type.

    Example:
        >>> def maker(items, share: float, axes: tuple[int, ...] = (0,)): ...
        >>> checked_options(maker, {"share": "0.5", "axes": "1,2"}, "mask", given=1)
        {'share': 0.5, 'axes': (1, 2)}
    """
    parameters = _parameters(maker)[given:]
    named = {each.name: each for each in parameters if each.kind in _NAMED}
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    for option in options:
        if option not in named and not takes_any:
            raise _no_such_option(option, name, list(named))
    for each in named.values():
        if each.default is inspect.Parameter.empty and each.name not in options:
            raise UserError(f"{name} needs the option {each.name}: give it a value")
    return {
        option: _value(value, named[option].annotation, f"{name} option {option}")
        if option in named
        else value
        for option, value in options.items()
    }


def _parameters(maker: Callable[..., object]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(maker, eval_str=True).parameters.values())
    except NameError:
        # Types that are imported for type checkers only: values are taken as they are.
        return list(inspect.signature(maker).parameters.values())


def _no_such_option(option: str, name: str, choices: list[str]) -> UserError:
    if not choices:
        return UserError(f"{name} takes no options: leave out {option!r}")
    return unknown_name(f"{name} option", option, choices)


def _value(value: object, annotation: Any, what: str) -> object:
    if annotation is inspect.Parameter.empty or isinstance(annotation, str):
        return value
    try:
        adapter: TypeAdapter[object] = TypeAdapter(annotation)
    except PydanticUserError:
        # A type of the user's own, which only the maker itself can judge.
        return value
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        # A command line and YAML make a number of "32", which as text would be several values, too.
        if isinstance(value, str | int | float):
            try:
                return adapter.validate_python(_several(str(value)))
            except ValidationError as of_several:
                # A comma says that several values were meant.
                error = of_several if "," in str(value) else error
        raise UserError(f"{what} is {shortened(value)}: {_reason(error)}") from error


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.strip("()[] ").split(",") if each.strip()]


def _reason(error: ValidationError) -> str:
    reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    return reason[:1].lower() + reason[1:]
