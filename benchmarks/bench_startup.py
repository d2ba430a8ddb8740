"""What the command takes of the processors before it does anything that was asked of it."""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from benchmarks.table import Row, seconds

COMMAND = Path(sys.executable).with_name("infomax")
ROUNDS = 9
ASKED_FOR = 0.5


def taken(argument: str, status: int) -> float:
    """Return the seconds that all processors together gave one call, the system's part included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run([COMMAND, argument], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode == status, ended.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(("argument", "status"), [("--version", 0), ("--help", 0), ("tarin", 2)])
def test_a_call_that_computes_nothing(argument: str, status: int, table: list[Row]) -> None:
    taken(argument, status)
    time = median(taken(argument, status) for _ in range(ROUNDS))
    table.append(
        Row(
            f"infomax {argument}, time of all processors",
            ours=seconds(time),
            yardstick=f"{seconds(ASKED_FOR)} are asked for",
            ratio=time / ASKED_FOR,
            at_most=1.0,
        )
    )
