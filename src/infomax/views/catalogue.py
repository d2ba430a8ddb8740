"""What makes views, by name or by the path of anything a user wrote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeGuard

import torch
from torch import Tensor

from infomax.errors import UserError, reason_of, unknown_name
from infomax.makers import checked_options, import_object, raised_at
from infomax.views.augmentation import Augmentation
from infomax.views.context_response import ContextResponse
from infomax.views.corruptions import AdditiveNoise, Masking
from infomax.views.item_parts import Channels, FeatureGroups, Halves
from infomax.views.view_maker import ViewMaker

__all__ = ["VIEWS", "CallableViews", "make_views"]

VIEWS: dict[str, Callable[..., object]] = {
    "halves": Halves,
    "channels": Channels,
    "features": FeatureGroups,
    "noise": AdditiveNoise,
    "mask": Masking,
    "augment": Augmentation,
    "context-response": ContextResponse,
}
"""The makers of views by name: classes of them, or functions of items and a generator."""


def make_views(name_or_path: str, options: Mapping[str, object]) -> ViewMaker:
    """Build what makes views, by its name or its path.

    A name of ``VIEWS``, or a path ``package.module:callable``, is that of a function of items, a
    generator and its options, or of a class whose instances are such a function, or are makers of
    views themselves.

    Args:
        name_or_path: a name of ``VIEWS``, or a path.
        options: what the maker takes beside items and generator, as values or as text.

    Raises:
        UserError: if there is no such maker, or it does not take the options.

    Example:
        >>> make_views("mask", {"share": "0.25", "patch": 4})
        Masking(share=0.25, patch=4)
        >>> make_views("halfs", {})
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown views 'halfs': did you mean 'halves'? choose one of \
halves, channels, features, noise, mask, augment, context-response, package.module:callable
    """
    if ":" in name_or_path:
        found: Callable[..., object] = import_object(name_or_path, "views")
    elif name_or_path in VIEWS:
        found = VIEWS[name_or_path]
    else:
        raise unknown_name("views", name_or_path, [*VIEWS, "package.module:callable"])
    if isinstance(found, type):
        made: object = found(**checked_options(found, options, name_or_path))
    else:
        taken = checked_options(found, options, name_or_path, given=2)
        made = partial(found, **taken) if taken else found
    if _is_view_maker(made):
        return made
    if not callable(made):
        raise UserError(
            f"views {name_or_path!r}: an instance cannot be called: give the class a method "
            "__call__(items, generator)"
        )
    return CallableViews(made)


def _is_view_maker(made: object) -> TypeGuard[ViewMaker]:
    return callable(made) and all(hasattr(made, name) for name in ("shapes", "clean"))


_CLEAN_SEED = 0
_TRIAL_ITEMS = 2
_LEAST_AXES = 2


@dataclass(frozen=True)
class CallableViews:
    """Makes views by a function.

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
