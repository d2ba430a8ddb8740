"""Two runs of a study at once on this machine, beside one alone."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.table import Row
from benchmarks.turns import Compare

STUDY = ("critics", "--dataset", "digits", "--preset", "quick", "--bound", "infonce")
ROUNDS = 3


def test_two_runs_at_once(compare: Compare, table: list[Row], tmp_path: Path) -> None:
    numbers = itertools.count()

    # Each by itself in one process that would take all cores.
    environment = {**os.environ, "LOKY_MAX_CPU_COUNT": "1"}

    def runs(at_once: int) -> None:
        command = [sys.executable, "-m", "infomax", "reproduce", *STUDY, "--seeds", "1", "--out"]
        started = [
            subprocess.Popen(
                [*command, str(tmp_path / str(next(numbers)))],
                stdout=subprocess.DEVNULL,
                env=environment,
            )
            for _ in range(at_once)
        ]
        assert [each.wait() for each in started] == [0] * at_once

    turns = compare(lambda: runs(2), lambda: runs(1), rounds=ROUNDS, warm_up=0)
    subject = f"two runs at once: infomax reproduce {' '.join(STUDY)} --seeds 1"
    table.append(turns.row(subject, beside="one alone", at_most=2.5))
