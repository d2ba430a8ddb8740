"""How negatives are drawn: which candidates anchors are set against, and what bounds then read.

A way of drawing negatives takes the scores of a batch and says which of them count. Who made the
scores is no matter of its, and a bound asks the score matrix that comes of it for the same sums.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from infomax.bounds import Bound
from infomax.errors import UserError, advice, unknown_name
from infomax.makers import checked_options
from infomax.processes import Processes
from infomax.score_matrix import ChosenScores, DebiasedScores
from infomax.training.pair_model import Objective

__all__ = [
    "NEGATIVES",
    "DebiasedNegatives",
    "HardNegatives",
    "InBatchNegatives",
    "Negatives",
    "NegativesWithoutRepeats",
    "OtherClassNegatives",
    "ScoredBatch",
    "SemiHardNegatives",
    "UniformNegatives",
    "check_negatives",
    "find_negatives",
    "largest_score_of",
]


@dataclass(frozen=True, eq=False)
class ScoredBatch:
    """The scores of a batch, and what is known of its pairs.

    Attributes:
        rows: scores of the anchors that this process has, ``(..., n, N + K)``: against the N
            candidates of the batch, and against the K that were drawn beside it.
        size: N.
        first_row: index of the first anchor in the batch.
        processes: that share the batch.
        labels: class of each pair of the batch, ``(..., N)``; ``None`` if it is not needed.
        lowest_score: that the critic can give, ``(...)`` or one number.
    """

    rows: Tensor
    size: int
    first_row: int = 0
    processes: Processes = field(default_factory=Processes)
    labels: Tensor | None = None
    lowest_score: Tensor = field(default_factory=lambda: torch.tensor(-math.inf))

    @property
    def partners(self) -> Tensor:
        """Scores of the pairs themselves, ``(..., n)``."""
        return self.rows.diagonal(offset=self.first_row, dim1=-2, dim2=-1)

    @property
    def others(self) -> Tensor:
        """Scores of which those of the pairs themselves are -inf, ``(..., n, N + K)``."""
        own = torch.zeros(self.rows.shape[-2:], dtype=torch.bool, device=self.rows.device)
        own.diagonal(offset=self.first_row).fill_(True)
        return self.rows.masked_fill(own, -math.inf)

    def with_chosen(self, chosen: Tensor, *, of_anchors_alone: bool = True) -> ChosenScores:
        """Return the score matrix in which these are the negatives."""
        return ChosenScores(
            self.rows,
            chosen,
            self.size,
            first_row=self.first_row,
            processes=self.processes,
            of_anchors_alone=of_anchors_alone,
        )


class Negatives(ABC):
    """A way of drawing negatives; its options are the fields of a frozen dataclass.

    Attributes:
        name: what settings and records call it, e.g. ``semi-hard``.
        needs_labels: whether it needs the class of each pair.
        keeps_bound: whether a bound on such negatives is still one on the information of the pairs.
        reads: where it is not, what an estimate on such negatives is.
        avoids_repeats: whether no view is to come twice in a batch.
    """

    name: str
    needs_labels: bool = False
    keeps_bound: bool = False
    reads: str = ""
    avoids_repeats: bool = False

    @abstractmethod
    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the score matrix in which only these negatives count."""

    @property
    def drawn(self) -> int:
        """How many candidates are drawn beside each batch, from all training pairs."""
        return 0

    @property
    def taken(self) -> int | None:
        """How many candidates of the batch are taken for each anchor, where that is one number."""
        return None

    @property
    def as_evaluated(self) -> bool:
        """Whether they are drawn as those of evaluations are, so that both can be compared."""
        return self.takes_batch and self.keeps_bound

    @property
    def takes_batch(self) -> bool:
        """Whether every other candidate of the batch is a negative, so that nothing is chosen."""
        return False

    def check(self, bound: Bound, *, largest_score: float, rows: int, batch_size: int) -> None:
        """Refuse a bound, a critic or data that do not go with these negatives.

        Args:
            bound: bound that is trained.
            largest_score: that the critic can give; infinite without limit.
            rows: training pairs; 0 if that is not known.
            batch_size: pairs in a batch.

        Raises:
            UserError: if they do not.
        """
        if self.takes_batch:
            return
        if bound.computed_from == "whole":
            raise UserError(
                f"the bound {bound.name} is computed from whole matrices, in which {self.name} "
                "negatives cannot be told: choose another, such as infonce, or in-batch negatives"
            )
        if rows and self.drawn > rows:
            raise UserError(
                f"{self.drawn} negatives are to be drawn from {rows} training pairs: give a count "
                "of at most as many"
            )
        others = batch_size - 1
        if self.taken is not None and self.taken >= others:
            raise UserError(
                f"{self.taken} {self.name} negatives are to be taken of the {others} other pairs "
                f"of a batch, which is no choice: give a count of at most {others - 1}, larger "
                "batches, or in-batch negatives"
            )
        # Partners a little above all others, so that there are negatives however they are chosen.
        trial = torch.full((2, 2 + self.drawn), -1e-6)
        trial.fill_diagonal_(0.0)
        labels, lowest = torch.arange(2), torch.tensor(-largest_score)
        try:
            bound.objective(self.of(ScoredBatch(trial, 2, labels=labels, lowest_score=lowest)))
        except UserError as error:
            raise UserError(f"{self.name} negatives for the bound {bound.name}: {error}") from error


