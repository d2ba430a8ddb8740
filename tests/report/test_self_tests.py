"""Self-tests on the page of an audit: counts as they were kept, and none where there are none."""

from pathlib import Path
from typing import Any

import pytest

from infomax.report import audit_page
from infomax.report.audit_page import write_audit_report
from infomax.report.self_tests import read_self_tests
from tests.report.made_up_audit import made_up_audit
from tests.report.test_run_page import text_of

DATE = {"date": "2026-11-26", "torch": "2.13.0"}
KEPT: dict[str, Any] = {
    "command": "python -m benchmarks.audit_self_tests",
    "codes": "600 pairs with 8 columns",
    "planted": {"a leaked split": {"found": 19, "of": 20, "rate_at_least": 0.751, **DATE}},
    "sound": {
        "leaks": {"broken": 0, "caution": 1, "not run": 0, "seeds": [3], "of": 20, **DATE},
        "re-coding": {"broken": 0, "caution": 2, "not run": 0, "seeds": [3, 7], "of": 20, **DATE},
    },
}


def test_rates_are_those_that_were_kept_and_a_draw_counts_once() -> None:
    found = read_self_tests(KEPT)
    assert found is not None
    assert found.table.rows[0][1] == "found in 19 of 20, a rate of at least 0.75"
    assert found.table.rows[2][1] == "broken in 0, caution in 2, not run in 0 of 20"
    told = "caution or worse was said in 2 of 20 draws by 2 checks together, and broken never."
    assert told in found.sound


def test_where_nothing_was_counted_nothing_is_told() -> None:
    assert read_self_tests({"command": "", "codes": ""}) is None


def test_the_page_shows_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(audit_page, "read_self_tests", lambda: read_self_tests(KEPT))
    said = text_of(write_audit_report(tmp_path / "a.html", result=made_up_audit()))
    assert "a leaked split found in 19 of 20, a rate of at least 0.75 2026-11-26" in said
    assert "python -m benchmarks.audit_self_tests" in said
    monkeypatch.setattr(audit_page, "read_self_tests", lambda: None)
    said = text_of(write_audit_report(tmp_path / "b.html", result=made_up_audit()))
    assert "Self-tests" not in said
