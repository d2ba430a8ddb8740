"""The codes of both views, as they are found in what a model or a step returns."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from torch import Tensor

from infomax.errors import UserError, shortened

__all__ = ["Chosen", "chosen_codes"]

Chosen: TypeAlias = tuple[str | int, str | int] | Callable[[Any], tuple[Tensor, Tensor]]
"""Names, or places, of the codes of x and of y; or a function that returns both of what it gets."""


def chosen_codes(outputs: Any, codes: Chosen, whose: str) -> tuple[Tensor, Tensor]:
    """Return the codes of x and of y.

    Args:
        outputs: dictionary, tuple or object that holds them.
        codes: which they are.
        whose: whose outputs these are, for the message.

    Raises:
        UserError: if they are not there, or are no tensors.

    Example:
        >>> import torch
        >>> outputs = {"loss": 0.5, "z_x": torch.eye(2), "z_y": torch.ones(2, 2)}
        >>> [each.shape for each in chosen_codes(outputs, ("z_x", "z_y"), "training_step")]
        [torch.Size([2, 2]), torch.Size([2, 2])]
    """
    found = (
        tuple(codes(outputs)) if callable(codes) else tuple(_one(outputs, each) for each in codes)
    )
    if len(found) != 2 or not all(isinstance(each, Tensor) for each in found):
        holds = list(outputs) if isinstance(outputs, Mapping) else type(outputs).__name__
        raise UserError(
            f"no two tensors {shortened(codes)} in what {whose} returns ({shortened(holds)}): name "
            "the codes of x and of y by codes=(..., ...), or give a function that returns both"
        )
    return found[0], found[1]


def _one(outputs: Any, name: str | int) -> Any:
    if isinstance(name, int):
        return outputs[name] if isinstance(outputs, (tuple, list)) and name < len(outputs) else None
    if isinstance(outputs, Mapping):
        return outputs.get(name)
    return getattr(outputs, name, None)
