"""What an encoder is."""

from typing import TYPE_CHECKING, TypeAlias

from torch import Tensor, nn

__all__ = ["Encoder", "ViewShape"]

ViewShape: TypeAlias = tuple[int, int, int]
"""Height, width and channels."""


class Encoder(nn.Module):
    """A module that maps views ``(N, height x width x channels)`` to codes ``(N, code_size)``.

    Attributes:
        code_size: number of values in a code.
    """

    code_size: int

    def forward(self, view: Tensor) -> Tensor:
        """Encode a batch of views."""
        raise NotImplementedError

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, view: Tensor) -> Tensor: ...  # noqa: D102