@dataclass(frozen=True)
class InBatchNegatives(Negatives):
    """Take every other pair of the batch, as bounds on independent pairs do.

    Example:
        >>> InBatchNegatives().of(ScoredBatch(torch.eye(3), 3)).count().mean
        tensor(2.)
    """

    name = "in-batch"
    keeps_bound = True

    @property
    def takes_batch(self) -> bool:
        """True: nothing is left out."""
        return True

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores with every other candidate chosen; bounds read them as they are."""
        every = torch.ones_like(batch.rows, dtype=torch.bool)
        return batch.with_chosen(every, of_anchors_alone=False)


@dataclass(frozen=True)
class NegativesWithoutRepeats(InBatchNegatives):
    """Take every other pair of a batch in which no view comes twice; all pairs are read for that.

    The partner of an anchor is then never among its negatives, as in independent draws it may be.
    """

    name = "without-repeats"
    keeps_bound = False
    reads = "batches hold no view twice, which independent draws may: it may exceed the information"
    avoids_repeats = True


@dataclass(frozen=True)
class UniformNegatives(Negatives):
    """Draw negatives anew from all training pairs, with replacement, and not from the batch.

    All anchors of a batch share them, which takes as many encodings, not as many for each anchor.
    They are independent of the anchors, which may meet their own partner among them, so that bounds
    stay bounds; the ceiling of InfoNCE is log (1 + count).

    Args:
        count: how many.

    Raises:
        UserError: if there is none.
    """

    name = "uniform"
    keeps_bound = True
    count: int = 127

    def __post_init__(self) -> None:
        _check_count(self.count)

    @property
    def drawn(self) -> int:
        """How many candidates are drawn beside each batch."""
        return self.count

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores in which only those drawn beside the batch are negatives."""
        chosen = torch.zeros_like(batch.rows, dtype=torch.bool)
        chosen[..., batch.size :] = True
        return batch.with_chosen(chosen)


@dataclass(frozen=True)
class OtherClassNegatives(Negatives):
    """Take the other pairs of the batch that are of another class than the anchor.

    The labels tell then what the codes are to keep. An anchor of which all others are its class has
    no negatives, is told from nothing, and is counted.

    Source: what Khosla et al. (2020) call false negatives, left out; Arora et al. (2019) on why.
    """

    name = "other-classes"
    needs_labels = True
    reads = (
        "pairs of an anchor's own class are left out, which independent draws hold: it may exceed "
        "the information"
    )

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores in which those of the anchor's class are left out."""
        if batch.labels is None:
            raise UserError("other-classes negatives need the class of each pair (labels)")
        first, anchors = batch.first_row, batch.rows.shape[-2]
        of_anchors = batch.labels[..., first : first + anchors]
        others = of_anchors.unsqueeze(-1) != batch.labels.unsqueeze(-2)
        return batch.with_chosen(others.to(batch.rows.device), of_anchors_alone=False)


@dataclass(frozen=True)
class HardNegatives(Negatives):
    """Take the candidates of the batch that score highest with the anchor, its partner left out.

    Source: mining within the batch, as Hermans, Beyer and Leibe (2017) do for triplets with the one
    hardest.

    Args:
        count: how many of them; fewer than the batch has.

    Raises:
        UserError: if there is none.
    """

    name = "hard"
    reads = (
        "only the negatives that score highest are taken: on average it is below the bound of as "
        "many independent ones"
    )
    count: int = 16

    def __post_init__(self) -> None:
        _check_count(self.count)

    @property
    def taken(self) -> int:
        """Their number."""
        return self.count

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores in which the highest of each row are negatives."""
        others = batch.others.detach()
        highest = others.topk(min(self.count, batch.size - 1), dim=-1).indices
        chosen = torch.zeros_like(others, dtype=torch.bool).scatter(-1, highest, value=True)
        return batch.with_chosen(chosen)


@dataclass(frozen=True)
class SemiHardNegatives(Negatives):
    r"""Take the candidates that score below the partner, by less than a margin.

    .. math:: s_{ii} - m < s_{ij} < s_{ii}

    An anchor that has none is told from nothing, and is counted. FaceNet's margin of 0.2 on squared
    distances of unit length is one of 0.1 on cosines, so of 1 on cosines over a temperature of 0.1.

    Source: Schroff, Kalenichenko and Philbin (2015), section 3.2, equation 4.

    Args:
        margin: m, in the unit of scores.

    Raises:
        UserError: if it is not above 0.
    """

    name = "semi-hard"
    reads = (
        "negatives that score above the partner, or far below it, are left out: it may exceed the "
        "information"
    )
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.margin < math.inf:
            raise UserError(f"margin of semi-hard negatives is {self.margin}: give one above 0")

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores in which those within the margin are negatives."""
        below = batch.partners.detach().unsqueeze(-1) - batch.rows.detach()
        return batch.with_chosen((below > 0) & (below < self.margin))


