"""The scale of a loss: by what it is multiplied, and where chance, its least and its most lie."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from infomax.errors import UserError, advice

__all__ = ["Claim", "LossConvention", "LossScale", "LossSettings"]

Claim: TypeAlias = Literal["at least", "at most", ""]
"""What the reading in nats claims of the information; nothing where a loss tells none."""


@dataclass(frozen=True, kw_only=True)
class LossSettings:
    """Settings of a training that the value of its loss depends on; ``None`` where not given.

    Attributes:
        batch_size: N, pairs in the batch of one process.
        processes: whose codes are gathered before the loss is computed; 1 by default.
        queue_size: Q, codes in the queue of negatives.
        temperature: that scores, cosines, are divided by; without it scores are taken as unlimited.
        base_temperature: by which SupCon divides; 0.07 by default, as in its code.
        views: V, of each item in SupCon's batch; 2 by default.
        positives: P, of each anchor in SupCon's batch; V - 1, which is no labels, by default.
        distinct: distinct items in the whole batch, where some come several times.

    Raises:
        UserError: if one of them is not above 0.

    Example:
        >>> LossSettings(batch_size=64, temperature=0.1).given
        {'batch_size': 64, 'temperature': 0.1}
    """

    batch_size: int | None = None
    processes: int | None = None
    queue_size: int | None = None
    temperature: float | None = None
    base_temperature: float | None = None
    views: int | None = None
    positives: int | None = None
    distinct: int | None = None

    def __post_init__(self) -> None:
        for name, value in self.given.items():
            flag = advice(name, f"--{name.replace('_', '-')}")
            if "temperature" in name:
                if not 0 < value < math.inf:
                    raise UserError(f"{flag} is {value}: give a number above 0, such as 0.1")
            elif value < 1 or value != int(value):
                raise UserError(f"{flag} is {value}: give a whole number of at least 1")

    @property
    def given(self) -> dict[str, float]:
        """Those settings that were given, by name."""
        named = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in named if value is not None}


@dataclass(frozen=True, kw_only=True)
class LossScale:
    """What the values of a loss mean under given settings.

    Attributes:
        formula: of the reading in nats, in the loss L and the settings.
        factor: logged loss for each nat of it.
        chance: loss in nats of scores that are all alike; NaN where the batch size is not known.
        least: least that the loss can be, in nats.
        most: most that the loss can be, in nats.
        candidates: of each anchor, its positive included; ``None`` where there are none, or the
            batch size is not known.
        claim: what the reading claims of the information.
    """

    formula: str
    factor: float = 1.0
    chance: float = 0.0
    least: float = -math.inf
    most: float = math.inf
    candidates: int | None = None
    claim: Claim = "at least"

    @property
    def ceiling(self) -> float:
        """The most that the reading can be, in nats."""
        return self.chance - self.least


@dataclass(frozen=True)
class LossConvention(ABC):
    """A loss as the field logs it.

    Attributes:
        name: that it is chosen by.
        meaning: what is logged, in one line.
        source: where it is defined.
        needs: settings without which it cannot be read.
        takes: settings that its value depends on beside these.
    """

    name: str
    meaning: str
    source: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @abstractmethod
    def _scale(self, settings: LossSettings) -> LossScale: ...

    def scale(self, settings: LossSettings) -> LossScale:
        """Return what values of the loss mean under these settings.

        Raises:
            UserError: if a setting is lacking, given without effect, or contradicts another.
        """
        for name in self.needs:
            if name not in settings.given:
                wanted = advice(f"{name}=", f"--{name.replace('_', '-')}")
                raise UserError(f"the value of {self.name} depends on its {name}: give {wanted}")
        for name in settings.given:
            if name not in (*self.needs, *self.takes):
                flag = advice(name, f"--{name.replace('_', '-')}")
                taken = ", ".join((*self.needs, *self.takes)).replace("_", " ")
                raise UserError(
                    f"{flag} has no part in {self.name}, which depends on {taken}: leave it out, "
                    "or choose another loss"
                )
        return self._scale(settings)

    def batch_size_of(self, candidates: float, settings: LossSettings) -> float | None:  # noqa: ARG002
        """Return how many pairs a batch holds that has so many candidates, or ``None``."""
        return None
