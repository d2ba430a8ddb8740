"""The method paragraph: nothing but what was done, and all that a reader needs to do it again."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from infomax import AuditResult, __version__, audit_codes
from infomax.audit.finding import Finding
from infomax.audit.method_paragraph import CodesSize
from tests.audit.planted import sound


def finding(check: str, status: Any = "sound", stance: Any = "not against") -> Finding:
    method = "" if status == "not run" else f"It was {check}."
    return Finding(check, "mine", "?", status, stance, "why not", ".", method=method)


def test_rows_split_seed_and_versions_are_those_of_the_audit() -> None:
    x, y, labels = sound(0, rows=200, size=4)
    result = audit_codes({"mine": (x, y[:, :3]), "raw": (x, y)}, labels=labels, random_state=7)
    told = result.method_paragraph()
    assert "200 pairs (4 columns of x and 3 of y, 3 classes)" in told
    assert "into 100 pairs that critics and probes were fitted on and 100 that were held" in told
    assert "(seed 7)" in told
    assert f"infomax {__version__} (PyTorch " in told
    assert f"NumPy {np.__version__}" in told
    for each in result.of("mine"):
        assert each.method in told
    assert "The same was done with raw." in told
    assert f"“{result.verdict}”" in told
    assert result.as_dict()["method"] == told
    assert "\n" not in told


@pytest.mark.parametrize("groups", [0, 12])
def test_groups_and_draws_are_told_where_there_were_any(groups: int) -> None:
    size = CodesSize((8, 8), 40, 60, groups=groups)
    result = AuditResult([finding("leaks")], {"mine": (100, 900)}, 0, sizes={"mine": size})
    told = result.method_paragraph()
    assert "repeated" not in told
    assert "over 5 such splits" in replace(result, seeds=5).method_paragraph()
    assert "100 pairs drawn at random of 900 (8 columns of x and 8 of y, no labels)" in told
    assert ("by 12 groups, none of which is in both halves" in told) is bool(groups)


def test_what_was_not_run_is_named_with_the_reason_and_not_as_done() -> None:
    result = AuditResult(
        [finding("leaks"), finding("re-coding", "not run", "undecided")], {"mine": (100, 100)}, 0
    )
    told = result.method_paragraph()
    assert "Leaks: It was leaks." in told
    assert "Not run: re-coding (why not)." in told
    assert "“Cannot be told”, by re-coding" in told