@dataclass(frozen=True)
class DebiasedNegatives(Negatives):
    r"""Take all of the batch, and take off again what those of the anchor's class add on average.

    Source: Chuang et al. (2020), "Debiased contrastive learning", equations 7 and 8.

    Args:
        tau_plus: probability that a candidate is of the anchor's class, e.g. 0.1 for ten classes of
            equal size.

    Raises:
        UserError: if it is not from 0 to under 1.
    """

    name = "debiased"
    reads = (
        "sums over negatives are corrected by the partner's score for those of the anchor's class: "
        "it may exceed the information"
    )
    tau_plus: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.tau_plus < 1:
            raise UserError(
                f"tau_plus of debiased negatives is {self.tau_plus}: give the share of candidates "
                "that are of an anchor's class, from 0 to under 1"
            )

    def check(self, bound: Bound, *, largest_score: float, rows: int, batch_size: int) -> None:
        """Refuse also a critic whose scores have no lowest value, at which the clamp would be."""
        if math.isinf(largest_score):
            raise UserError(
                "debiased negatives need scores that have a lowest value, at which the corrected "
                "sum is held: choose the cosine critic"
            )
        super().check(bound, largest_score=largest_score, rows=rows, batch_size=batch_size)

    def of(self, batch: ScoredBatch, /) -> ChosenScores:
        """Return the scores whose sums over negatives are corrected."""
        return DebiasedScores(
            batch.rows,
            tau_plus=self.tau_plus,
            lowest_score=batch.lowest_score,
            first_row=batch.first_row,
            processes=batch.processes,
        )


NEGATIVES: dict[str, Callable[..., Negatives]] = {
    make.name: make
    for make in (
        InBatchNegatives,
        UniformNegatives,
        NegativesWithoutRepeats,
        OtherClassNegatives,
        HardNegatives,
        SemiHardNegatives,
        DebiasedNegatives,
    )
}
"""The ways of drawing negatives by name."""


def find_negatives(
    name: str,
    options: Mapping[str, Any] | None = None,
    negatives: Mapping[str, Callable[..., Negatives]] = NEGATIVES,
) -> Negatives:
    """Return the way of drawing negatives of a name.

    Args:
        name: in ``negatives``, e.g. ``semi-hard``.
        options: its options by name, e.g. ``{"margin": 0.5}``.
        negatives: to choose from; what makes each, by name.

    Raises:
        UserError: if there is none of that name, or it takes no such options.

    Example:
        >>> find_negatives("hard", {"count": "4"})
        HardNegatives(count=4)
        >>> find_negatives("hardest")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        infomax.errors.UserError: unknown negatives 'hardest': did you mean 'hard'? choose one of ...
    """  # noqa: E501
    if name not in negatives:
        raise unknown_name("negatives", name, negatives)
    make = negatives[name]
    return make(**checked_options(make, options or {}, f"negatives {name}"))


def check_negatives(
    negatives: Negatives,
    objective: Objective,
    model: nn.Module,
    *,
    rows: int,
    batch_size: int,
    labels: bool,
) -> None:
    """Refuse negatives that do not go with what is trained, or lack something that they need.

    Args:
        negatives: how negatives are drawn.
        objective: what is maximised, held or minimised.
        model: whose critic scores.
        rows: training pairs; 0 if that is not known.
        batch_size: pairs in a batch.
        labels: whether there is a label for each pair.

    Raises:
        UserError: if they do not, naming what does not fit.
    """
    if objective.loss is not None and not negatives.takes_batch:
        raise UserError(
            f"{negatives.name} negatives are chosen for a bound, and the loss "
            f"{objective.loss.name} takes its own: leave either out (a miner chooses for losses "
            "of PyTorch Metric Learning)"
        )
    if objective.target is not None and not negatives.keeps_bound:
        raise UserError(
            f"a bound is held at {objective.target:g} nats to compare encoders at one estimate of "
            f"the information, and on {negatives.name} negatives it is none: leave either out"
        )
    if objective.loss is None:
        largest = largest_score_of(model)
        negatives.check(objective.bound, largest_score=largest, rows=rows, batch_size=batch_size)
    if negatives.needs_labels and not labels:
        raise UserError(
            f"{negatives.name} negatives need a label for each pair, and there are none: name them "
            f"({advice('labels=', '--labels')}), or choose others, such as in-batch"
        )


def largest_score_of(model: nn.Module) -> float:
    """Return the largest score that a model's critic can give, either way; infinite if any."""
    # A critic, or a model, of anyone's own may be any module.
    return float(getattr(getattr(model, "critic", None), "largest_score", math.inf))


def _check_count(count: int) -> None:
    if count < 1:
        raise UserError(f"count of negatives is {count}: give at least 1")
