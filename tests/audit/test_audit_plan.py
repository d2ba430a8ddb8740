"""How checks are run: over several splits, within a budget, and never twice."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax import UserError, audit_codes
from infomax.audit import audit_plan, codes_audit
from infomax.audit.audit_plan import AuditPlan, merged, run_checks
from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.check import Check
from infomax.audit.finding import Finding, FindingFigure
from infomax.audit.kept_findings import KeptFindings, findings_key
from infomax.information import Interval
from tests.audit.planted import read, sound

CODES = read(sound(0, rows=80))


def finding(status: Any, stance: Any, low: float, high: float, of: str = "share") -> Finding:
    short = f"{(low + high) / 2:g}"
    interval = Interval(low, high)
    return Finding("x", "mine", "?", status, stance, short, short, "", "It was.", interval, of)


class Counted:
    """Checks that count how often they are run, and fail when they are told to."""

    def __init__(self, *names: str) -> None:
        self.runs: list[str] = []
        self.fails: str = ""
        self.checks = tuple(Check(name, "?", self.check(name)) for name in names)

    def check(self, name: str) -> Callable[[AuditedCodes], Finding]:
        def run(codes: AuditedCodes) -> Finding:
            if name == self.fails:
                raise KeyboardInterrupt
            self.runs.append(name)
            value = float(codes.x[codes.held_out[0], 0])
            table = pd.DataFrame({"label": ["a"], "value": [np.float64(value)]})
            figure = FindingFigure("one", "One", "dots", table, "nats", marks={"chance": 0.0})
            measured = {"value": np.float64(value), "nan": float("nan"), "rows": np.int64(2)}
            return Finding(
                *(name, codes.name, "?", "sound", "not against", f"{value:.3f}", "It was."),
                interval=Interval(value - 1, value + 1),
                interval_of="value",
                measured=measured,
                figures=[figure],
            )

        return run


def test_the_finding_of_most_splits_is_told_with_what_varied() -> None:
    found = merged(
        [
            finding("sound", "not against", 0.0, 0.2),
            finding("caution", "against", 0.5, 0.9),
            finding("caution", "against", 0.4, 0.6),
        ]
    )
    assert (found.status, found.stance, found.short) == ("caution", "against", "0.5")
    assert found.interval == Interval(0.0, 0.9)
    assert found.detail.startswith("It was. Over 3 splits it was caution in 2, sound in 1: ")
    assert [each["status"] for each in found.measured["over_splits"]] == [
        *("sound", "caution", "caution")
    ]


def test_of_two_as_common_the_worse_counts_and_only_like_intervals_are_joined() -> None:
    found = merged(
        [finding("sound", "not against", 0.0, 0.2), finding("broken", "undecided", 5, 7, "nats")]
    )
    assert (found.status, found.interval) == ("broken", Interval(5, 7))


def test_each_split_holds_out_another_half_of_the_same_pairs() -> None:
    counted = Counted("one")
    (found,) = run_checks(counted.checks, [CODES], AuditPlan(seeds=3))
    assert counted.runs == ["one"] * 3
    values = [each["short"] for each in found.measured["over_splits"]]
    assert len(set(values)) == 3
    assert values[0] == counted.checks[0](CODES).short
    assert values[1] == counted.checks[0](CODES.split_again(1)).short
    grouped = audit_codes_groups()
    again = grouped.split_again(2)
    assert again.groups is not None
    assert not set(again.groups[again.fitted]) & set(again.groups[again.held_out])


def audit_codes_groups() -> AuditedCodes:
    from infomax.audit.audited_codes import read_codes  # noqa: PLC0415

    x, y, _ = sound(0, rows=80)
    return read_codes("mine", x, y, None, seed=0, groups=np.arange(80) // 4)


def test_a_budget_leaves_out_what_does_not_fit_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted("one", "two", "three")
    # Asked as it begins and before each check: one takes 50 s, and so will the others.
    seconds = iter([0.0, 0.0, 50.0, 100.0])
    monkeypatch.setattr(audit_plan, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    found = run_checks(counted.checks, [CODES], AuditPlan(budget_seconds=120))
    assert counted.runs == ["one", "two"]
    assert (found[2].status, found[2].stance) == ("not run", "undecided")
    assert found[2].sentence == "Not run: the budget of 2 m would not do."
    assert found[2].next_step == "give it more time (budget=600)"


def test_what_lacks_its_inputs_sets_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted("two", "three")
    lacking = Check(
        "one",
        "?",
        lambda codes: Check("one", "?", counted.checks[0]).not_run(
            codes.name, "there are no labels", "give labels"
        ),
    )
    # One takes no time, and two 50 s: three would take as long, which 90 s have no room for.
    seconds = iter([0.0, 0.0, 0.0, 50.0])
    monkeypatch.setattr(audit_plan, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    found = run_checks((lacking, *counted.checks), [CODES], AuditPlan(budget_seconds=90))
    assert counted.runs == ["two"]
    assert [each.status for each in found] == ["not run", "sound", "not run"]


def test_what_asks_encoders_is_told_of_codes_alone_whatever_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted("one", "two", "three")
    one, two, three = counted.checks
    of_encoders = Check("two", "?", two.run, cost=1_000.0, of_encoders=True)
    seconds = iter([0.0, 0.0, 50.0, 50.0])
    monkeypatch.setattr(audit_plan, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    found = run_checks((one, of_encoders, three), [CODES], AuditPlan(budget_seconds=60))
    assert counted.runs == ["one", "two"]
    assert found[2].status == "not run"


def test_what_was_found_before_an_end_is_not_done_again(tmp_path: Path) -> None:
    counted = Counted("one", "two", "three")
    counted.fails = "three"
    with pytest.raises(KeyboardInterrupt):
        run_checks(counted.checks, [CODES], AuditPlan(folder=tmp_path / "out"))
    assert counted.runs == ["one", "two"]
    counted.fails = ""
    found = run_checks(counted.checks, [CODES], AuditPlan(folder=tmp_path / "out"))
    assert counted.runs == ["one", "two", "three"]
    fresh = run_checks(counted.checks, [CODES], AuditPlan())
    assert [each.as_dict() for each in found] == [each.as_dict() for each in fresh]
    for one, other in zip(found, fresh, strict=True):
        pd.testing.assert_frame_equal(one.figures[0].table, other.figures[0].table)
        assert dict(one.figures[0].marks) == dict(other.figures[0].marks)


def test_other_codes_labels_or_seeds_are_other_findings() -> None:
    x, y, labels = sound(0, rows=80)
    keys = {
        findings_key(read((x, y, labels)), "one", 1),
        findings_key(read((x + 1e-9, y, labels)), "one", 1),
        findings_key(read((x, y, (labels + 1) % 3)), "one", 1),
        findings_key(read((x, y, labels)), "one", 2),
        findings_key(read((x, y, labels), seed=1), "one", 1),
        findings_key(read((x, y, labels)), "two", 1),
        findings_key(read((x, y, labels), with_labels=False), "one", 1),
        # There are none here either, for another reason, which what was not run tells.
        findings_key(read((x, y, 0 * labels)), "one", 1),
    }
    assert len(keys) == 8
    assert findings_key(read((x, y, labels)), "one", 1) in keys


def test_a_file_that_holds_something_else_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "findings.json").write_text("{half", encoding="utf-8")
    kept = KeptFindings(tmp_path)
    assert kept.get("key") is None
    kept.put("key", finding("sound", "not against", 0, 1))
    assert KeptFindings(tmp_path).get("key") is not None


def test_an_audit_is_planned_by_its_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted("one", "two")
    monkeypatch.setattr(codes_audit, "CHECKS", counted.checks)
    x, y, _ = sound(0, rows=80)
    for _ in range(2):
        found = audit_codes({"mine": (x, y)}, seeds=2, budget=3_600, folder=tmp_path)
        assert counted.runs == ["one", "one", "two", "two"]
        assert "Over 2 splits it was sound in 2" in found.findings[0].detail
    with pytest.raises(UserError, match="seeds is 0: give a whole number"):
        audit_codes({"mine": (x, y)}, seeds=0)
    with pytest.raises(UserError, match="budget is 0 seconds"):
        audit_codes({"mine": (x, y)}, budget=0)
