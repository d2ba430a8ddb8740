"""Whether an encoder is a bijection: its own inverse is tried on views that it is audited by."""

import copy
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.bijections import MOST_INVERSE_ERROR
from infomax.errors import reason_of
from infomax.evaluation import encode
from infomax.training import evaluation_mode

__all__ = ["Precision", "Side", "TriedInverse", "try_inverse"]

Precision: TypeAlias = Literal["single", "double"]
Side: TypeAlias = Literal["x", "y"]


class TriedInverse(NamedTuple):
    """What came of trying the inverse of an encoder.

    Attributes:
        error: how far the farthest value of held-out views is missed, in standard deviations of
            these; infinite where it was not tried, or something is not finite.
        precision: that it was tried in: the codes that were inverted are of no more.
        encoder: in that precision; none where there is none with an inverse.
        why_not: why codes may have lost something, as the end of a sentence; empty where views
            come back.
    """

    error: float
    precision: Precision
    encoder: nn.Module | None
    why_not: str

    @property
    def verified(self) -> bool:
        """Whether views come back, so that codes hold all that these do."""
        return not self.why_not


def try_inverse(codes: AuditedCodes, side: Side) -> TriedInverse:
    """Bring held-out views back from their codes, in single precision, else in double.

    An encoder that makes some directions a thousand times smaller than others is a bijection as
    much as any, and yet float32 does not bring its views back. Where that fails, a copy of it in
    double precision encodes the views anew, and is to bring them back from those codes: of these
    it is then true that nothing is lost, of what single precision keeps of them it is not.

    Args:
        codes: that are audited.
        side: of the encoder.

    Returns:
        Views come back where all values are missed by at most 1e-3 of their standard deviation.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((50, 4))
        >>> try_inverse(read_codes("mine", x, x, None, seed=0), "x").why_not
        'no encoder with an inverse is known'
    """
    encoders = codes.encoders
    encoder = None if encoders is None else encoders.x if side == "x" else encoders.y
    if codes.raw is None or encoder is None or not callable(getattr(encoder, "inverse", None)):
        return TriedInverse(math.inf, "single", None, "no encoder with an inverse is known")
    views = codes.raw["xy".index(side)][codes.held_out]
    single = _tried(encoder, views, "single")
    if single.verified:
        return single
    try:
        in_double = copy.deepcopy(encoder).double()
    # Modules of users that cannot be copied, or hold what has no double precision.
    except Exception:  # noqa: BLE001
        return single
    double = _tried(in_double, views.double(), "double")
    return double if double.error < single.error else single


def _tried(encoder: nn.Module, views: Tensor, precision: Precision) -> TriedInverse:
    seen = views.flatten(1)
    with evaluation_mode(encoder), torch.no_grad():
        try:
            inverse: Callable[[Tensor], Any] = encoder.inverse  # type: ignore[assignment]
            missed = float((inverse(encode(encoder, views)).flatten(1) - seen).abs().max())
        # Whatever the user's own lines raise.
        except Exception as error:  # noqa: BLE001
            why = f"the inverse of the encoder fails ({reason_of(error)})"
            return TriedInverse(math.inf, precision, encoder, why)
    spread = float(seen.std())
    missed = missed / spread if spread > 0 else missed
    if not math.isfinite(missed):
        missed = math.inf
    why = f"its inverse misses views by {missed:.1e} of their deviation, in {precision} precision"
    return TriedInverse(missed, precision, encoder, why if missed > MOST_INVERSE_ERROR else "")
