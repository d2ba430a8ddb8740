"""Views by any function of the user's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from infomax.errors import UserError, reason_of
from infomax.imported import raised_at

__all__ = ["CallableViews"]

_CLEAN_SEED = 0
_TRIAL_ITEMS = 2
_LEAST_AXES = 2


@dataclass(frozen=True)
class CallableViews:
    """Views that a function makes.

    Args:
        function: maps items ``(N, *item_shape)`` and a generator on their device to x
            ``(N, *x_shape)`` and y ``(N, *y_shape)``. What it draws, it draws from the generator,
            or a run that is resumed is another run.

    Example:
        >>> views = CallableViews(lambda items, generator: (items[:, :1], items[:, 1:]))
        >>> views.shapes((5,))
        ((1,), (4,))
    """

    function: Callable[[Tensor, torch.Generator], object]

    def shapes(self, item_shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shapes of x and y, found by a trial on two items of zeros.

        Raises:
            UserError: if the function raises, or returns anything but two tensors of two rows.
        """
        trial = torch.zeros(_TRIAL_ITEMS, *item_shape)
        try:
            x, y = self(trial, torch.Generator().manual_seed(0))
        except UserError:
            raise
        except Exception as error:
            # Whatever the user's own lines raise, they are told which line.
            at = raised_at(error)
            place = f" ({at})" if at else ""
            raise UserError(
                f"views by {_name(self.function)} of two items of zeros and a generator: "
                f"{reason_of(error)}{place}"
            ) from error
        return tuple(x.shape[1:]), tuple(y.shape[1:])

    def __call__(self, items: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return what the function makes of items ``(N, *item_shape)``.

        Raises:
            UserError: if that is anything but two tensors of N rows.
        """
        made = self.function(items, generator)
        if isinstance(made, tuple | list) and len(made) == 2:
            x, y = made
            if _is_view(x, len(items)) and _is_view(y, len(items)):
                return x, y
        raise UserError(
            f"views by {_name(self.function)}: expected two float tensors of shape "
            f"({len(items)}, ...) for {len(items)} items, got {_described(made)}"
        )

    def clean(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return x and y by a generator of a fixed seed: what is drawn is the same each time."""
        generator = torch.Generator(device=items.device).manual_seed(_CLEAN_SEED)
        return self(items, generator)


def _is_view(made: object, rows: int) -> bool:
    return (
        isinstance(made, Tensor)
        and made.is_floating_point()
        and made.ndim >= _LEAST_AXES
        and len(made) == rows
    )


def _name(function: Callable[..., object]) -> str:
    while isinstance(function, partial):
        function = function.func
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


def _described(made: object) -> str:
    if isinstance(made, Tensor):
        return f"one of shape {tuple(made.shape)} ({made.dtype})"
    if isinstance(made, tuple | list):
        parts = [
            f"{tuple(part.shape)} ({part.dtype})"
            if isinstance(part, Tensor)
            else type(part).__name__
            for part in made
        ]
        return f"a {type(made).__name__} of {', '.join(parts) or 'nothing'}"
    return f"a {type(made).__name__}"
