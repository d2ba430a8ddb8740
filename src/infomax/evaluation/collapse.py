"""Whether codes have collapsed: all alike, or on a line."""

import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation.geometry import effective_rank

__all__ = ["collapse_sign"]

_LEAST_RELATIVE_SPREAD = 1e-3
_LEAST_RANK = 2.0
_LEAST_SIZE_FOR_RANK = 8


@torch.no_grad()
def collapse_sign(codes: Tensor) -> str | None:
    r"""Return one line that says in what way codes have collapsed, or ``None``.

    Looked for, in this order:

    - values that are not finite;
    - codes that are all zero;
    - codes that are all alike: their root mean square distance from their mean is below 1e-3 of
      their root mean square length;
    - codes of 8 values or more that fill fewer than 2 directions (``effective_rank``), where there
      are 8 codes or more.

    ``None`` is no proof of good codes. A few thousand of them are plenty to look at.

    Args:
        codes: ``(N, d)``, of different views.

    Raises:
        UserError: if there are fewer than two codes.

    Example:
        >>> collapse_sign(torch.eye(8)) is None
        True
        >>> collapse_sign(torch.ones(10, 8))
        'all 10 codes are alike: they lie 0.0e+00 of their length from their mean'
    """
    count, size = codes.shape
    if count < 2:
        raise UserError(f"{count} code(s): whether they are alike needs at least 2")
    codes = codes.double()
    broken = int((~codes.isfinite().all(dim=1)).sum())
    if broken:
        return f"{broken:,} of {count:,} codes hold values that are not finite"
    length = _root_mean_square_length(codes)
    if length == 0:
        return f"all {count:,} codes are zero"
    spread = _root_mean_square_length(codes - codes.mean(dim=0)) / length
    if spread < _LEAST_RELATIVE_SPREAD:
        return (
            f"all {count:,} codes are alike: they lie {spread:.1e} of their length from their mean"
        )
    if min(count, size) >= _LEAST_SIZE_FOR_RANK and (rank := effective_rank(codes)) < _LEAST_RANK:
        return f"codes of {size:,} values fill {rank:.2f} directions (effective rank)"
    return None


def _root_mean_square_length(codes: Tensor) -> float:
    return float(codes.square().sum(dim=1).mean().sqrt())
