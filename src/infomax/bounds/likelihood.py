"""Bounds of a learned density, of scores ``log q(y_j | x_i)`` less a term of y_j alone.

Such a term cancels in leave-one-out and, within a batch, in CLUB; where it is the log density of y,
the difference of entropies is the mean score of the pairs, and so is the bound of Barber and Agakov
where it is minus the exact entropy of y.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from infomax.bounds.bound import Bound, ComputedFrom, Kind
from infomax.score_matrix import Scores, score_matrix_of

__all__ = ["LikelihoodBound", "mean_of_pairs"]


def mean_of_pairs(scores: Scores) -> Tensor:
    """Return the mean score of the pairs: ``(..., N, N)`` -> ``(...)``.

    Example:
        >>> import torch
        >>> mean_of_pairs(torch.tensor([[1.0, 5.0], [5.0, 2.0]])).item()
        1.5
    """
    return score_matrix_of(scores, at_least=1).joint_mean()


@dataclass(frozen=True)
class LikelihoodBound(Bound):
    """An estimate from a density, which is trained by its likelihood and by nothing else.

    Attributes:
        name: what records and settings call it, e.g. ``club``.
        kind: of the estimate, with a density that is learned.
        function: scores ``(..., N, N)`` -> estimate in nats ``(...)``.
        meaning: what it is, in one line.
        exact_entropy: whether the term of y must be minus its exact entropy.
    """

    name: str
    kind: Kind
    function: Callable[[Scores], Tensor] = field(repr=False)
    meaning: str = field(repr=False)
    exact_entropy: bool = False
    computed_from: ComputedFrom = "rows"

    def objective(self, scores: Scores, /) -> Tensor:
        """Return the mean log-likelihood of y given x, less what does not depend on q."""
        return mean_of_pairs(scores)

    def estimate(self, scores: Scores, /) -> Tensor:
        """Return the value of the function."""
        return self.function(scores)

    def summary(self) -> str:
        """Return what it is."""
        return self.meaning
