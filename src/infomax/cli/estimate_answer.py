"""An estimate in one sentence, the answer before all that it rests on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infomax.estimation import MIResult

__all__ = ["answer_of", "joined"]

_MOST_NAMED = 3


def answer_of(result: "MIResult", x: Sequence[str], y: Sequence[str], unit: str) -> str:
    """Return what an estimate says of columns of x and of y, in a unit of ``NATS_OF``.

    Example:
        >>> from infomax.estimation import Interval, MIResult
        >>> result = MIResult(0.81, Interval(0.75, 0.88), 0.005, "nwj", "lower bound", "", 178,
        ...     0.95, [], 0.81, [], entropy_of_y=1.09)
        >>> print(answer_of(result, ["flavanoids", "proline"], ["target"], "nats"))
        flavanoids and proline share at least 0.810 nats with target (74 % of what target holds), \
95 % [0.750, 0.880]
    """
    from infomax.estimation.result import NATS_OF  # noqa: PLC0415 - waits for PyTorch

    share = "shares" if len(x) == 1 else "share"
    at_least = "at least " if result.at_least else ""
    hold = "holds" if len(y) == 1 else "hold"
    of_y = result.share_of_y
    held = "" if math.isnan(of_y) else f" ({100 * of_y:.0f} % of what {joined(y)} {hold})"
    return (
        f"{joined(x)} {share} {at_least}{result.value / NATS_OF[unit]:.{result.decimals}f} {unit} "
        f"with {joined(y)}{held}, {100 * result.confidence:g} % {result.interval.told(unit)}"
    )


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
