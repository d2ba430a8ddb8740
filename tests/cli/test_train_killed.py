"""Killed while a checkpoint is written, twenty times: each time resumable, to the same end."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from infomax.records import read_records

Run = Callable[..., tuple[int, str, str]]
# One process imports everything and forks a run after the other: importing takes longer than they.
KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import infomax.training.callbacks as callbacks
import infomax.experiments.run, infomax.experiments.trained_run, infomax.training
from infomax.cli import main
from infomax.training import CheckpointFolder

callbacks._SECONDS_BETWEEN_CHECKPOINTS = 0.0
out, flags = Path(sys.argv[1]), sys.argv[2:]
draw, steps = random.Random(0), []
for number in range(20):
    child = os.fork()
    if not child:
        sys.argv = ["infomax", "train", *flags, "--out", str(out), "--resume"]
        main()
    begun, seen, wanted = steps[-1] if steps else -1, 0, draw.randint(1, 4)
    while True:
        # What is being written stands beside the checkpoints until it is renamed.
        if any(out.glob("checkpoints/*.part")) and steps_done(out) > begun:
            seen += 1
            if seen >= wanted:
                break
        if os.waitpid(child, os.WNOHANG)[0]:
            sys.exit("the run ended before it could be killed")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kept = CheckpointFolder(out / "checkpoints").last()
    steps.append(kept.notes["step"] if kept else -1)
    print(number, steps[-1], len(list(out.glob("checkpoints/*.part"))), flush=True)
""".replace(
    "callbacks._SECONDS",
    """
def steps_done(out):
    names = [path.stem for path in out.glob("checkpoints/step-*.safetensors")]
    return max((int(name.removeprefix("step-")) for name in names), default=-1)

callbacks._SECONDS""",
    1,
)


@pytest.mark.slow
def test_twenty_kills_in_the_middle_of_a_checkpoint_change_nothing(
    infomax: Run, tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)
    shared = generator.standard_normal((600, 8)).astype(np.float32)
    for side in ("x", "y"):
        noise = generator.standard_normal((600, 8)).astype(np.float32)
        np.save(tmp_path / f"{side}.npy", shared + 0.3 * noise)
    flags = [
        *("--data", str(tmp_path / "x.npy"), "--y-data", str(tmp_path / "y.npy")),
        *("--steps", "4000", "--batch-size", "32", "--evaluate-every", "500", "--device", "cpu"),
    ]
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    run = [sys.executable, "-c", KILLS, str(killed), *flags]
    kills = subprocess.run(run, capture_output=True, text=True, timeout=400, check=False)
    assert kills.returncode == 0, kills.stderr
    lines = [line.split() for line in kills.stdout.splitlines() if line[:1].isdigit()]
    steps = [int(line[1]) for line in lines]
    assert len(steps) == 20
    assert steps == sorted(steps)
    assert sum(int(line[2]) for line in lines) >= 5  # So many were cut in the midst of a write.
    assert infomax("train", "--resume", "--out", killed)[0] == 0
    assert infomax("train", *flags, "--out", whole)[0] == 0
    first, second = (read_records(out / "records.parquet")[0] for out in (whole, killed))
    assert first.equals(second)
    assert not list(killed.glob("checkpoints/*.part"))
