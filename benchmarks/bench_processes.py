"""A training step shared by two processes, beside one process on the same cores and batches."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Row
from benchmarks.turns import Turns

SCRIPT = Path(__file__).with_name("steps_on_ranks.py")
BATCH_SIZE = 1024
STEPS = 60
ROUNDS = 3
LAUNCHER = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")


def measured(*launcher: str) -> dict[str, float]:
    """Return the seconds of a step and the last loss of a training of its own."""
    command = [sys.executable, *launcher, str(SCRIPT), str(BATCH_SIZE), str(STEPS)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return answer


def test_a_step_on_two_processes(table: list[Row]) -> None:
    both = [(measured(*LAUNCHER), measured()) for _ in range(ROUNDS)]
    for two, one in both:
        assert two["loss"] == pytest.approx(one["loss"], rel=1e-3)
    turns = Turns(*([each["seconds"] for each in of_one] for of_one in zip(*both, strict=True)))
    subject = f"training step on 2 processes (gloo), MLP, bilinear, InfoNCE, batch {BATCH_SIZE:,}"
    table.append(turns.row(subject, beside="1 process with the threads of both"))
