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
from infomax.warnings import ImpossibleLossWarning, InfomaxWarning

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
        lines = [self.told(), str(self.last)]
        # Those of the last losses are told with them.
        own = self.warnings[: len(self.warnings) - len(self.last.warnings)]
        return "\n".join((*lines, *(f"warning: {each}" for each in own)))

    @property
    def nats(self) -> NDArray[np.float64]:
        """What each loss reads, in nats, ``(rows,)``; as ``LossReading.nats``."""
        scale, last = self.last.scale, self.last
        if last.logged == "estimate":
            return self.values
        if not scale.claim:
            return np.full(len(self.values), math.nan)
        return scale.chance - self.values / scale.factor

    @property
    def warnings(self) -> tuple[InfomaxWarning, ...]:
        """Reasons to read the last losses with care, and whether any was not finite."""
        broken = np.flatnonzero(~np.isfinite(self.values))
        if not len(broken):
            return self.last.warnings
        failed = ImpossibleLossWarning(
            f"{len(broken):,} of {len(self.values):,} losses are not finite, the first at row "
            f"{broken[0] + 1:,}: there the training has failed; what is read is of the others"
        )
        return (failed, *self.last.warnings)

    def told(self) -> str:
        """Return what was averaged and where the curve began, in a sentence."""
        finite = self.values[np.isfinite(self.values)]
        last = "the last" if self.averaged == 1 else f"the mean of the last {self.averaged:,}"
        losses = f"{len(finite):,} loss{'es' if len(finite) > 1 else ''}"
        return (
            f"{losses}, from {finite[0]:.4g} to {self.last.value:.4g}, {last}; the least is "
            f"{finite.min():.4g}"
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
            "warnings": [
                {"type": type(each).__name__, "message": str(each)} for each in self.warnings
            ],
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
        3 losses, from 4.9 to 2, the last; the least is 2
        >>> curve.nats.round(3).tolist()
        [-0.048, 1.752, 2.852]
    """
    losses = np.asarray(values, dtype=float).reshape(-1)
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        raise UserError("there is no finite loss: give at least one")
    averaged = math.ceil(len(finite) / _LAST_SHARE)
    return LossCurve(losses, read_loss(float(finite[-averaged:].mean()), **settings), averaged)
