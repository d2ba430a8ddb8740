"""What one check of an audit says, in words and in numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from infomax.information import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STATUSES", "Finding", "FindingFigure", "Stance", "Status"]

Status: TypeAlias = Literal["sound", "caution", "broken", "not run"]
"""What is said of codes and split: broken is a fault that makes the numbers of an audit wrong,
caution a number that is right and easily misread."""

STATUSES: Final[tuple[Status, ...]] = ("sound", "not run", "caution", "broken")
"""From the best to the worst."""

Stance: TypeAlias = Literal["against", "undecided", "not against"]
"""What is said of the claim that information is what makes codes good: it is contradicted, this
check hinders the answer, or it has nothing to say against the claim."""


@dataclass(frozen=True, eq=False)
class FindingFigure:
    """A figure of what a check measured, as the table that it is drawn from.

    The columns of the table say where each mark stands, a row for a mark:

    - ``curve``: ``series``, ``at``, ``value``, and ``low``, ``high`` where there is an interval;
    - ``dots``: ``label``, ``value``, ``low``, ``high``, and ``series`` where there are several;
    - ``dumbbells``: ``label``, ``before``, ``after``, and ``low``, ``high`` of what is after;
    - ``points``: ``label``, ``at``, ``value``, and ``low``, ``high`` where there is an interval.

    Attributes:
        name: of its file, such as ``log-k-curve``.
        title: what it shows, as a short sentence.
        kind: how it is drawn.
        table: what it is drawn from.
        value_label: of the axis of values, with its unit.
        at_label: of the other axis, where there is one.
        log_at: whether the other axis is logarithmic.
        marks: values that a line is drawn at, by what they are called, such as chance.
    """

    name: str
    title: str
    kind: Literal["curve", "dots", "dumbbells", "points"]
    table: "pd.DataFrame" = field(repr=False)
    value_label: str
    at_label: str = ""
    log_at: bool = False
    marks: Mapping[str, float] = field(default_factory=dict)


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
        figures: of what was measured, the one that shows most first.
        method: what was done, with the settings that it was done with, as whole sentences for the
            section on methods of a paper; empty where nothing was.
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
    figures: Sequence[FindingFigure] = field(default=(), repr=False)
    method: str = field(default="", repr=False)

    @classmethod
    def not_run(
        cls,
        check: str,
        codes: str,
        question: str,
        why: str,
        next_step: str = "",
        *,
        short: str = "",
        stance: Stance = "undecided",
        measured: Mapping[str, Any] | None = None,
    ) -> "Finding":
        """Return what is said of a check that was not run.

        Args:
            check: name of the check.
            codes: name of the codes.
            question: that the check asks.
            why: to stand behind "Not run:".
            next_step: what to do so that it is.
            short: why in fewer words, for a table; the same where empty.
            stance: undecided where it could have spoken against the claim, so that the answer is
                left open.
            measured: what was measured before that was known.

        Example:
            >>> Finding.not_run("geometry", "mine", "?", "no time was left").sentence
            'Not run: no time was left.'
        """
        sentence = f"Not run: {why}."
        of_check = {} if measured is None else measured
        return cls(
            *(check, codes, question, "not run", stance, short or why, sentence, next_step),
            measured=of_check,
        )

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
            "method": self.method,
            "figures": [each.name for each in self.figures],
        }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
