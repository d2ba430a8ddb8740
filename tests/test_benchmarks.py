"""The table that `make bench` writes: what stands in it, and what a run leaves as it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Row, megabytes, seconds, with_rows
from benchmarks.turns import Turns

ROOT = Path(__file__).parents[1]
HEADING = "## on some machine"

BENCH = """
import time

def test_quick(compare, table):
    turns = compare(lambda: time.sleep(0.001), lambda: time.sleep(0.02), rounds=3)
    table.append(turns.row("a quick one", beside="a slow one", at_most=0.5))

def test_slow(compare, table):
    turns = compare(lambda: time.sleep(0.02), lambda: time.sleep(0.001), rounds=3)
    table.append(turns.row("a slow one", beside="a quick one", at_most=1.0))

def test_wrong(compare, table):
    turns = compare(lambda: None, lambda: None, rounds=1)
    assert turns is None
    table.append(turns.row("a wrong one", beside="another", at_most=1.0))
"""


def cells_of(document: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in document.splitlines() if line[:2] == "| "]
    return {subject: cells for subject, *cells in lines if subject != "subject"}


def run_in(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(ROOT / "benchmarks" / "conftest.py", folder)
    (folder / "bench_naps.py").write_text(BENCH)
    (folder / "pytest.ini").write_text("[pytest]\npython_files = bench_*.py\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    # What the tests' own pytest says of itself and its workers is not for this one.
    said = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env = {**said, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_part_is_measured_again_and_a_missed_target_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ratios.md"
    of_all = run_in(tmp_path, "--table", str(path))
    assert of_all.returncode == 1, "a wrong result fails the run"
    assert "1 failed, 2 passed" in of_all.stdout
    assert "missed: | a slow one" in of_all.stdout
    assert "missed: | a quick one" not in of_all.stdout
    before = cells_of(path.read_text())
    assert before.keys() == {"a quick one", "a slow one"}
    assert before["a quick one"][-2:] == ["at most 0.5", "met"]
    assert before["a slow one"][-2:] == ["at most 1", "missed"]

    of_part = run_in(tmp_path, "--table", str(path), "-k", "slow")
    assert of_part.returncode == 0, "a missed target fails no run"
    above, below = path.read_text().split("\n## ")[1:]
    assert "-k slow`" in above
    assert "-k slow" not in below
    assert cells_of(above).keys() == {"a slow one"}
    assert cells_of(below) == {"a quick one": before["a quick one"]}
    assert not (tmp_path / "docs").exists()


@pytest.mark.parametrize(
    ("ratio", "at_most", "said"),
    [
        (0.8, 0.8, "| 0.8 | at most 0.8 | met |"),
        (0.8004, 0.8, "| 0.8 | at most 0.8 | missed |"),
        (12.3456, None, "| 12.3 | none |  |"),
        (None, 2.0, "|  | at most 2 | not measured |"),
    ],
)
def test_a_row_says_whether_its_target_is_met(
    ratio: float | None, at_most: float | None, said: str
) -> None:
    assert str(Row("a", "1 s", "2 s", ratio, at_most)) == f"| a | 1 s | 2 s {said}\n"


def test_a_row_that_was_not_measured_replaces_only_its_like() -> None:
    measured = Row("on a GPU", "1 s", "1 s", 1.0, 2.0)
    unmeasured = Row("on a GPU", "no GPU", "", None, 2.0)
    other = Row("elsewhere", "1 s", "2 s", 0.5)
    document = with_rows("", HEADING, [unmeasured])
    document = with_rows(document, "## later", [unmeasured])
    assert HEADING not in document
    document = with_rows(document, "## with a GPU", [measured])
    assert "later" not in document
    after = with_rows(document, "## without", [other, unmeasured])
    assert after.count("on a GPU") == 1
    assert after.index("## without") < after.index("elsewhere") < after.index("## with a GPU")
    assert after.index("## with a GPU") < after.index(str(measured))


def test_the_same_rows_again_leave_one_table_under_the_latest_heading() -> None:
    rows = [Row("one", "1 s", "2 s", 0.5), Row("two", "1 s", "", None)]
    once = with_rows("", HEADING, rows)
    again = with_rows(with_rows("", "## before", rows), HEADING, rows)
    assert again == once


def test_a_ratio_is_the_median_of_rounds() -> None:
    # Of the medians, 3 ms and 4 ms, it would be another.
    turns = Turns(ours=[1.0, 3.0, 40.0], yardstick=[2.0, 50.0, 4.0])
    row = turns.row("steps", beside="others", how="in some way", at_most=1.0, times=1000)
    assert row == Row("steps", "3.00 ms, in some way", "4.00 ms, others", 0.5, 1.0)


def test_times_and_sizes_have_a_unit() -> None:
    assert (seconds(0.0123456), seconds(61.23)) == ("12.35 ms", "61.2 s")
    assert megabytes(3.2241e9) == "3,224.1 MB"
