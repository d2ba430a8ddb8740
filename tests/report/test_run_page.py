"""The page of a run: what it measured, which way it is better, and what it was asked."""

import re
from pathlib import Path

import pytest

from infomax.errors import UserError
from infomax.report import write_run_report
from tests.cli.written_runs import write_run


def text_of(page: Path) -> str:
    """Return what a reader of the page sees, without the drawings."""
    body = page.read_text(encoding="utf-8").partition("<body>")[2]
    return " ".join(
        re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", body, flags=re.S)).split()
    )


def test_a_run_is_drawn_and_told_by_the_weights_that_are_used(tmp_path: Path) -> None:
    write_run(
        tmp_path / "run",
        [0.1, 2.0, 0.5],
        accuracies=[0.1, 0.9, 0.2],
        ceiling=4.852,
        warnings={"NearCeilingWarning": "the bound is <near> its ceiling"},
        ending="all updates are made",
        steps=20,
        rows=1347,
        environment={"infomax": "0.1.0", "cores": 2},
    )
    page = write_run_report(tmp_path / "run", tmp_path / "run.html")
    said = text_of(page)
    assert "infonce reads 2.000 nats on pairs that it was not trained on" in said
    assert "weights of step 10 of 20, the best." in said
    assert "2.000, of at most 4.85 that it can read. Higher is better." in said
    assert "Linear probe 0.900. Higher is better." in said
    assert "the bound is &lt;near&gt; its ceiling" in said
    assert "1,347" in said
    assert "Ended after 20 updates: all updates are made." in said
    whole = page.read_text(encoding="utf-8")
    # A point says its value: of the bound, three are held out and three are of training.
    assert whole.count("<title>held out: 2.000 after 10 updates</title>") == 2
    assert "<title>training: 3.000 after 10 updates</title>" in whole
    assert 'aria-label="Bound (infonce), nats over updates: held out, training"' in whole
    for entry in re.findall(r'href="#([\w-]+)"', whole):
        assert f'id="{entry}"' in whole


def test_a_run_that_has_measured_nothing_has_a_page(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [])
    said = text_of(write_run_report(tmp_path / "run", tmp_path / "run.html"))
    assert "nothing was measured yet." in said
    assert "Versions and machine: not recorded." in said


def test_what_is_not_finite_is_not_drawn(tmp_path: Path) -> None:
    bounds = [float("-inf"), 1.0, float("nan"), 2.0]
    write_run(tmp_path / "run", bounds)
    whole = write_run_report(tmp_path / "run", tmp_path / "run.html").read_text(encoding="utf-8")
    told = re.findall(r"<title>held out: (\S+) after (\d+) updates", whole)
    assert ("1.000", "10") in told
    assert ("2.000", "30") in told
    assert {step for _, step in told} == {"10", "30"}


def test_no_page_is_written_of_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not the folder of a run"):
        write_run_report(tmp_path, tmp_path / "run.html")
    assert not (tmp_path / "run.html").exists()
