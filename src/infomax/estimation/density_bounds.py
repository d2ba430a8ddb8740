"""Bounds of a learned density, read from the scores of ``ConditionalDensity``.

Its scores are log q(y_j | x_i) less a term that depends on y_j alone. Such a term cancels in
leave-one-out and, within a batch, in CLUB; the difference of entropies is the mean score of the
partners, and so is the bound of Barber and Agakov where the term is minus the exact entropy of y.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from torch import Tensor

from infomax.bounds import Bound, ComputedFrom, Kind, club, leave_one_out

__all__ = ["DENSITY_BOUNDS", "LikelihoodBound", "mean_of_partners"]


def mean_of_partners(scores: Tensor) -> Tensor:
    """Return the mean score of the pairs: ``(..., N, N)`` -> ``(...)``.

    Example:
        >>> import torch
        >>> mean_of_partners(torch.tensor([[1.0, 5.0], [5.0, 2.0]])).item()
        1.5
    """
    return scores.diagonal(dim1=-2, dim2=-1).mean(dim=-1)


@dataclass(frozen=True)
class LikelihoodBound:
    """A value that is read from a density, which is trained by its likelihood.

    Attributes:
        name: that records and settings use.
        kind: of the value read, with a density that is learned.
        read: scores ``(..., N, N)`` -> estimate in nats ``(...)``.
    """

    computed_from: ClassVar[ComputedFrom] = "whole"

    name: str
    kind: Kind
    read: Callable[[Tensor], Tensor]

    @staticmethod
    def trained(scores: Tensor) -> Tensor:
        """Return the mean log-likelihood of y given x, less what does not depend on q."""
        return mean_of_partners(scores)


DENSITY_BOUNDS: dict[str, Callable[[], Bound]] = {
    "barber-agakov": partial(LikelihoodBound, "barber-agakov", "lower bound", mean_of_partners),
    "difference-of-entropies": partial(
        LikelihoodBound, "difference-of-entropies", "neither", mean_of_partners
    ),
    # Upper bounds of the true density only, and what is learned is not the true one.
    "club": partial(LikelihoodBound, "club", "neither", club),
    "leave-one-out": partial(LikelihoodBound, "leave-one-out", "neither", leave_one_out),
}
"""The bounds of a learned density by name."""
