"""Which places of an axis go to view x, and which to view y."""

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from infomax.errors import UserError

__all__ = ["Indices", "split_indices"]


def _indices_of(value: object) -> object:
    """Return the indices that text or one number names; the type judges whatever else there is."""
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, str):
        return value
    indices: list[int] = []
    for part in value.strip("()[] ").rstrip(",").split(","):
        first, dash, last = part.partition("-")
        try:
            indices += range(int(first), int(last) + 1) if dash else [int(part)]
        except ValueError:
            raise ValueError("give whole numbers and ranges, as in 0-3,7") from None
    return tuple(indices)


Indices: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(_indices_of)]
"""Places counted from 0; from the shell, numbers and ranges: ``0-3,7``."""


def split_indices(
    x: tuple[int, ...], y: tuple[int, ...] | None, size: int, kind: str
) -> tuple[list[int], list[int]]:
    """Return the places of x and of y on an axis.

    Args:
        x: places of view x, in the order that they are wanted.
        y: places of view y; ``None`` for all that are not of x, in their order.
        size: of the axis.
        kind: what stands at the places, for messages: ``channels``.

    Raises:
        UserError: if a view gets no place, or a place is not there, or named twice.

    Example:
        >>> split_indices((0, 2), None, 4, "channels")
        ([0, 2], [1, 3])
    """
    others = [place for place in range(size) if place not in set(x)]
    sides = {"x": list(x), "y": others if y is None else list(y)}
    for side, places in sides.items():
        for place in places:
            if not 0 <= place < size:
                raise UserError(
                    f"view {side} takes {kind} {place}: items have {size} {kind}, counted from 0"
                )
        if not places:
            raise UserError(f"view {side} gets no {kind} of {size}: name at least one for each")
        if len(set(places)) < len(places):
            raise UserError(f"view {side} names {kind} twice: {places}, name each once")
    common = sorted(set(sides["x"]) & set(sides["y"]))
    if common:
        raise UserError(f"views x and y both take {kind} {common}: each belongs to one view")
    return sides["x"], sides["y"]
