"""What a bound asks of the scores of a batch."""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from torch import Tensor

__all__ = ["EachScore", "ScoreMatrix", "Scores"]

EachScore: TypeAlias = Callable[[Tensor], Tensor]
"""A function of each score by itself."""


@runtime_checkable
class ScoreMatrix(Protocol):
    """Scores ``f(x_i, y_j)`` of all pairs of a batch, of which only sums are asked.

    Pairs ``i = i`` are drawn from the joint distribution, all others, the negatives, from the
    product of the marginals. Where a batch is shared by processes, every method gives each of them
    the value of the whole batch.

    Attributes:
        number: N, pairs in the batch.
    """

    @property
    def number(self) -> int:
        """Pairs in the batch."""

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
