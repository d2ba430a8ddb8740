"""What an encoder is."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

from infomax.errors import UserError

__all__ = ["Encoder", "check_codes"]


class Encoder(nn.Module):
    """A module that maps views to codes ``(N, code_size)``.

    Views are ``(N, *view_shape)``, or ``(N, d)`` with their d values flattened row by row.

    Attributes:
        code_size: number of values in a code.
    """

    code_size: int

    def forward(self, view: Tensor) -> Tensor:
        """Encode a batch of views."""
        raise NotImplementedError

    if TYPE_CHECKING:  # nn.Module's own call hides the types of forward.

        def __call__(self, view: Tensor) -> Tensor: ...  # noqa: D102


def check_codes(codes: object, rows: int) -> Tensor:
    """Return what a module gave for some views, if it is a code ``(d,)`` for each of them.

    Args:
        codes: what any module, of the user's own or of ours, returned.
        rows: number of views that it was given.

    Raises:
        UserError: if it is not a tensor of shape ``(rows, d)`` of floating-point numbers.

    Example:
        >>> import torch
        >>> check_codes(torch.zeros(5, 3), 5).shape
        torch.Size([5, 3])
        >>> check_codes(torch.zeros(5, 3, 2), 5)
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: encoder gives codes of shape (5, 3, 2), expected (5, d): \
one row for each view; end it with .flatten(1)
    """
    if not isinstance(codes, Tensor):
        raise UserError(
            f"encoder gives {type(codes).__name__}, expected a tensor ({rows}, d): "
            "return the codes alone"
        )
    if not codes.is_floating_point():
        raise UserError(
            f"encoder gives codes of type {str(codes.dtype).removeprefix('torch.')}, expected "
            "floating-point numbers: "
            + (
                "give real and imaginary parts side by side, as torch.view_as_real does"
                if codes.is_complex()
                else "end it with .float(), or give what comes before rounding"
            )
        )
    if codes.ndim == 2 and len(codes) == rows:
        return codes
    if codes.shape[:1] != (rows,):
        cure = "keep views apart, along the first dimension"
    else:
        cure = f"end it with {'.unsqueeze(1)' if codes.ndim == 1 else '.flatten(1)'}"
    raise UserError(
        f"encoder gives codes of shape {tuple(codes.shape)}, expected ({rows}, d): "
        f"one row for each view; {cure}"
    )
