"""The encoder that leaves the view as it is."""

import math

import torch
from torch import Tensor

from infomax.encoders.encoder import Encoder
from infomax.encoders.view_shape import ViewShape, flattened

__all__ = ["IdentityEncoder"]


class IdentityEncoder(Encoder):
    """Returns the view itself: for critics of samples that need no encoding.

    Args:
        view_shape: shape of a view, any.
        generator: not drawn from; there are no weights.

    Example:
        >>> IdentityEncoder((1, 1, 2), torch.Generator())(torch.ones(3, 2)).tolist()
        [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, view_shape: ViewShape, generator: torch.Generator) -> None:  # noqa: ARG002
        super().__init__()
        self.view_shape = view_shape
        self.code_size = math.prod(view_shape)

    def forward(self, view: Tensor) -> Tensor:
        """Return the views, flattened: ``(N, *view_shape)`` or ``(..., d)`` -> ``(..., d)``."""
        return flattened(view, self.view_shape)
