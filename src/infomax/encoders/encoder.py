"""What an encoder is, what a view may look like, and the encoder that changes nothing."""

import math
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor, nn

from infomax.errors import UserError

__all__ = [
    "Encoder",
    "Flow",
    "IdentityEncoder",
    "ViewShape",
    "check_codes",
    "flattened",
    "shaped",
    "unsuited",
]

ViewShape: TypeAlias = tuple[int, ...]
"""``(features,)``, ``(length, channels)`` of a series or ``(height, width, channels)``."""

_SUITED = {
    1: "mlp, or series-convnet if they follow each other in time",
    2: "series-convnet or mlp",
    3: "resnet, convnet or mlp",
}


def flattened(views: Tensor, view_shape: ViewShape) -> Tensor:
    """Return views as ``(..., d)``, d values each: ``(N, *view_shape)`` is flattened row by row.

    What lies so already is returned as it is, with any leading sizes; nothing is copied.

    Raises:
        UserError: if the views are of another shape.

    Example:
        >>> import torch
        >>> flattened(torch.zeros(5, 14, 28, 1), (14, 28, 1)).shape
        torch.Size([5, 392])
        >>> flattened(torch.zeros(5, 392), (14, 28, 1)).shape
        torch.Size([5, 392])
    """
    if views.shape[1:] == view_shape:
        return views.flatten(1)
    values = math.prod(view_shape)
    if views.shape[-1:] != (values,):
        both_ways = ", ".join(map(str, ("N", *view_shape)))
        raise UserError(
            f"views of shape {tuple(views.shape)} do not fit this encoder: expected ({both_ways})"
            + ("" if len(view_shape) == 1 else f" or (N, {values})")
        )
    return views


def shaped(views: Tensor, view_shape: ViewShape) -> Tensor:
    """Return views as ``(..., *view_shape)``, from there or from ``(..., d)``; nothing is copied.

    Raises:
        UserError: if the views are of another shape.

    Example:
        >>> import torch
        >>> shaped(torch.zeros(5, 392), (14, 28, 1)).shape
        torch.Size([5, 14, 28, 1])
    """
    if views.shape[1:] == view_shape:
        return views
    in_shape: Tensor = flattened(views, view_shape).unflatten(-1, view_shape)
    return in_shape


def unsuited(encoder: str, reads: str, view_shape: ViewShape) -> UserError:
    """Return the error for an encoder that is not made for views of a shape.

    Example:
        >>> unsuited("resnet", "images (height, width, channels)", (300, 6))
        UserError('resnet reads images (height, width, channels), and views are (300, 6): \
choose series-convnet or mlp')
    """
    choice = _SUITED.get(len(view_shape), "mlp")
    return UserError(f"{encoder} reads {reads}, and views are {view_shape}: choose {choice}")


def _lacking(encoder: nn.Module, method: str, returned: str) -> UserError:
    name = type(encoder).__name__
    return UserError(f"the encoder {name} lacks {method}: give it one that returns {returned}")


class Encoder(nn.Module):
    """Maps views to codes ``(N, code_size)``.

    Views are ``(N, *view_shape)``, or ``(N, d)`` with their d values flattened row by row.

    Attributes:
        code_size: number of values in a code.
        reads_tokens: whether views are ids of tokens, by which no code can be differentiated.
    """

    code_size: int
    reads_tokens: bool = False

    def extra_repr(self) -> str:
        """Return shapes, which layers do not tell."""
        shapes = {name: getattr(self, name, None) for name in ("view_shape", "code_size")}
        return ", ".join(f"{name}={each}" for name, each in shapes.items() if each is not None)

    def forward(self, view: Tensor) -> Tensor:  # noqa: ARG002
        """Encode a batch of views."""
        raise _lacking(self, "forward", "codes (N, code_size) of views (N, *view_shape)")

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


class Flow(Encoder):
    """Encodes views by a bijection, whose inverse and Jacobian determinant are cheap.

    A code has as many values as the view, and the mutual information between codes is that between
    views, whatever the weights.
    """

    def inverse(self, code: Tensor) -> Tensor:  # noqa: ARG002
        """Return the views of codes: ``(..., d)`` -> ``(..., d)``."""
        raise _lacking(self, "inverse", "the views (..., d) of codes (..., d)")

    def log_determinant(self, view: Tensor) -> Tensor:  # noqa: ARG002
        r"""Return :math:`\log |\det \partial g / \partial x|` at each view, in nats.

        ``(..., d)`` -> ``(...)``.
        """
        raise _lacking(self, "log_determinant", "one value for each view (..., d)")


class IdentityEncoder(Encoder):
    """Returns the view itself: for critics of samples that need no encoding.

    Args:
        view_shape: shape of a view, any.
        generator: not drawn from; there are no weights.

    Example:
        >>> encoder = IdentityEncoder((1, 1, 2), torch.Generator())
        >>> encoder
        IdentityEncoder(view_shape=(1, 1, 2), code_size=2)
        >>> encoder(torch.ones(3, 2)).tolist()
        [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, view_shape: ViewShape, generator: torch.Generator) -> None:  # noqa: ARG002
        super().__init__()
        self.view_shape = view_shape
        self.code_size = math.prod(view_shape)

    def forward(self, view: Tensor) -> Tensor:
        """Return the views, flattened: ``(N, *view_shape)`` or ``(..., d)`` -> ``(..., d)``."""
        return flattened(view, self.view_shape)
