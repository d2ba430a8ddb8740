"""Reproductions in two processes: the records of one, a page that fills, no trace when stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from infomax.records import read_records
from infomax.studies.output_folder import OutputFolder
from tests.cli.page_at_the_end import PAGE_AT_THE_END

SCALE = (
    *("--dataset", "digits", "--steps", "40", "--seeds", "2"),
    *("--bound", "infonce", "--device", "cpu"),
)
# Not in the order in which they are done.
STUDIES = ("critics", "conditioning")


def environment(processes: int) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": str(processes)}


def command(out: Path, *more: str, fills_page: bool = False) -> list[str]:
    code = ["-m", "infomax"]
    if not fills_page:
        code = ["-c", f"{PAGE_AT_THE_END}from infomax.cli import main; main()"]
    return [sys.executable, *code, "reproduce", *STUDIES, *SCALE, "--out", str(out), *more]


def started(out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(out, fills_page=True), env=environment(2), stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that one process has written."""
    out = tmp_path_factory.mktemp("one") / "out"
    subprocess.run(command(out), env=environment(1), check=True, capture_output=True, timeout=300)
    return out


def same_as_of_one(out: Path, one: Path) -> None:
    (records, metadata), (expected, of_one) = (
        read_records(each / "records.parquet") for each in (out, one)
    )
    pd.testing.assert_frame_equal(records, expected, check_exact=True)
    assert metadata["progress"] == of_one["progress"]
    told, of_one = metadata["environment"], of_one["environment"]
    assert {**told, "command": ""} == {**of_one, "command": ""}
    assert (out / "claims.json").read_bytes() == (one / "claims.json").read_bytes()
    assert sorted(each.name for each in out.iterdir()) == sorted(
        each.name for each in one.iterdir()
    )


def processes_of(parent: int) -> list[int]:
    """Return the processes that a process has begun."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8")
    return [int(each) for each in children.split()]


@pytest.mark.slow
def test_two_processes_give_the_records_of_one_and_fill_the_page(one: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    page = out / "report.html"
    told: list[tuple[str, ...]] = []
    with started(out) as process:
        # What whoever has the page open sees, whenever it reads itself again.
        while process.poll() is None:
            text = page.read_text(encoding="utf-8") if page.is_file() else ""
            to_come = re.search(r"to come: ([\w, -]+)\.", text)
            if to_come and (not told or told[-1] != tuple(to_come[1].split(", "))):
                assert '<meta http-equiv="refresh"' in text
                told.append(tuple(to_come[1].split(", ")))
            time.sleep(0.02)
        said = process.stderr.read() if process.stderr else ""
    assert process.returncode == 0, said
    # The cheapest study first, whatever the order in which they are given.
    assert told[:2] == [("critics", "conditioning"), ("critics",)]
    assert "refresh" not in page.read_text(encoding="utf-8")
    assert f"the report fills as studies end: {page.as_uri()}\n" in said
    same_as_of_one(out, one)


@pytest.mark.slow
@pytest.mark.parametrize("stopped_by", [signal.SIGKILL, signal.SIGINT])
def test_stopped_and_taken_up_it_ends_with_the_same_records(
    one: Path, tmp_path: Path, stopped_by: signal.Signals
) -> None:
    out = tmp_path / "out"
    # Of processes in the background a shell has interrupts ignored, which is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with started(out) as process:
        while process.poll() is None and not OutputFolder(out).read_timing_rows():
            time.sleep(0.02)
        workers = processes_of(process.pid)
        process.send_signal(stopped_by)
        _, said = process.communicate(timeout=60)
    assert len(workers) >= 2
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{each}").exists() for each in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{each}").exists() for each in workers)
    kept = len(json.loads((out / "timings.json").read_text(encoding="utf-8")))
    assert kept >= 1
    if stopped_by is signal.SIGINT:
        assert process.returncode == 130
        assert "go on with `infomax reproduce --resume" in said
        assert "Traceback" not in said
        assert "refresh" not in (out / "report.html").read_text(encoding="utf-8")
    subprocess.run(
        command(out, "--resume"), env=environment(2), check=True, capture_output=True, timeout=300
    )
    same_as_of_one(out, one)
