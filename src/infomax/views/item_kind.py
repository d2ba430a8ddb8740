"""What an item is, by its shape."""

from typing import Literal, TypeAlias

from infomax.errors import UserError

__all__ = ["ItemKind", "kind_of"]

ItemKind: TypeAlias = Literal["features", "series", "images"]
"""``(features,)``, ``(length, channels)`` or ``(height, width, channels)``."""

_KINDS: dict[int, ItemKind] = {1: "features", 2: "series", 3: "images"}


def kind_of(item_shape: tuple[int, ...]) -> ItemKind:
    """Return what items of a shape are.

    Raises:
        UserError: if items of that shape are neither features, series nor images.

    Example:
        >>> kind_of((28, 28, 1))
        'images'
    """
    if len(item_shape) not in _KINDS:
        raise UserError(
            f"items are of shape {tuple(item_shape)}: views are made of (features,), "
            "(length, channels) or (height, width, channels)"
        )
    return _KINDS[len(item_shape)]
