"""Amounts of information in words: units, intervals, and the names of what shares it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NATS_OF", "SIGNIFICANT", "Interval", "joined", "ranking_answer"]

NATS_OF: Final = {"nats": 1.0, "bits": math.log(2)}
"""How many nats each unit of information is."""

SIGNIFICANT: Final = 0.05
"""Dependence is shown where a p-value, of several corrected for their number, is at most this."""

_DECIMALS, _MOST_DECIMALS = 3, 9
_MOST_NAMED = 3


@dataclass(frozen=True)
class Interval:
    """A confidence interval, in nats.

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

    def told(self, unit: str = "nats") -> str:
        """Return its ends in words, in a unit of ``NATS_OF``.

        Example:
            >>> Interval(0.2, 0.4).told(), Interval(0.2, 0.4).told("bits")
            ('[0.200, 0.400]', '[0.289, 0.577]')
        """
        low, high = (end / NATS_OF[unit] for end in self)
        return f"[{low:.{self.decimals}f}, {high:.{self.decimals}f}]"


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


def ranking_answer(ranking: "pd.DataFrame", y: Sequence[str]) -> str:
    """Return what a ranking says, in one sentence.

    Args:
        ranking: of `rank_columns`.
        y: names of the columns of y.
    """
    ranked = ranking[ranking["refused"] == ""]
    number = len(ranked)
    of_all = f"Of {number} column{'s' if number > 1 else ''}"
    tested = ranked["corrected_p_value"]
    most = f"{ranked.index[0]} shares most"
    if tested.isna().all():
        return f"{of_all}, {most} with {joined(y)}; none was tested."
    shown = int((tested <= SIGNIFICANT).sum())
    if not shown:
        return f"{of_all}, none is shown to share information with {joined(y)}."
    are = "is" if shown == 1 else "are"
    return f"{of_all}, {shown} {are} shown to share information with {joined(y)}; {most}."
