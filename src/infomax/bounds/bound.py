"""What a bound of a score matrix is, and what there is to know of it."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, final

import torch
from torch import Tensor

from infomax.errors import UserError, shortened
from infomax.information import contrastive_loss

__all__ = ["Bound", "ComputedFrom", "Kind", "PlainBound", "check_bound"]

Kind: TypeAlias = Literal["lower bound", "upper bound", "neither"]
"""On which side of the information an estimate stands, in expectation over batches."""

ComputedFrom: TypeAlias = Literal["whole", "rows", "tiles"]
"""How far a score matrix may be scattered for a bound to be computed from it, to the same value.

Whole: a tensor ``(..., N, N)``. Rows: any score matrix that holds its scores one by one, also in
rows that several processes have, or resampled. Tiles: also factors of the scores, of which a few
rows at a time are multiplied out. Each form takes those before it.
"""

HeldScores: TypeAlias = Any
"""A tensor ``(..., N, N)`` and, as far as ``computed_from`` says, any other score matrix."""


class Bound(ABC):
    """A bound of a score matrix: an estimate of the information, and what is maximised for it.

    A bound of one's own is derived from this class, and needs a name, a kind and an ``estimate``;
    everything else has a default. One that remembers anything between batches is a module too, and
    keeps it in its state dict.

    Attributes:
        name: what records and settings call it, e.g. ``infonce-symmetric``.
        kind: side of the information on which its estimate stands.
        label: what figures and messages call it, e.g. ``symmetric InfoNCE``; its name where empty.
        computed_from: how far the score matrix may be scattered; only ``"rows"`` and ``"tiles"``
            are trained on several processes.
        capped: whether its estimate cannot exceed the log of the number of pairs in the batch.
        heavy_tailed: whether its estimate holds a mean of exponentials of scores, the variance of
            which grows exponentially with the information.
        optimal_shift: what its best critic adds to the log density ratio, e.g. 1 for NWJ.
        equal_loss: name, in ``infomax.losses.SCORE_LOSSES``, of the loss that is the log of the
            number of pairs less this estimate; empty where there is none.

    Example:
        >>> class Separation(Bound):
        ...     name, kind = "separation", "neither"
        ...
        ...     def estimate(self, scores):
        ...         return scores.diagonal(dim1=-2, dim2=-1).mean(-1) - scores.mean((-2, -1))
        >>> Separation().objective(2 * torch.eye(4)).item(), Separation().ceiling(4)
        (1.5, inf)
    """

    name: str
    kind: Kind
    label: str = ""
    computed_from: ComputedFrom = "whole"
    capped: bool = False
    heavy_tailed: bool = False
    optimal_shift: float = 0.0
    equal_loss: str = ""

    @abstractmethod
    def estimate(self, scores: HeldScores, /) -> Tensor:
        """Return the estimate in nats: ``(..., N, N)`` -> ``(...)``."""

    def objective(self, scores: HeldScores, /) -> Tensor:
        """Return what training maximises, by default the estimate: ``(..., N, N)`` -> ``(...)``."""
        return self.estimate(scores)

    @property
    @final
    def objective_is_estimate(self) -> bool:
        """Whether what training maximises is the estimate itself, so that one value is both."""
        return type(self).objective is Bound.objective

    def summary(self) -> str:
        """Return in one line what the estimate is, by default the first of its docstring."""
        return _first_line(self.estimate)

    def ceiling(self, batch_size: int, *, largest_score: float = math.inf) -> float:
        r"""Return the most that the estimate can be on a batch, in nats; infinite without limit.

        A critic whose scores lie within s of 0, as a cosine over a temperature of 1 / s does,
        limits every bound: none is above what it is where all pairs score s and all negatives -s.
        For InfoNCE of K pairs that is

        .. math:: \log K - \log(1 + (K - 1) e^{-2 s}) \le \min(\log K, 2 s)

        The estimate must rise with the scores of pairs and fall with those of negatives.

        Args:
            batch_size: K, pairs in the batch.
            largest_score: s.

        Example:
            >>> from infomax.bounds import BOUNDS
            >>> round(BOUNDS["infonce"]().ceiling(128), 3), BOUNDS["nwj"]().ceiling(128)
            (4.852, inf)
            >>> round(BOUNDS["infonce"]().ceiling(128, largest_score=0.01), 3)
            0.02
        """
        if math.isinf(largest_score):
            return math.log(batch_size) if self.capped else math.inf
        if self.capped:
            return math.log(batch_size) - contrastive_loss(batch_size, 2 * largest_score)
        # A mean over negatives that are all alike does not depend on how many there are.
        best = torch.full((2, 2), -largest_score, dtype=torch.float64)
        return float(self.estimate(best.fill_diagonal_(largest_score)))


@dataclass(frozen=True)
class PlainBound(Bound):
    """A bound that is one function: it is trained on the very value that is its estimate.

    Attributes:
        function: score matrix ``(..., N, N)`` -> estimate in nats ``(...)``.

    The others are those of ``Bound``.

    Example:
        >>> from infomax.bounds import infonce
        >>> bound = PlainBound("infonce", "lower bound", infonce)
        >>> bound.objective(torch.zeros(4, 4)).item(), bound.estimate(torch.zeros(4, 4)).item()
        (0.0, 0.0)
    """

    name: str
    kind: Kind
    function: Callable[[HeldScores], Tensor] = field(repr=False)
    label: str = ""
    computed_from: ComputedFrom = "whole"
    capped: bool = False
    heavy_tailed: bool = False
    optimal_shift: float = 0.0
    equal_loss: str = ""

    def estimate(self, scores: HeldScores, /) -> Tensor:
        """Return the value of the function."""
        return self.function(scores)

    def summary(self) -> str:
        """Return the first line of the function's docstring."""
        return _first_line(self.function)


def check_bound(bound: Any, name: str = "") -> None:
    """Check that something is a bound, or a class of bounds that can be made.

    Args:
        bound: to be checked.
        name: that it is registered by, if it is.

    Raises:
        UserError: if it lacks anything that a bound has, naming it.

    Example:
        >>> check_bound(object(), "my-bound")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: the bound my-bound (object) lacks name, kind and estimate: ...
    """
    is_class = isinstance(bound, type)
    called = bound if is_class else type(bound)
    name = name or str(getattr(bound, "name", shortened(bound)))
    if is_class:
        missing = sorted(getattr(bound, "__abstractmethods__", ()))
    else:
        missing = [each for each in ("name", "kind", "estimate") if not hasattr(bound, each)]
        if not missing and not isinstance(bound, Bound):
            missing = ["all that has a default"]
    if missing:
        listed = " and ".join(", ".join(missing).rsplit(", ", 1))
        raise UserError(
            f"the bound {name} ({called.__name__}) lacks {listed}: derive it from "
            "infomax.bounds.Bound, which has a default for all but name, kind and estimate"
        )


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").partition("\n")[0].replace("``", "")
