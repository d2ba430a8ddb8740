"""What every bound and loss asks of a score matrix."""

from torch import Tensor

from infomax.errors import UserError

__all__ = ["check_one_for_each_anchor", "check_score_matrix"]


def check_score_matrix(scores: Tensor, *, at_least: int, name: str = "scores") -> int:
    """Return N for scores of shape ``(..., N, N)``.

    Args:
        scores: one for each pair of the batch.
        at_least: the smallest N.
        name: of the scores, in the plural.

    Raises:
        UserError: if the last two sizes differ or are below ``at_least``.
    """
    if scores.ndim < 2 or scores.shape[-1] != scores.shape[-2]:
        raise UserError(f"{name} have shape {tuple(scores.shape)}: expected (..., N, N)")
    number = scores.shape[-1]
    if number < at_least:
        raise UserError(f"{name} of {number} pair(s): expected a batch of at least {at_least}")
    return number


def check_one_for_each_anchor(values: Tensor, scores: Tensor, *, name: str) -> None:
    """Check that there is one value for each row of a score matrix.

    Args:
        values: to be of shape ``(..., N)``.
        scores: of shape ``(..., N, N)``.
        name: of the values.

    Raises:
        UserError: if the shape is another.
    """
    expected = tuple(scores.shape[:-1])
    if values.shape != expected:
        raise UserError(
            f"{name} has shape {tuple(values.shape)}: expected {expected}, one for each row of "
            "the scores"
        )
