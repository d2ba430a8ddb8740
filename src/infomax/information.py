"""Amounts of information in words: units, intervals, and the names of what shares it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BEGINS_AT_LEAST",
    "NATS_OF",
    "NEAR_CEILING_NATS",
    "NOTHING_NATS",
    "PARTING_NATS",
    "SIGNIFICANT",
    "Interval",
    "contrastive_loss",
    "joined",
    "merit",
    "ranked_amount",
    "ranking_answer",
]

NATS_OF: Final = {"nats": 1.0, "bits": math.log(2)}
"""How many nats each unit of information is."""

SIGNIFICANT: Final = 0.05
"""Dependence is shown where a p-value, of several corrected for their number, is at most this."""

NEAR_CEILING_NATS: Final = 0.3
"""A bound this close to the most that it can read says little more than that."""

NOTHING_NATS: Final = 0.05
"""A bound this close to 0 is what scores give that know nothing."""

PARTING_NATS: Final = 0.3
"""Where a bound reads this much more on training pairs than on others, they are known by heart."""

BEGINS_AT_LEAST: Final = ("lower bound", "between")
"""Kinds of results whose number is a lower bound, whether or not the interval has an upper end."""

_DECIMALS, _MOST_DECIMALS = 3, 9
_MOST_NAMED = 3


def merit(bound: float, target: float | None = None) -> float:
    """Return what the best of several evaluations has most of; of equal ones the first is the best.

    Args:
        bound: value on pairs that were held out, in nats; one that is not finite is no best.
        target: nats that the bound is held at, to which the best is the nearest; ``None`` where the
            largest is the best.

    Example:
        >>> merit(3.0), merit(3.0, target=2.5), merit(math.nan)
        (3.0, -0.5, -inf)
    """
    if not math.isfinite(bound):
        return -math.inf
    return bound if target is None else -abs(bound - target)


def contrastive_loss(candidates: int, gap: float, *, positives: int = 1) -> float:
    r"""Return the loss of telling positives from other candidates by scores of two values, in nats.

    .. math:: \log \big( P + (K - P) e^{-g} \big)

    The cross-entropy between uniform weights on the positives and a softmax of the scores, where
    each positive scores g more than every negative: log K where g is 0, log P where it is infinite.

    Source: van den Oord, Li and Vinyals (2018), equation 4; Khosla et al. (2020), equation 2.

    Args:
        candidates: K, positives included.
        gap: g, by how much a positive outscores a negative; below 0 where it is outscored.
        positives: P, at most K.

    Example:
        >>> round(contrastive_loss(128, 0.0), 3), round(contrastive_loss(128, 20.0), 6)
        (4.852, 0.0)
        >>> round(contrastive_loss(128, -2000.0), 3)
        2004.844
    """
    negatives = candidates - positives
    if gap < 0 and negatives:
        return -gap + math.log(negatives + positives * math.exp(gap))
    return math.log(positives) + math.log1p(negatives / positives * math.exp(-gap))


@dataclass(frozen=True)
class Interval:
    """A confidence interval, in nats; one that has no upper end says "at least".

    Example:
        >>> 0.2 in Interval(0.1, 0.3), 0.4 in Interval(0.1, 0.3)
        (True, False)
        >>> low, high = Interval(0.1, 0.3)
    """

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    @property
    def width(self) -> float:
        """The distance between its ends."""
        return self.high - self.low

    @property
    def decimals(self) -> int:
        """How many decimals tell its ends apart: 3, or more where it is narrow.

        Example:
            >>> Interval(0.2, 0.4).decimals, Interval(0.00012, 0.00034).decimals
            (3, 5)
        """
        # Of a constant it is 0, and of what is infinite no number.
        if not 0 < self.width < math.inf:
            return _DECIMALS
        return min(max(_DECIMALS, 1 - math.floor(math.log10(self.width))), _MOST_DECIMALS)

    def told(self, unit: str = "nats", *, decimals: int | None = None) -> str:
        """Return its ends in words, in a unit of ``NATS_OF``.

        Args:
            unit: of ``NATS_OF``.
            decimals: of both ends; as many as tell them apart by default.

        Example:
            >>> Interval(0.2, 0.4).told(), Interval(0.2, 0.4).told("bits")
            ('[0.200, 0.400]', '[0.289, 0.577]')
            >>> Interval(-0.0001, 0.2).told(decimals=2)
            '[0.00, 0.20]'
            >>> Interval(0.2, math.inf).told()
            '[0.200, ∞)'
        """
        low, high = (end / NATS_OF[unit] for end in self)
        decimals = self.decimals if decimals is None else decimals
        if math.isinf(high) and math.isfinite(low):
            return f"[{low:z.{decimals}f}, ∞)"
        return f"[{low:z.{decimals}f}, {high:z.{decimals}f}]"


def joined(names: Sequence[str]) -> str:
    """Return names in words, of many the first and how many others there are.

    Example:
        >>> joined(["age"]), joined(["age", "sex"]), joined(["age", "sex", "bmi", "bp"])
        ('age', 'age and sex', 'age, sex and 2 other columns')
    """
    if len(names) == 1:
        return names[0]
    if len(names) <= _MOST_NAMED:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[: _MOST_NAMED - 1])} and {len(names) - _MOST_NAMED + 1} other columns"


def ranked_amount(row: "pd.Series", unit: str) -> tuple[str, str]:
    """Return the amount of a row of a ranking and its interval, as tables show them.

    Args:
        row: of `rank_columns`.
        unit: unit of ``NATS_OF``.
    """
    interval = Interval(float(row["low_nats"]), float(row["high_nats"]))
    at_least = "≥ " if row["kind"] in BEGINS_AT_LEAST else ""
    amount = f"{row['value_nats'] / NATS_OF[unit]:z.{interval.decimals}f}"
    return f"{at_least}{amount}", interval.told(unit)


def ranking_answer(ranking: "pd.DataFrame", y: Sequence[str]) -> str:
    """Return what a ranking says, in one sentence.

    Args:
        ranking: of `rank_columns`.
        y: names of the columns of y.
    """
    ranked = ranking[ranking["refused"] == ""]
    size, refused = len(ranked), len(ranking) - len(ranked)
    of_all, of_y = f"Of {size} column{'s' if size > 1 else ''}", joined(y)
    tested = ranked["corrected_p_value"]
    shown = list(ranked.index[tested <= SIGNIFICANT])
    if tested.isna().all():
        most = f"{ranked.index[0]} shares most with {of_y}; " if size > 1 else ""
        said = f"{of_all}, {most}none was tested"
    elif not shown:
        said = f"{of_all}, none is shown to share information with {of_y}"
    elif len(shown) == 1:
        said = f"{of_all}, 1 is shown to share information with {of_y}: {shown[0]}"
    else:
        of_these = f"of these {shown[0]} shares most"
        said = f"{of_all}, {len(shown)} are shown to share information with {of_y}; {of_these}"
    others = f"; {refused} other{'s were' if refused > 1 else ' was'} refused" if refused else ""
    return f"{said}{others}."
