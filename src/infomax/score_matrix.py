"""What every bound and loss asks of a score matrix."""

from torch import Tensor

from infomax.errors import UserError

__all__ = ["check_score_matrix"]


def check_score_matrix(scores: Tensor, *, at_least: int) -> int:
    """Return N for scores of shape ``(..., N, N)``.

    Raises:
        UserError: if the last two sizes differ or are below ``at_least``.
    """
    if scores.ndim < 2 or scores.shape[-1] != scores.shape[-2]:
        raise UserError(f"scores have shape {tuple(scores.shape)}: expected (..., N, N)")
    number = scores.shape[-1]
    if number < at_least:
        raise UserError(f"scores of {number} pair(s): expected a batch of at least {at_least}")
    return number
