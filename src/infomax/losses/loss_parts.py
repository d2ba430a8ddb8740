"""What a loss needs beside encoders, heads and critic: predictor, target network, queue."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias

from infomax.errors import UserError

__all__ = ["LossParts", "Need"]

Need: TypeAlias = Literal["labels", "queue", "predictor", "target"]
"""What a loss is computed from beside the two codes of each pair."""

_PART_OF: Mapping[str, Need] = {
    "predictor": "predictor",
    "target_momentum": "target",
    "target_schedule": "target",
    "queue_size": "queue",
}

_SCHEDULES = ("constant", "cosine")


@dataclass(frozen=True)
class LossParts:
    """Parts that a model has for its loss, in training alone.

    Attributes:
        predictor: hidden units of the predictor; ``None`` for no predictor.
        target_momentum: share of its own values that the target network keeps in each update, the
            rest being those of the network that is trained; ``None`` for no target.
        target_schedule: how that share goes on: ``constant``, or along a ``cosine`` up to 1 by the
            last update.
        queue_size: codes that the queue holds; ``None`` for no queue.

    Raises:
        UserError: if there is no such schedule.

    Example:
        >>> LossParts(predictor=64, target_momentum=0.99, target_schedule="cosine").sentence
        'a predictor of 64 hidden units and a target network of momentum 0.99, rising to 1'
    """

    predictor: int | None = None
    target_momentum: float | None = None
    target_schedule: str | None = None
    queue_size: int | None = None

    def __post_init__(self) -> None:
        if self.target_schedule not in (None, *_SCHEDULES):
            raise UserError(
                f"target_schedule is {self.target_schedule!r}: give {' or '.join(_SCHEDULES)}"
            )

    @property
    def sentence(self) -> str:
        """Say what they are; empty where there are none."""
        parts = []
        if self.predictor is not None:
            parts.append(f"a predictor of {self.predictor} hidden units")
        if self.target_momentum is not None:
            rises = self.target_schedule == "cosine" and self.target_momentum < 1
            rising = ", rising to 1" if rises else ""
            parts.append(f"a target network of momentum {self.target_momentum}{rising}")
        if self.queue_size is not None:
            parts.append(f"a queue of {self.queue_size} codes")
        return " and ".join(parts)

    def needed(self, needs: tuple[Need, ...]) -> "LossParts":
        """Return those of them that are needed.

        Args:
            needs: what a loss needs.
        """
        without = [name for name, part in _PART_OF.items() if part not in needs]
        return replace(self, **dict.fromkeys(without))

    def completed(self, loss: str, needs: tuple[Need, ...], default: "LossParts") -> "LossParts":
        """Return what a loss is trained with: what is given here, else its default.

        Args:
            loss: its name, for messages.
            needs: what it needs.
            default: what it is trained with where nobody says otherwise.

        Raises:
            UserError: if something is given that the loss does not need.

        Example:
            >>> LossParts(predictor=32).completed("nt-xent", (), LossParts())
            Traceback (most recent call last):
            ...
            infomax.errors.UserError: predictor is 32, and the loss nt-xent needs no predictor: \
leave it out
        """
        given: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        for name, value in given.items():
            if value is not None and _PART_OF[name] not in needs:
                raise UserError(
                    f"{name} is {value}, and the loss {loss} needs no {_PART_OF[name]}: leave it "
                    "out"
                )
        said = {name: value for name, value in given.items() if value is not None}
        return replace(default.needed(needs), **said)
