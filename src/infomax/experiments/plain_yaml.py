"""YAML as settings and options are written in: plain values, each key once, dates as text."""

from typing import Any

import yaml

from infomax.errors import message_of

__all__ = ["read_plain_yaml"]

_DATE = "tag:yaml.org,2002:timestamp"


def read_plain_yaml(text: str, *, typed: bool = True) -> Any:
    r"""Return what YAML says.

    Args:
        text: of it.
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
