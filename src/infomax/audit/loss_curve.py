"""The losses of a training, each read in nats, and where it has come to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from infomax.audit.loss_reading import LossReading, read_loss
from infomax.errors import UserError
from infomax.information import NATS_OF

__all__ = ["LossCurve", "read_losses"]

_LAST_SHARE = 10


@dataclass(frozen=True)
class LossCurve:
    """The losses of a training.

    Attributes:
        values: as they were logged, ``(rows,)``.
        last: reading of the mean of the last tenth of those that are finite, at least one.
        averaged: how many these are.
    """

    values: NDArray[np.float64] = field(repr=False)
    last: LossReading
    averaged: int

    def __str__(self) -> str:
        return f"{self.told()}\n{self.last}"

    @property
    def nats(self) -> NDArray[np.float64]:
        """What each loss reads, in nats, ``(rows,)``; as ``LossReading.nats``."""
        scale, last = self.last.scale, self.last
        if last.logged == "estimate":
            return self.values
        if not scale.claim:
            return np.full(len(self.values), math.nan)
        return scale.chance - self.values / scale.factor

    def told(self) -> str:
        """Return what was averaged and where the curve began, in a sentence."""
        finite = self.values[np.isfinite(self.values)]
        broken = len(self.values) - len(finite)
        lost = f"; {broken:,} are not finite" if broken else ""
        return (
            f"{len(self.values):,} losses, from {finite[0]:.4g} to {self.last.value:.4g}, the mean "
            f"of the last {self.averaged:,}; the least is {finite.min():.4g}{lost}"
        )

    def to_frame(self, unit: str = "nats") -> pd.DataFrame:
        """Return a row for each loss: the loss, its reading, and that as a share of the ceiling.

        Args:
            unit: of ``NATS_OF``.
        """
        ceiling = self.last.scale.ceiling
        limited = 0 < ceiling < math.inf
        return pd.DataFrame(
            {
                "row": np.arange(1, len(self.values) + 1),
                "loss": self.values,
                f"value_{unit}": self.nats / NATS_OF[unit],
                "share": self.nats / ceiling if limited else math.nan,
            }
        )

    def as_dict(self, unit: str = "nats") -> dict[str, Any]:
        """Return the reading of the last losses, and how many they are, as what JSON can hold."""
        return {
            **self.last.as_dict(unit),
            "losses": len(self.values),
            "losses_not_finite": int((~np.isfinite(self.values)).sum()),
            "losses_averaged": self.averaged,
        }


def read_losses(values: Sequence[float] | NDArray[Any], **settings: Any) -> LossCurve:
    """Read the losses of a training, in their order.

    Args:
        values: as they were logged, ``(rows,)``.
        settings: those of ``read_loss``.

    Raises:
        UserError: if there is no finite loss, or as `read_loss` raises.

    Example:
        >>> curve = read_losses([4.9, 3.1, 2.0], batch_size=128)
        >>> print(curve.told())
        3 losses, from 4.9 to 2, the mean of the last 1; the least is 2
        >>> curve.nats.round(3).tolist()
        [-0.048, 1.752, 2.852]
    """
    losses = np.asarray(values, dtype=float).reshape(-1)
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        raise UserError("there is no finite loss: give at least one")
    averaged = math.ceil(len(finite) / _LAST_SHARE)
    return LossCurve(losses, read_loss(float(finite[-averaged:].mean()), **settings), averaged)
