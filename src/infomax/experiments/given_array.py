"""Measurements that a caller holds in memory, as an array."""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from infomax.errors import UserError, message_of

__all__ = ["given_array"]


def given_array(values: ArrayLike | Tensor, name: str) -> NDArray[Any]:
    """Return measurements as an array, which is a copy only where it must be.

    A tensor may be on any device and part of a graph; bfloat16, which NumPy lacks, becomes float32.

    Args:
        values: ``(N, ...)``.
        name: what the message calls them.

    Raises:
        UserError: if they are no array, are complex, or hold no values (the device ``meta``).

    Example:
        >>> given_array(torch.ones(2, dtype=torch.bfloat16, requires_grad=True), "X")
        array([1., 1.], dtype=float32)
    """
    try:
        if isinstance(values, Tensor):
            values = values.detach().cpu()
            values = values.float() if values.dtype == torch.bfloat16 else values
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{name} is no array of numbers ({message_of(error)})") from error
    if array.dtype.kind == "c":
        raise UserError(f"{name} holds complex numbers: give real and imaginary parts side by side")
    return array
