"""What a bound asks of the scores of a batch, and what scores must be for it."""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from torch import Tensor

from infomax.errors import UserError

__all__ = [
    "EachScore",
    "ScoreMatrix",
    "Scores",
    "check_one_for_each_anchor",
    "check_score_matrix",
]

EachScore: TypeAlias = Callable[[Tensor], Tensor]
"""A function of each score by itself."""


@runtime_checkable
class ScoreMatrix(Protocol):
    """Scores ``f(x_i, y_j)`` of all pairs of a batch, of which only sums are asked.

    Pairs ``i = i`` are drawn from the joint distribution, all others, the negatives, from the
    product of the marginals; ``ChosenScores`` are sums over some of them. Where a batch is shared
    by processes, every method gives each of them the value of the whole batch.

    Attributes:
        size: N, pairs in the batch.
    """

    @property
    def size(self) -> int:
        """Pairs in the batch."""

    @property
    def log_candidates(self) -> Tensor | float:
        r"""The mean over anchors of the log of how many candidates each has: :math:`\log N`."""

    @property
    def log_anchors(self) -> Tensor | float:
        r"""The mean over candidates of the log of how many anchors each has: :math:`\log N`."""

    def joint_mean(self, of: EachScore | None = None) -> Tensor:
        r"""Return :math:`\frac{1}{N} \sum_i f(s_{ii})`, with f the identity if none is given."""

    def negatives_mean(self, of: EachScore) -> Tensor:
        r"""Return :math:`\frac{1}{N (N - 1)} \sum_{i \ne j} f(s_{ij})`."""

    def log_partition(self, of: EachScore | None = None) -> Tensor:
        r"""Return :math:`\log \frac{1}{N (N - 1)} \sum_{i \ne j} e^{f(s_{ij})}`."""

    def anchors_contrast(self) -> Tensor:
        r"""Return :math:`\frac{1}{N} \sum_i \bigl( s_{ii} - \log \sum_j e^{s_{ij}} \bigr)`."""

    def candidates_contrast(self) -> Tensor:
        r"""Return :math:`\frac{1}{N} \sum_i \bigl( s_{ii} - \log \sum_j e^{s_{ji}} \bigr)`."""

    def candidates_excess(self) -> Tensor:
        r"""Return what pairs outdo the negatives of their candidate by, on average.

        .. math:: \frac{1}{N} \sum_i \Bigl( s_{ii}
                  - \log \frac{1}{N - 1} \sum_{j \ne i} e^{s_{ji}} \Bigr)
        """


Scores: TypeAlias = Tensor | ScoreMatrix
"""A score matrix as a tensor ``(..., N, N)``, or however else it is held."""


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
    size = scores.shape[-1]
    if size < at_least:
        raise UserError(f"{name} of {size} pair(s): expected a batch of at least {at_least}")
    return size


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
