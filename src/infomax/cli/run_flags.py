"""A flag for each key of a run's settings, a file of them all, and ``--sweep KEY=V1,V2``."""

import inspect
import textwrap
from collections.abc import Callable, Container, Iterable, Sequence
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import typer
import yaml

from infomax.errors import UserError, shortened
from infomax.experiments.config import RunConfig, read_plain_yaml

__all__ = [
    "commented_settings",
    "flag_of",
    "given_settings",
    "options_of",
    "swept_values",
    "with_run_flags",
]


_WIDTH = 96


def flag_of(key: str) -> str:
    """Return the flag of a key.

    Example:
        >>> flag_of("batch_size")
        '--batch-size'
    """
    return f"--{key.replace('_', '-')}"


def with_run_flags(command: Callable[..., None], keys: Sequence[str] = ()) -> Callable[..., None]:
    """Give a command, for its parameter ``flags``, one flag for each key of ``RunConfig``.

    They stand in the help before the command's own, each under the heading of its setting. A flag
    that is not given is not in ``flags``, so that a settings file can say it.

    Args:
        command: command, which is called with what its flags say.
        keys: those that it gets, in the order of the help; all if none is named.
    """
    keys = keys or list(RunConfig.model_fields)
    given = [
        each for each in inspect.signature(command).parameters.values() if each.name != "flags"
    ]
    own = [each for each in given if each.kind is inspect.Parameter.KEYWORD_ONLY]
    arguments = [each for each in given if each not in own]
    added = [
        inspect.Parameter(
            key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(key)
        )
        for key in keys
    ]

    def called(**given: Any) -> None:
        flags = {key: given.pop(key) for key in keys}
        command(**given, flags={key: value for key, value in flags.items() if value is not None})

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature([*arguments, *added, *own])  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in (*given, *added)}
    return called


def commented_settings(**given: object) -> str:
    """Return a settings file in which every key is explained and stands at its default.

    Keys that have no default, or are off, are commented out.

    Args:
        given: keys that are to have a value.
    """
    lines = ["# Settings of `infomax train`. Flags of the same names win over them."]
    above, headings = "", RunConfig.headings()
    for key, field in RunConfig.model_fields.items():
        if headings[key] != above:
            above = headings[key]
            lines += ["", f"# {above}", f"# {'-' * len(above)}"]
        explained = textwrap.wrap(field.description or "", _WIDTH)
        lines += ["", *(f"# {line}" for line in explained)]
        value = given.get(key, field.get_default(call_default_factory=True))
        if key in given or (not field.is_required() and value not in (None, (), {})):
            lines.append(yaml.safe_dump({key: value}, default_flow_style=False).rstrip())
        else:
            lines.append(f"# {key}:")
    return "\n".join(lines) + "\n"


def given_settings(flags: dict[str, Any]) -> dict[str, Any]:
    """Return settings of flags as they were typed.

    Raises:
        UserError: if an option is not ``name=value``.

    Example:
        >>> given_settings({"x": "a,b", "view_options": ["cut=left-right"], "image_size": "32,32"})
        {'x': ['a', 'b'], 'view_options': {'cut': 'left-right'}, 'image_size': ['32', '32']}
    """
    settings: dict[str, Any] = {}
    for key, value in flags.items():
        kind = _kind(key)
        if kind is dict:
            settings[key] = options_of(flag_of(key), value)
        elif kind is tuple:
            settings[key] = [each.strip() for each in value.split(",")]
        else:
            settings[key] = value
    return settings


def _annotation(key: str) -> Any:
    kind, field = _kind(key), RunConfig.model_fields[key]
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    # Where nothing is chosen, there is nothing to show; 0 is a choice.
    shown = None if default is False or default in (None, (), {}) else str(default)
    metavar = {dict: "NAME=VALUE", tuple: "A,B"}.get(kind)
    typed: Any = {dict: list[str], tuple: str}.get(kind, kind)
    return Annotated[
        typed | None,
        typer.Option(
            f"{flag_of(key)}/--no-{key.replace('_', '-')}" if kind is bool else flag_of(key),
            help=field.description,
            show_default=shown or False,
            metavar=metavar,
            rich_help_panel=RunConfig.headings()[key],
        ),
    ]


def _kind(key: str) -> Any:
    annotation = RunConfig.model_fields[key].annotation
    members = [each for each in get_args(annotation) if each is not NoneType]
    if NoneType in get_args(annotation):
        annotation = members[0]
    return get_origin(annotation) or annotation


def options_of(flag: str, texts: Iterable[str]) -> dict[str, Any]:
    """Return options that were typed as ``name=value``, or as a settings file has them.

    Args:
        flag: that they are values of, for messages.
        texts: one for each time that it was given.

    Raises:
        UserError: if one is no ``name=value``, or a name comes twice.
    """
    options: dict[str, Any] = {}
    for text in texts:
        # Also as a settings file has them, which is how descriptions show them.
        given = _read(flag, text) if text.startswith("{") else dict([_option(flag, text)])
        for name, value in given.items():
            if name in options:
                raise UserError(f"{flag} {name} is given twice: give it once")
            options[name] = value
    return options


def _option(flag: str, text: str) -> tuple[str, Any]:
    name, equals, value = (each.strip() for each in text.partition("="))
    if not equals or not name:
        raise UserError(f"{flag} is {shortened(text)}: expected name=value, as temperature=0.1")
    bare_list = "," in value and not value.startswith("[")
    return name, _read(f"{flag} {name}", f"[{value}]" if bare_list else value)


def _read(what: str, text: str) -> Any:
    try:
        return read_plain_yaml(text)
    except ValueError as error:
        raise UserError(f"{what} is {shortened(text)}, which cannot be read: {error}") from error


def swept_values(texts: Sequence[str], flags: Container[str] = ()) -> dict[str, list[Any]]:
    """Return the values of each key, as they were typed; what they may be is for settings to say.

    Args:
        texts: as ``KEY=V1,V2``.
        flags: keys that a flag of their own gives a value.

    Raises:
        UserError: if a text is not a key and its values, or a key is there twice.

    Example:
        >>> swept_values(["batch_size=64,128", "projection=none,32", "image_size=[8,8],[16,16]"])
        {'batch_size': ['64', '128'], 'projection': [None, '32'], 'image_size': [['8', '8'], ['16', '16']]}
        >>> swept_values(["critic_options.temperature=0.1,0.3"])
        {'critic_options.temperature': [0.1, 0.3]}
    """  # noqa: E501
    swept: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = (each.strip() for each in text.partition("="))
        if not equals or not key:
            raise UserError(f"--sweep is {text!r}: expected KEY=V1,V2, such as batch_size=64,128")
        if key in swept:
            raise UserError(f"--sweep {key} is given twice: give all its values at once")
        if key in flags:
            raise UserError(f"{flag_of(key)} and --sweep {key} both say what it is: give one")
        swept[key] = _values(key, values)
    return swept


def _values(key: str, text: str) -> list[Any]:
    # A setting has a type that its text is read as; an option's type is that of its text.
    try:
        values = read_plain_yaml(f"[{text}]", typed="." in key)
    except ValueError:
        values = []
    if not values or text.endswith(",") or "" in values:
        raise UserError(
            f"--sweep {key} is {shortened(text)}: expected values with commas between "
            "them, such as 64,128; lists in brackets"
        )
    return [None if value == "none" else value for value in values]
