"""The two views in what data sets and loaders give, by stated rules."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from infomax.errors import UserError

__all__ = ["FORMATS", "TwoViews", "two_views"]

FORMATS: Final = "(x, y), ((x, y), label) or a dictionary with two tensors"
_LABELS: Final = {"class", "id", "idx", "index", "label", "labels", "target", "targets"}
_BOTH: Final = 2


class TwoViews(NamedTuple):
    """Views of a batch in float32, ``(N, ...)`` each, and what stood beside them."""

    x: Tensor
    y: Tensor
    left_out: str


def two_views(batch: object, source: str) -> TwoViews:
    """Return the two views of a batch, whichever of the common forms it has.

    - ``(x, y)``, and maybe more behind them;
    - ``((x, y), label)``, ``([x, y], label, name)``: views first, together;
    - a dictionary: the entries ``x`` and ``y`` where both are there, else its only two tensors, the
      first of them x. Keys such as ``label``, ``target`` and ``index`` are no views.

    A view of one floating-point number for each item is ``(N, 1)``.

    Args:
        batch: collated.
        source: what gave it, for messages.

    Raises:
        UserError: if it holds one view, more than two, or none.

    Example:
        >>> images, texts, classes = torch.zeros(5, 3), torch.ones(5, 4), torch.arange(5)
        >>> found = two_views({"image": images, "text": texts, "label": classes}, "the data")
        >>> found.x.shape, found.y.shape, found.left_out
        (torch.Size([5, 3]), torch.Size([5, 4]), "'label'")
        >>> two_views([(images, texts), classes], "the data").left_out
        'what stands behind the first two'
    """
    if isinstance(batch, Mapping):
        return _of_mapping(batch, source)
    if not isinstance(batch, (list, tuple)) or not batch:
        raise UserError(f"{source} gives {_described(batch)}: expected {FORMATS}")
    views: Sequence[object] = batch
    behind = len(batch) > _BOTH
    if isinstance(batch[0], (list, tuple)):
        views, behind = batch[0], len(batch) > 1
        if len(views) != _BOTH:
            raise UserError(
                f"{source}: the first entry holds {len(views)} views: expected two, in {FORMATS}"
            )
    if len(views) < _BOTH:
        raise UserError(f"{source} gives one view of each item: expected {FORMATS}")
    x, y = (
        _view(each, name, source) for each, name in zip(views, ("first", "second"), strict=False)
    )
    return TwoViews(x, y, "what stands behind the first two" if behind else "")


def _of_mapping(batch: Mapping[object, object], source: str) -> TwoViews:
    tensors = [
        key
        for key, value in batch.items()
        if isinstance(value, Tensor) and str(key).lower() not in _LABELS
    ]
    keys = ["x", "y"] if {"x", "y"} <= set(tensors) else tensors
    if len(keys) != _BOTH:
        raise UserError(
            f"{source} gives a dictionary of {', '.join(map(repr, batch))}, in which "
            f"{len(keys)} tensors may be views: expected two, or the keys 'x' and 'y'"
        )
    x, y = (_view(batch[key], repr(key), source) for key in keys)
    return TwoViews(x, y, ", ".join(repr(key) for key in batch if key not in keys))


def _view(given: object, name: str, source: str) -> Tensor:
    if not isinstance(given, Tensor):
        raise UserError(
            f"{source}: the {name} entry is {_described(given)} and no tensor: expected {FORMATS}"
        )
    if given.is_complex():
        raise UserError(
            f"{source}: the {name} entry holds complex numbers: give real and imaginary parts side "
            "by side, as torch.view_as_real does"
        )
    if given.ndim > 1:
        return given.to(torch.float32)
    if given.is_floating_point() and given.ndim:
        return given.to(torch.float32).unsqueeze(1)
    raise UserError(
        f"{source}: the {name} entry is one whole number for each item, as labels are, and no "
        f"view: expected {FORMATS}"
    )


def _described(given: object) -> str:
    if isinstance(given, (list, tuple)) and given and isinstance(given[0], str):
        return "text"
    return f"a {type(given).__name__}"
