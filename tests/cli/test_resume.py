"""Killed at any moment and taken up again: the same records, to the bit."""

import html
import json
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pandas as pd
import pytest

from infomax.cli import main
from infomax.records import read_records
from tests.cli.page_at_the_end import PAGE_AT_THE_END

# The command, with a checkpoint after every block of updates instead of every minute, with
# evaluations at both ends alone and a page at the end, for which these tests would wait.
KEEPS_OFTEN = PAGE_AT_THE_END + (
    "import infomax.training.callbacks as callbacks; "
    "callbacks._SECONDS_BETWEEN_CHECKPOINTS = 0.0; "
    "import infomax.studies.reproduction as request; "
    "request._CLOSEST_EVALUATIONS = 230; "
    "from infomax.cli import main; main()"
)
STUDIES = ("conditioning", "critics", "non-iid")
SCALE = (
    *("--dataset", "digits", "--steps", "230", "--seeds", "2"),
    *("--bound", "infonce", "--device", "cpu"),
)
Run = Callable[..., tuple[int, str]]


def command(out: Path, *more: str) -> list[str]:
    run = [sys.executable, "-c", KEEPS_OFTEN, "reproduce", *STUDIES, *SCALE]
    return [*run, "--out", str(out), *more]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """Return a folder of a run that was not interrupted, and the seconds that it took."""
    out = tmp_path_factory.mktemp("whole") / "out"
    began = time.monotonic()
    subprocess.run(command(out), check=True, capture_output=True, timeout=500)
    return out, time.monotonic() - began


@pytest.fixture
def infomax(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; return its exit status and what it said."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["infomax", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        code = stopped.value.code
        assert isinstance(code, int) or code is None
        return code or 0, capsys.readouterr().err

    return run


def killed(arguments: list[str], after_seconds: float) -> int:
    with subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(timeout=after_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait(timeout=60)


@pytest.mark.slow
def test_killed_at_three_random_moments_it_ends_with_the_same_records(
    whole: tuple[Path, float], tmp_path: Path
) -> None:
    reference, seconds = whole
    out = tmp_path / "out"
    draw = random.Random()  # noqa: S311 - the moments are to differ from run to run
    moments = [draw.uniform(0.3, 0.7) * seconds for _ in range(3)]
    codes = [killed(command(out, "--resume"), moment) for moment in moments]
    assert -signal.SIGKILL in codes, moments
    subprocess.run(command(out, "--resume"), check=True, capture_output=True, timeout=500)
    expected, _ = read_records(reference / "records.parquet")
    records, metadata = read_records(out / "records.parquet")
    pd.testing.assert_frame_equal(records, expected, check_exact=True, obj=f"killed at {moments}")
    assert metadata["progress"]["finished"] == 2 * (1 + 3 + 2)
    assert (out / "claims.json").read_bytes() == (reference / "claims.json").read_bytes()
    assert sorted(path.name for path in out.iterdir()) == sorted(
        path.name for path in reference.iterdir()
    )


@pytest.mark.slow
def test_killed_within_a_job_it_goes_on_from_the_middle(
    whole: tuple[Path, float], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    checkpoint = out / "checkpoint.safetensors"
    with subprocess.Popen(
        command(out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 200
        while not checkpoint.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    assert checkpoint.exists()
    subprocess.run(command(out, "--resume"), check=True, capture_output=True, timeout=500)
    expected, _ = read_records(whole[0] / "records.parquet")
    records, _ = read_records(out / "records.parquet")
    pd.testing.assert_frame_equal(records, expected, check_exact=True)


def test_resuming_what_is_finished_changes_nothing(whole: tuple[Path, float], infomax: Run) -> None:
    out, _ = whole
    records = (out / "records.parquet").read_bytes()
    code, _ = infomax("reproduce", "--resume", "--out", out)
    assert code == 0
    assert (out / "records.parquet").read_bytes() == records


def test_other_settings_than_those_begun_with_are_named(
    whole: tuple[Path, float], infomax: Run
) -> None:
    out, _ = whole
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    longer = ("231" if each == "230" else each for each in SCALE)
    code, error = infomax("reproduce", *STUDIES, *longer, "--out", out, "--resume")
    assert code == 2
    for study in STUDIES:
        assert f"steps of {study} (231, not 230)" in error
    assert "seeds" not in error
    assert error.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_checkpoint_that_cannot_be_read_is_named_and_left(
    whole: tuple[Path, float], tmp_path: Path, infomax: Run
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    settings = json.loads((whole[0] / "settings.json").read_text(encoding="utf-8"))
    (out / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    (out / "checkpoint.safetensors").write_bytes(b"\x08\x00\x00")
    code, error = infomax("reproduce", "--resume", "--out", out)
    assert code == 2
    assert "checkpoint.safetensors is not a checkpoint that can be read" in error
    assert (out / "checkpoint.safetensors").read_bytes() == b"\x08\x00\x00"


def test_what_the_report_says_would_decide_a_claim_does(infomax: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    scale = ("--steps", "2", "--seeds", "2", "--bound", "infonce", "--device", "cpu")
    assert infomax("reproduce", "non-iid", *scale, "--out", out) == (0, ANY)
    begun, _ = read_records(out / "records.parquet")
    claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    assert {claim["lacks"] for claim in claims} == {"seeds"}
    (told,) = re.findall(r'class="command">([^<]+)<', (out / "report.html").read_text("utf-8"))
    program, *arguments = shlex.split(html.unescape(told))
    assert program == "infomax"
    assert infomax(*arguments) == (0, ANY)
    records, metadata = read_records(out / "records.parquet")
    assert set(records["seed"]) == {0, 1, 2}
    assert metadata["progress"]["finished"] == 2 * 3
    kept = records[records["seed"] < 2].reset_index(drop=True)
    columns = list(kept.columns)
    pd.testing.assert_frame_equal(
        kept.sort_values(columns, ignore_index=True), begun.sort_values(columns, ignore_index=True)
    )
    claims = json.loads((out / "claims.json").read_text(encoding="utf-8"))
    assert {claim["seeds"] for claim in claims} == {3}
    assert "seeds" not in {claim["lacks"] for claim in claims}
    code, said = infomax("reproduce", "--seeds", "1", "--resume", "--out", out)
    assert (code, "non-iid was begun with 3 seeds, which cannot become 1" in said) == (2, True)
