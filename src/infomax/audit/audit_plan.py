"""How the checks of an audit are run: over how many splits, in what time, and what is kept."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.check import Check
from infomax.audit.finding import STATUSES, Finding, Stance
from infomax.audit.kept_findings import KeptFindings, findings_key
from infomax.errors import UserError, advice
from infomax.information import Interval
from infomax.training import NoProgress, StagedProgress

__all__ = ["AuditPlan", "merged", "run_checks"]

_STANCES: Final[tuple[Stance, ...]] = ("not against", "undecided", "against")
# Progress is told in whole steps, and the cheapest check costs a part of a second.
_STEPS_OF_A_COST = 10


@dataclass(frozen=True)
class AuditPlan:
    """How the checks of an audit are run.

    Attributes:
        seeds: over how many splits each check is repeated.
        budget_seconds: after which no check begins; infinite where all are run.
        folder: where findings are kept as soon as there are any, and found again; none for nowhere.
    """

    seeds: int = 1
    budget_seconds: float = math.inf
    folder: Path | None = field(default=None)

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise UserError(
                f"{advice('seeds', '--seeds')} is {self.seeds}: give a whole number of at least 1"
            )
        if not self.budget_seconds > 0:
            raise UserError(
                f"{advice('budget', '--budget')} is {self.budget_seconds:g} seconds: give more "
                "than 0"
            )


def run_checks(
    checks: Sequence[Check],
    read: Sequence[AuditedCodes],
    plan: AuditPlan,
    progress: StagedProgress | None = None,
) -> list[Finding]:
    """Run checks on codes, in their order, as far as the budget goes.

    Those of the codes that are given first come first, since the answer is theirs. The first check
    always runs; another one does where its cost, at the pace of those that were run, fits in what
    is left. One that has begun is finished; one that asks encoders costs nothing of codes alone.

    Args:
        checks: those that decide most first.
        read: codes.
        plan: seeds, budget, and where findings are kept.
        progress: is told of each check as it begins, and of what is done, by cost.
    """
    told = NoProgress() if progress is None else progress
    kept = KeptFindings(plan.folder)
    jobs = [(codes, check) for codes in read for check in checks]
    total = round(_STEPS_OF_A_COST * plan.seeds * sum(check.costs(codes) for codes, check in jobs))
    began, done, paid = time.monotonic(), 0.0, 0.0
    findings = []
    splits: dict[str, list[AuditedCodes]] = {}
    for codes, check in jobs:
        cost = plan.seeds * check.costs(codes)
        key = findings_key(codes, check.name, plan.seeds)
        finding = kept.get(key)
        # Also of what was found before: whoever is told of progress is told of what first.
        told.start(f"{check.name} of {codes.name}", total)
        if finding is None:
            spent = time.monotonic() - began
            expected = cost * spent / paid if paid else 0.0
            if cost and spent + expected > plan.budget_seconds:
                finding = _out_of_time(check, codes, plan.budget_seconds)
            else:
                if codes.name not in splits:
                    splits = {codes.name: [codes.split_again(each) for each in range(plan.seeds)]}
                finding = merged([check(each) for each in splits[codes.name]])
                # What lacks its inputs takes no time: counted, it would make the pace look fast.
                if finding.status != "not run" or finding.measured:
                    paid += cost
                kept.put(key, finding)
        findings.append(finding)
        done += cost
        told.advance(min(round(_STEPS_OF_A_COST * done), total))
    return findings


def _out_of_time(check: Check, codes: AuditedCodes, budget: float) -> Finding:
    more = _in_words(5 * budget).replace(" ", "")
    return check.not_run(
        codes.name,
        f"the budget of {_in_words(budget)} would not do",
        f"give it more time ({advice(f'budget={5 * budget:g}', f'--budget {more}')})",
    )


def _in_words(seconds: float) -> str:
    """Return a time as budgets are given.

    Example:
        >>> [_in_words(each) for each in (45, 120, 7_200)]
        ['45 s', '2 m', '2 h']
    """
    for unit, size in (("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def merged(findings: Sequence[Finding]) -> Finding:
    """Return one finding for those of one check over several splits.

    Status and stance are those of most splits, the worse of two that are as common; all else is of
    the split whose interval lies in the middle among these. The interval spans those of all splits
    that measured the same, so that it holds what pairs and what splits leave open.

    Args:
        findings: of each split.

    Example:
        >>> from infomax.information import Interval
        >>> each = Finding("x", "mine", "?", "sound", "not against", "1", "It was 1.")
        >>> ends = [Interval(0.0, 1.0), Interval(0.5, 2.0), Interval(0.2, 1.1)]
        >>> found = merged([replace(each, interval=interval) for interval in ends])
        >>> found.interval, found.detail
        (Interval(low=0.0, high=2.0), 'Over 3 splits it was sound in 3: 1; 1; 1.')
    """
    if len(findings) == 1:
        return findings[0]
    said = Counter((each.status, each.stance) for each in findings)
    most = max(
        said, key=lambda each: (said[each], STATUSES.index(each[0]), _STANCES.index(each[1]))
    )
    alike = sorted((each for each in findings if (each.status, each.stance) == most), key=_middle)
    finding = alike[(len(alike) - 1) // 2]
    intervals = [
        each.interval
        for each in findings
        if each.interval is not None and each.interval_of == finding.interval_of
    ]
    interval = finding.interval
    if interval is not None:
        interval = Interval(
            min(each.low for each in intervals), max(each.high for each in intervals)
        )
    statuses = Counter(each.status for each in findings)
    counted = ", ".join(f"{status} in {count}" for status, count in statuses.most_common())
    shorts = "; ".join(each.short for each in findings)
    over = f"Over {len(findings)} splits it was {counted}: {shorts}."
    return replace(
        finding,
        interval=interval,
        detail=f"{finding.detail} {over}".strip(),
        measured={
            **finding.measured,
            "over_splits": [
                {
                    "status": each.status,
                    "stance": each.stance,
                    "short": each.short,
                    "interval": None if each.interval is None else list(each.interval),
                    "interval_of": each.interval_of,
                }
                for each in findings
            ],
        },
    )


def _middle(finding: Finding) -> float:
    return 0.0 if finding.interval is None else sum(finding.interval) / 2
