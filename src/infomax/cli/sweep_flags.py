"""The values of ``--sweep KEY=V1,V2``."""

from collections.abc import Sequence
from typing import Any

from infomax.errors import UserError, shortened
from infomax.experiments.config_file import read_plain_yaml

__all__ = ["swept_values"]


def swept_values(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of each key, as they were typed; what they may be is for settings to say.

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
