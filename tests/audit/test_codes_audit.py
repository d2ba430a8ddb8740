"""The audit of codes as a whole: its answer, what it prints, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import infomax
from infomax import AuditResult, UserError, audit_codes
from infomax.audit.checks import CHECKS
from infomax.audit.finding import Finding
from tests.audit.planted import on_a_line, sound


def finding(check: str, status: Any, stance: Any, codes: str = "mine") -> Finding:
    return Finding(check, codes, "?", status, stance, "short", f"It was {check}.", "do this")


def result(*findings: Finding) -> AuditResult:
    return AuditResult(findings, {each.codes: (100, 100) for each in findings}, 0)


SOUND = finding("geometry", "sound", "not against")
AGAINST = finding("re-coding", "caution", "against")
CAPPED = finding("saturation", "caution", "undecided")
BROKEN = finding("leaks", "broken", "undecided")


@pytest.mark.parametrize(
    ("findings", "verdict", "named"),
    [
        ((SOUND,), "Not contradicted", "geometry"),
        (
            (SOUND, finding("jacobian", "not run", "not against")),
            "Not contradicted",
            "because geometry found nothing",
        ),
        ((SOUND, CAPPED), "Cannot be told", "saturation"),
        ((SOUND, CAPPED, AGAINST), "No", "re-coding"),
        ((SOUND, AGAINST, BROKEN), "Cannot be told", "leaks"),
        ((BROKEN, BROKEN), "Cannot be told", "Broken, too: leaks."),
        ((SOUND, finding("leaks", "broken", "undecided", "raw")), "Not contradicted", "geometry"),
        ((SOUND, finding("x", "not run", "undecided")), "Cannot be told", "x was not run: short."),
        ((AGAINST, finding("x", "caution", "against")), "No", "Against it, too: x."),
        (
            (CAPPED, CAPPED, CAPPED),
            "Cannot be told",
            "Open, too: saturation and saturation.",
        ),
    ],
)
def test_the_answer_is_that_of_the_checks(
    findings: tuple[Finding, ...], verdict: str, named: str
) -> None:
    found = result(*findings)
    assert found.verdict == verdict
    answer = found.answer()
    assert answer.startswith(f"Is mutual information what makes mine good? {verdict}, because")
    assert named in answer
    assert "\n" not in answer
    assert "yes" not in answer.lower()


def test_digits_are_read_whole_and_the_answer_is_geometry(tmp_path: Path) -> None:
    digits = load_digits()
    halves = (digits.images[:, rows].reshape(-1, 32) for rows in (slice(4), slice(4, 8)))
    first, second = (PCA(8).fit_transform(each) for each in halves)
    codes, labels = {"mine": (first, second)}, digits.target
    found = audit_codes(codes, labels=labels)
    assert found.verdict == "No"
    assert "at equal information: it is geometry" in found.answer()
    assert found.worst == "caution"
    detail = {each.check: each for each in found.findings}["saturation"].detail
    assert "is at least" in detail
    assert "at least at least" not in detail
    assert list(found.to_frame()["check"]) == [each.name for each in CHECKS]
    found.write_json(tmp_path / "audit.json")
    written = json.loads((tmp_path / "audit.json").read_text())
    assert written["verdict"] == "No"
    assert written["findings"][0]["thresholds"]["lost_share"] == 0.25
    with pytest.raises(UserError, match=r"ends in \.json"):
        found.write_json(tmp_path / "audit.txt")


def test_what_is_printed_fits_a_screen() -> None:
    many = {name: sound(0)[:2] for name in ("mine", "raw", "a", "b", "c")}
    quick = {name: (x[:60], y[:60]) for name, (x, y) in many.items()}
    found = audit_codes(quick)
    console = Console(width=80)
    with console.capture() as shown:
        console.print(found)
    lines = shown.get().splitlines()
    assert len(lines) <= 20
    assert "2 more codes" in shown.get()
    assert "there are no labels" in shown.get()
    assert " ".join(str(found).split()[:9]) in " ".join(shown.get().split())


def test_any_floats_and_any_labels_will_do() -> None:
    x, y, labels = on_a_line(0, rows=100)
    names = np.array(["cat", "dog"])[labels]
    found = audit_codes({"mine": (x.astype("float16"), torch.tensor(y).bfloat16())}, labels=names)
    assert [each.status for each in found.findings if each.check == "leaks"] == ["sound"]


def test_the_same_seed_draws_the_same_audit() -> None:
    x, y, labels = on_a_line(0, rows=100)
    one, again, other = (
        audit_codes({"mine": (x, y)}, labels=labels, random_state=seed) for seed in (0, 0, 1)
    )
    assert one.as_dict() == again.as_dict()
    assert one.as_dict()["findings"] != other.as_dict()["findings"]


def test_many_rows_are_drawn_and_it_says_so() -> None:
    x = np.random.default_rng(0).standard_normal((16_400, 1))
    y = np.round(x)
    from infomax.audit.audited_codes import read_codes  # noqa: PLC0415

    codes = read_codes("mine", x, y, None, seed=0)
    assert (len(codes), codes.given_rows) == (16_384, 16_400)
    told = str(AuditResult([SOUND], {"mine": (len(codes), codes.given_rows)}, 0))
    assert "16,384 pairs of 16,400, drawn at random" in told


X, Y, LABELS = sound(0, rows=50)
BAD: list[tuple[Any, Any, str]] = [
    ({}, None, "give a dictionary"),
    ((X, Y), None, "give a dictionary"),
    ({"mine": X}, None, "give the two sides"),
    ({"mine": (X, Y[:-1])}, None, "x has 50 rows and y 49"),
    ({"mine": (X[:9], Y[:9])}, None, "an audit needs at least 40"),
    ({"mine": (np.where(X > 2, np.nan, X), Y)}, None, "rows of x hold values that are NaN"),
    ({"mine": (X, 1e200 * Y)}, None, "values beyond 1e"),
    ({"mine": (X.reshape(50, 2, 4), Y)}, None, "x has shape"),
    ({"mine": (X.astype(str), Y)}, None, "give numbers"),
    ({"mine": (X, Y)}, LABELS[:-1], "50 rows and there are 49 labels"),
    ({"mine": (X, Y)}, X[:, 0], "whole numbers or text"),
    ({"mine": (X, Y)}, X[:, :2], "have 2 columns"),
    ({"mine": (X, Y)}, [None, *"ab" * 24, "a"], "1 are missing"),
]


@pytest.mark.parametrize(("codes", "labels", "told"), BAD, ids=[each[2] for each in BAD])
def test_what_cannot_be_audited_is_told_in_a_line(codes: Any, labels: Any, told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        audit_codes(codes, labels=labels)
    assert "\n" not in str(raised.value)


def test_other_codes_that_cannot_be_read_are_left_out_and_said() -> None:
    found = audit_codes({"mine": (X, Y), "failed": (np.where(X > 2, np.nan, X), Y)}, labels=LABELS)
    assert list(found.rows) == ["mine"]
    assert "Left out: codes 'failed'" in found.notes[0]
    assert found.notes[0] in str(found)


def test_what_is_told_of_pairs_comes_along_and_one_class_is_no_obstacle() -> None:
    found = audit_codes(
        {"mine": (X, Y)},
        labels=np.zeros(50),
        raw={"mine": (X, Y)},
        groups=np.arange(50) // 2,
        nuisances={"age": X[:, 0]},
    )
    recoding, *others = found.findings
    assert (recoding.status, recoding.short[:23]) == ("not run", "all labels are the same")
    assert {each.status for each in others} == {"sound", "not run"}
    with pytest.raises(UserError, match="unknown codes of raw 'min': did you mean 'mine'"):
        audit_codes({"mine": (X, Y)}, raw={"min": (X, Y)})


def test_the_room_keeps_its_name() -> None:
    assert infomax.audit.audit_codes is audit_codes
    with pytest.raises(AttributeError, match="no attribute 'audit'"):
        infomax.audit.audit  # noqa: B018
