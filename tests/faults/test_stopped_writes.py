"""Killed, or out of room, between any two writes of a run: the same command goes on to the end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from infomax.records import read_records

SCRIPT = Path(__file__).with_name("stopped_writes.py")
FUZZING = settings.get_current_profile_name() == "fuzz"
KILLED = 137


def stops(
    folder: Path, kind: str, every: int, *arguments: str | Path
) -> list[dict[str, str | int | list[str]]]:
    """Stop the command at every so many of its writes; return what happened, stop by stop."""
    asked = [sys.executable, SCRIPT, kind, folder, 1 if FUZZING else every, *arguments]
    # A process that has made threads for sums cannot be forked.
    done = subprocess.run(
        list(map(str, asked)),
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.fixture
def training(tmp_path: Path) -> list[str | Path]:
    """Return the arguments of a short training."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((120, 3)).astype(np.float32)
    np.savez(tmp_path / "pairs.npz", x=x, y=x + 0.3)
    return [
        *("train", "--data", tmp_path / "pairs.npz", "--device", "cpu"),
        *("--steps", "2", "--batch-size", "8", "--evaluate-every", "2"),
    ]


REPRODUCTION = ("reproduce", "critics", "--dataset", "digits", "--steps", "2", "--seeds", "1")


def check_killed(folder: Path, found: list[dict[str, str | int | list[str]]]) -> None:
    """Check that each run that was killed was gone on with to the end of the one that was not."""
    whole = read_records(folder / "whole" / "records.parquet")[0]
    for stop in found:
        assert stop["code"] == KILLED, stop
        assert stop["again"] == 0, stop
        records = read_records(Path(str(stop["out"])) / "records.parquet")[0]
        pd.testing.assert_frame_equal(records, whole)


def check_out_of_room(folder: Path, found: list[dict[str, str | int | list[str]]]) -> None:
    """Check that a full disk is one line that names a file, leaves none empty, and is gone on."""
    whole = read_records(folder / "whole" / "records.parquet")[0]
    for stop in found:
        # The very last write is a rename, which needs no room.
        assert stop["code"] in {0, 2}, stop
        if stop["code"]:
            last = str(stop["said"]).rstrip("\n").rpartition("\n")[2]
            assert last.startswith("infomax: "), stop
            assert str(stop["out"]) in last, stop
            assert "No space left on device" in last, stop
        assert not stop["empty"], stop
        assert not [name for name in stop["left"] if name.endswith(".part")], stop  # type: ignore[union-attr]
        assert stop["again"] == 0, stop
        records = read_records(Path(str(stop["out"])) / "records.parquet")[0]
        pd.testing.assert_frame_equal(records, whole)


@pytest.mark.slow
def test_a_training_killed_between_two_writes_is_gone_on_with(
    training: list[str | Path], tmp_path: Path
) -> None:
    found = stops(tmp_path, "kill", 1, *training)
    assert {"open settings.yaml.part", "open run.json.part"} <= {
        str(stop["stopped_at"]) for stop in found
    }
    check_killed(tmp_path, found)


@pytest.mark.slow
def test_a_training_without_room_says_so_and_is_gone_on_with(
    training: list[str | Path], tmp_path: Path
) -> None:
    found = stops(tmp_path, "full", 4, *training)
    assert len(found) >= 5
    check_out_of_room(tmp_path, found)


@pytest.mark.slow
def test_a_reproduction_killed_between_two_writes_is_gone_on_with(tmp_path: Path) -> None:
    found = stops(tmp_path, "kill", 9, *REPRODUCTION)
    assert len(found) >= 3
    check_killed(tmp_path, found)
