"""What holds for every command: what it waits for, and how it ends."""

import subprocess
import sys

import pytest

from infomax.data.table_file import READERS
from tests.cli.conftest import Run

HEAVY = {"matplotlib", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "torch"}
LOADED = """
import sys
from infomax.cli import main
try:
    main()
finally:
    print("loaded:", *sys.modules)
"""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("--version", 0),
        ("--help", 0),
        ("tarin", 2),
        ("train --setps 3", 2),
        ("reproduce bijektive", 2),
        *((f"{command} --help", 0) for command in ("train", "estimate", "benchmark mi", "encode")),
    ],
)
def test_help_and_mistyped_names_wait_for_no_heavy_module(line: str, status: int) -> None:
    called = subprocess.run(
        [sys.executable, "-c", LOADED, *line.split()], capture_output=True, text=True, check=False
    )
    loaded = called.stdout.rpartition("loaded:")[2].split()
    assert called.returncode == status, called.stderr
    assert "infomax.cli.app" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_the_help_of_estimate_names_every_kind_of_table(infomax: Run) -> None:
    _, said, _ = infomax("estimate", "--help")
    assert all(ending in said for ending in READERS)
