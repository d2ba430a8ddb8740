"""Settings of a run in a YAML file: read, written back, and written anew with comments."""

import textwrap
from pathlib import Path
from typing import Any

import yaml

from infomax.errors import UserError, message_of
from infomax.experiments.config import RunConfig

__all__ = [
    "END_OF_SETTINGS",
    "commented_settings",
    "read_plain_yaml",
    "read_settings",
    "settings_text",
]


END_OF_SETTINGS = "# End of the settings."
"""The last line of settings that a run has written: without it they were cut short."""

_WIDTH = 96


def read_settings(path: Path) -> dict[str, Any]:
    """Read the keys of a settings file; what they may be is for ``RunConfig`` to say.

    Raises:
        UserError: if there is no such file, or it is not YAML of keys and values.
    """
    try:
        content = read_plain_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is not there: `infomax init` writes a settings file") from error
    except IsADirectoryError as error:
        raise UserError(f"{path} is a folder: expected a settings file") from error
    except ValueError as error:
        raise UserError(f"{path} is not a settings file that can be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UserError(f"{path} is not a settings file: expected lines of key: value")
    return {str(key): value for key, value in content.items()}


def settings_text(config: RunConfig) -> str:
    """Return settings as YAML that ``read_settings`` reads back to the same.

    Example:
        >>> settings = RunConfig.checked({"data": "mnist"})
        >>> settings_text(settings).splitlines()[0]
        'data: mnist'
    """
    text: str = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    return f"{text}{END_OF_SETTINGS}\n"


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


_DATE = "tag:yaml.org,2002:timestamp"


def read_plain_yaml(text: str, *, typed: bool = True) -> Any:
    r"""Return what YAML says.

    Args:
        text: text of YAML.
        typed: whether numbers are read as such; all values are text without.

    Raises:
        ValueError: if it cannot be read, with the reason in one line.

    Example:
        >>> read_plain_yaml("{temperature: 0.1, begun: 2026-01-31}")
        {'temperature': 0.1, 'begun': '2026-01-31'}
        >>> read_plain_yaml("steps: 1\nsteps: 2")
        Traceback (most recent call last):
        ...
        ValueError: steps is given twice, again in line 2
    """
    try:
        return yaml.load(text, Loader=_Typed if typed else _Texts)  # noqa: S506 - plain values alone
    except RecursionError:
        raise ValueError("values are nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(message_of(error)) from error


class _OneOfEach:
    """Refuses a key that is there twice, of which PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        """Return a mapping."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in seen:
                line = key.start_mark.line + 1
                raise ValueError(f"{key.value} is given twice, again in line {line}")
            seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _Typed(_OneOfEach, yaml.SafeLoader):
    """Reads numbers and switches."""

    # Settings have no dates: what looks like one is a name.
    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML has it
        first: [(tag, pattern) for tag, pattern in each if tag != _DATE]
        for first, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Texts(_OneOfEach, yaml.BaseLoader):
    """Leaves all values text."""
