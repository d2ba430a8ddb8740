"""Options by name, as the shell or a file of settings has them, for whatever takes them."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from infomax.errors import UserError, shortened, unknown_name

__all__ = ["checked_options"]

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def checked_options(
    maker: Callable[..., object], options: Mapping[str, object], name: str, *, given: int = 0
) -> dict[str, Any]:
    """Return the options as a maker takes them, by the types it names in its signature.

    Text is read as what the type asks for: ``"0.3"``, ``"true"``, and ``"1,2"`` for several values.
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
        if isinstance(value, str):
            try:
                return adapter.validate_python(_several(value))
            except ValidationError as of_several:
                # A comma says that several values were meant.
                error = of_several if "," in value else error
        raise UserError(f"{what} is {shortened(value)}: {_reason(error)}") from error


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.strip("()[] ").split(",") if each.strip()]


def _reason(error: ValidationError) -> str:
    reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    return reason[:1].lower() + reason[1:]
