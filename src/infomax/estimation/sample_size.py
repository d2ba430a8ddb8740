r"""Whether an estimate still rises with the number of pairs, and how far it may have to go.

Nearest neighbours read too little where dependence is strong for so few pairs. How much too little
nobody tells them, but the same estimate from halves and from quarters of the pairs is too low by
more. So the curve of values against pairs shows what a single value hides.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from infomax.estimation.arrays import Array

__all__ = ["SampleSizeCurve", "sample_size_curve"]

_PARTS = (4, 2)
_SPLITS = 3
_MOST_PAIRS = 20_000
_FEWEST_PAIRS_IN_PART = 12
# Errors that fall faster than 1 / N or hardly at all are not told apart from noise.
_LEAST_RATIO, _LARGEST_RATIO = 1.2, 2.0


@dataclass(frozen=True)
class SampleSizeCurve:
    r"""Values of one estimate at N / 4, N / 2 and N pairs, in nats.

    If the error falls as :math:`N^{-\alpha}`, steps from one size to the next fall by the ratio
    :math:`2^\alpha`, and what is left beyond N pairs is

    .. math:: \frac{\hat I_N - \hat I_{N/2}}{2^\alpha - 1}, \quad
              2^\alpha = \frac{\hat I_{N/2} - \hat I_{N/4}}{\hat I_N - \hat I_{N/2}}

    Source: Strong, Koberle, de Ruyter van Steveninck and Bialek (1998), for values against the
    size of the sample.

    Attributes:
        pairs: N / 4, N / 2 and N.
        values: the mean estimate of that many pairs.
        scatters: how far each of them scatters with the parts that are drawn.

    Example:
        >>> curve = SampleSizeCurve((1000, 2000, 4000), (0.6, 0.8, 0.9), (0.02, 0.01, 0.0))
        >>> round(curve.left, 3), curve.still_rises(error=0.03)
        (0.1, True)
        >>> level = SampleSizeCurve((1000, 2000, 4000), (0.9, 0.9, 0.9), (0.02, 0.01, 0.0))
        >>> level.still_rises(error=0.03)
        False
    """

    pairs: tuple[int, ...]
    values: tuple[float, ...]
    scatters: tuple[float, ...]

    @property
    def left(self) -> float:
        """How much more endless pairs would read, if the curve goes on as it does, in nats."""
        quarter, half, whole = self.values
        step = whole - half
        if step <= 0:
            return 0.0
        ratio = float(np.clip((half - quarter) / step, _LEAST_RATIO, _LARGEST_RATIO))
        return step / (ratio - 1)

    def drift(self, error: float) -> float:
        """How far endless pairs may be from all, as a margin and no claim, in nats.

        If the error falls as a root of the pairs, half of that of a quarter is left: as much as it
        fell by from there. Where values rise ever faster, as where rows only begin to show what
        they are of, no margin holds, and it is infinite.

        Args:
            error: standard error of the estimate from all pairs, in nats.
        """
        quarter, half, whole = self.values
        if whole - half > max(half - quarter, 3 * self.step_error, 2 * error):
            return math.inf
        return whole - quarter

    @classmethod
    def summed(cls, tables: Sequence[pd.DataFrame]) -> "SampleSizeCurve":
        """Return the curve of a sum of independent estimates from the same pairs.

        Args:
            tables: of the curve of each, as `as_table` returns them.
        """
        values = np.sum([table["value"] for table in tables], axis=0)
        scatters = np.hypot.reduce([table["scatter"].to_numpy() for table in tables])
        return cls(tuple(tables[0]["pairs"]), tuple(values), tuple(scatters))

    @property
    def step_error(self) -> float:
        """How far the last step scatters with the parts that are drawn."""
        return math.hypot(*self.scatters[-2:])

    def still_rises(self, error: float) -> bool:
        """Tell whether both steps are no chance, and what is left more than the estimate scatters.

        Args:
            error: standard error of the estimate from all pairs, in nats.
        """
        quarter, half, whole = self.values
        steps = half - quarter, whole - half
        return min(steps) > 2 * self.step_error and self.left > error

    def told(self) -> str:
        """Return the values in words.

        Example:
            >>> SampleSizeCurve((1000, 2000, 4000), (0.6, 0.8, 0.9), (0.02, 0.01, 0.0)).told()
            '0.600, 0.800 and 0.900 nats of 1,000, 2,000 and 4,000 pairs'
        """
        *values, last_value = (f"{value:z.3f}" for value in self.values)
        *sizes, last_size = (f"{size:,}" for size in self.pairs)
        return (
            f"{', '.join(values)} and {last_value} nats of {', '.join(sizes)} and {last_size} pairs"
        )

    def as_table(self) -> pd.DataFrame:
        """Return the curve as a table: pairs, value in nats, scatter of the value."""
        return pd.DataFrame({"pairs": self.pairs, "value": self.values, "scatter": self.scatters})


def sample_size_curve(
    estimate: Callable[[Array, Array], float],
    x: Array,
    y: Array,
    generator: np.random.Generator,
    *,
    fewest: int = _FEWEST_PAIRS_IN_PART,
) -> SampleSizeCurve | None:
    """Repeat an estimate on halves and quarters of the pairs, each cut in three ways.

    Args:
        estimate: from x ``(M, dx)`` and y ``(M, dy)`` to a value in nats.
        x: ``(N, dx)``; of more than 20,000 pairs so many are drawn.
        y: ``(N, dy)``.
        generator: cuts the pairs.
        fewest: pairs that the estimate can do with.

    Returns:
        The curve; None where a quarter would be fewer pairs, or fewer than 12.
    """
    order = generator.permutation(len(x))[:_MOST_PAIRS]
    size = len(order)
    if size < max(_PARTS) * max(fewest, _FEWEST_PAIRS_IN_PART):
        return None
    values, errors = [], []
    for parts in _PARTS:
        of_splits = []
        for _ in range(_SPLITS):
            drawn = generator.permutation(order)
            of_splits.append(
                np.mean([estimate(x[rows], y[rows]) for rows in np.array_split(drawn, parts)])
            )
        values.append(float(np.mean(of_splits)))
        errors.append(float(np.std(of_splits, ddof=1)))
    values.append(float(estimate(x[order], y[order])))
    # The halves of a split share no pairs, and those of another split share half of theirs: what
    # scatters between splits is as much as chance gives one of them.
    return SampleSizeCurve(
        tuple(size // parts for parts in (*_PARTS, 1)), tuple(values), (*errors, 0.0)
    )
