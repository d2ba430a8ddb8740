"""What a terminal shows: one screen, however many checks and codes there are."""

import dataclasses
from itertools import cycle, islice

import pytest
from rich.console import Console

from infomax import AuditResult
from infomax.audit.finding import STATUSES, Finding, Status
from infomax.audit.method_paragraph import CodesSize
from infomax.audit.printed_answer import MOST_LINES

CHECKS = (
    *("re-coding", "saturation", "false negatives", "geometry", "leaks", "shortcuts"),
    *("critics", "baselines", "probes", "held by codes", "matched bound", "encoders"),
)
SENTENCE = "Accuracy moved from 0.762 to 0.487 under couplings of strength 2, which is geometry."


def audit(statuses: tuple[Status, ...], *, checks: int = 12, others: int = 0) -> AuditResult:
    names = ["codes", *(f"other {each}" for each in range(others))]
    findings = [
        Finding(
            check,
            codes,
            "?",
            status,
            "not against" if status == "sound" else "undecided",
            f"what is measured of {check} in a few words and numbers, 1.25 of 8",
            SENTENCE,
            "read accuracy as how codes lie, and compare encoders by probes and not by bounds",
        )
        for codes in names
        for check, status in zip(CHECKS[:checks], islice(cycle(statuses), checks), strict=True)
    ]
    notes = [f"{each} of 8 columns of x are constant: they tell nothing." for each in range(4)]
    return AuditResult(findings, dict.fromkeys(names, (1797, 1797)), 0, notes if others else ())


def printed(result: AuditResult, width: int = 80) -> list[str]:
    console = Console(width=width)
    with console.capture() as shown:
        console.print(result)
    return shown.get().splitlines()


@pytest.mark.parametrize("others", [0, 5])
@pytest.mark.parametrize(
    "statuses", [("sound",), ("caution",), ("broken", "not run"), STATUSES], ids=str
)
def test_twelve_checks_fit_on_a_screen(statuses: tuple[Status, ...], others: int) -> None:
    result = audit(statuses, others=others)
    lines = printed(result)
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 80
    whole = " ".join(" ".join(lines).split())
    assert whole.startswith(result.answer())
    worst = max(statuses, key=STATUSES.index)
    for each in result.of("codes"):
        if each.status == worst:
            assert each.check in whole
    assert "1,797 pairs; half of them held out" in whole


def test_few_checks_are_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    result = audit(STATUSES, checks=4)
    whole = " ".join(" ".join(printed(result)).split())
    assert "\N{HORIZONTAL ELLIPSIS}" not in whole
    for each in result.findings:
        # In the column at the right words go on in the next line.
        assert all(word in whole for word in each.short.split())


def test_checks_that_are_sound_are_named_together_before_others_are() -> None:
    result = audit(("sound", "sound", "caution"), others=5)
    lines = printed(result)
    rows = [line for line in lines if "  caution  what is measured" in line]
    names = [row.split("  ")[0] for row in rows]
    assert names == ["false negatives", "shortcuts", "probes", "encoders"]
    # What is cut is seen to be.
    assert all(row.endswith("\N{HORIZONTAL ELLIPSIS}") for row in rows)
    assert [line for line in lines if line.startswith("sound: re-coding, saturation, geometry")]


def test_other_codes_have_a_line_each_with_the_worst_first() -> None:
    result = audit(("sound", "broken"), checks=4, others=1)
    assert "other 0: broken saturation, geometry; sound 2" in printed(result)


def test_groups_of_unlike_sizes_are_not_called_halves() -> None:
    result = audit(("sound",))
    even, uneven = (
        dataclasses.replace(result, sizes={"codes": CodesSize((8, 8), 1797 - held_out, held_out)})
        for held_out in (899, 1200)
    )
    assert "1,797 pairs; half of them held out." in str(even)
    assert "1,797 pairs; 1,200 of them held out." in str(uneven)
