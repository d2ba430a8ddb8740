"""What makes views, by name or by the path of anything a user wrote."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeGuard

from infomax.errors import UserError, unknown_name
from infomax.imported import import_object
from infomax.options import checked_options
from infomax.views.additive_noise import AdditiveNoise
from infomax.views.augmentation import Augmentation
from infomax.views.callable_views import CallableViews
from infomax.views.channels import Channels
from infomax.views.feature_groups import FeatureGroups
from infomax.views.item_halves import Halves
from infomax.views.masking import Masking
from infomax.views.view_maker import ViewMaker

__all__ = ["VIEWS", "make_views"]

VIEWS: dict[str, Callable[..., ViewMaker]] = {
    "halves": Halves,
    "channels": Channels,
    "features": FeatureGroups,
    "noise": AdditiveNoise,
    "mask": Masking,
    "augment": Augmentation,
}
"""The makers of views by name."""


def make_views(name_or_path: str, options: Mapping[str, object]) -> ViewMaker:
    """Return what makes views.

    A path ``package.module:callable`` names a function of items, a generator and its options, or a
    class whose instances are such a function, or are makers of views themselves.

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
halves, channels, features, noise, mask, augment, package.module:callable
    """
    if ":" in name_or_path:
        return _imported_views(name_or_path, options)
    if name_or_path not in VIEWS:
        raise unknown_name("views", name_or_path, [*VIEWS, "package.module:callable"])
    maker = VIEWS[name_or_path]
    return maker(**checked_options(maker, options, name_or_path))


def _imported_views(path: str, options: Mapping[str, object]) -> ViewMaker:
    found = import_object(path, "views")
    if isinstance(found, type):
        made: object = found(**checked_options(found, options, path))
    else:
        taken = checked_options(found, options, path, given=2)
        made = partial(found, **taken) if taken else found
    if _is_view_maker(made):
        return made
    if not callable(made):
        raise UserError(
            f"views {path!r}: an instance cannot be called: give the class a method "
            "__call__(items, generator)"
        )
    return CallableViews(made)


def _is_view_maker(made: object) -> TypeGuard[ViewMaker]:
    return callable(made) and all(hasattr(made, name) for name in ("shapes", "clean"))
