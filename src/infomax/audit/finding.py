"""What one check of an audit says, in words and in numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from infomax.information import Interval

__all__ = ["STATUSES", "Finding", "Stance", "Status"]

Status: TypeAlias = Literal["sound", "caution", "broken", "not run"]
"""What is said of codes and split: broken is a fault that makes the numbers of an audit wrong,
caution a number that is right and easily misread."""

STATUSES: Final[tuple[Status, ...]] = ("sound", "not run", "caution", "broken")
"""From the best to the worst."""

Stance: TypeAlias = Literal["against", "undecided", "not against"]
"""What is said of the claim that information is what makes codes good: it is contradicted, this
check hinders the answer, or it has nothing to say against the claim."""


@dataclass(frozen=True)
class Finding:
    """What a check found of one pair of codes.

    Attributes:
        check: name of the check.
        codes: name of the codes.
        question: that the check asks.
        status: of the codes, and of the split that was drawn of them.
        stance: on the claim that mutual information is what makes the codes good.
        short: what was measured, in a few words, for a table.
        sentence: the verdict, as a whole sentence.
        detail: what stands beside it, as a whole sentence; empty where nothing does.
        next_step: what to do next.
        interval: of 95 % for what the verdict rests on; none where nothing was measured.
        interval_of: what the interval is of, with its unit.
        measured: all that was measured, by name; nats are named so.
        thresholds: that the verdict was made by.
    """

    check: str
    codes: str
    question: str
    status: Status
    stance: Stance
    short: str
    sentence: str
    next_step: str = ""
    detail: str = ""
    interval: Interval | None = None
    interval_of: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict, repr=False)
    thresholds: Mapping[str, float] = field(default_factory=dict, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold; None for what is not finite.

        Example:
            >>> finding = Finding("geometry", "mine", "?", "sound", "not against", "", "")
            >>> finding.as_dict()["interval"] is None
            True
        """
        ends = None if self.interval is None else [_finite(end) for end in self.interval]
        return {
            "check": self.check,
            "codes": self.codes,
            "question": self.question,
            "status": self.status,
            "stance": self.stance,
            "short": self.short,
            "sentence": self.sentence,
            "detail": self.detail,
            "next_step": self.next_step,
            "interval": ends,
            "interval_of": self.interval_of,
            "measured": _finite(dict(self.measured)),
            "thresholds": dict(self.thresholds),
        }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
