"""What other packages take for the same, each in an environment of its own."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.table import Row, megabytes
from benchmarks.turns import Compare
from benchmarks.worker import FREED_AT_ONCE, PEERS, Worker, environment_of
from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.training import generator_for

pytestmark = pytest.mark.peers

PAIRS_OF_CODES, SIZE, TEMPERATURE = 256, 128, 0.5
PAIRS_OF_WARM_UP = 16
TASK, PAIRS = "multinormal-sparse-5-5-2-2.0", 5000
LARGEST_ERROR = 0.2
ROUNDS = 5


@pytest.fixture
def environments(pytestconfig: pytest.Config) -> Path:
    """Folder of the peers' environments; those that are there already are used as they are."""
    return pytestconfig.rootpath / ".peers"


def test_memory_of_nt_xent(environments: Path, table: list[Row], tmp_path: Path) -> None:
    peer = "pytorch_metric_learning"
    path = tmp_path / "codes.npz"
    x, y = torch.randn(2, PAIRS_OF_CODES, SIZE, generator=generator_for(0, "codes")).numpy()
    np.savez(path, x=x, y=y)
    asked = {"value": "nt-xent", "path": str(path), "temperature": TEMPERATURE}
    taken, values = [], []
    for name, python in (("infomax", sys.executable), (peer, environment_of(peer, environments))):
        with Worker(name, Path(python), env=FREED_AT_ONCE) as worker:
            worker.ask(pairs=PAIRS_OF_WARM_UP, **asked)
            memory, answer = worker.bytes_for(pairs=PAIRS_OF_CODES, **asked)
            taken.append(memory)
            values.append([answer["value"], answer["gradient"]])
    assert values[0] == pytest.approx(values[1], rel=1e-5)
    ours, theirs = taken
    table.append(
        Row(
            f"NT-Xent forward and backward, {PAIRS_OF_CODES} pairs x {SIZE}, memory",
            f"{megabytes(ours)} above the inputs",
            f"{megabytes(theirs)}, {PEERS[peer][0]}",
            ours / theirs,
            1 / 50,
        )
    )


@pytest.mark.parametrize("peer", ["bmi", "torch_mist"])
def test_a_neural_estimate(
    peer: str, environments: Path, compare: Compare, table: list[Row], tmp_path: Path
) -> None:
    x, y = draw_pairs(TASK, PAIRS, seed=0)
    path = tmp_path / "pairs.npz"
    np.savez(path, x=x, y=y)
    truth = DISTRIBUTIONS[TASK].mutual_information
    ours, theirs = [], []
    with Worker(peer, environment_of(peer, environments)) as worker:
        turns = compare(
            lambda: ours.append(estimate_mi(x, y, "infonce-symmetric").value),
            lambda: theirs.append(worker.ask(estimator="infonce", pairs=str(path))["value"]),
            rounds=ROUNDS,
            warm_up=0,
        )
    assert abs(ours[-1] - truth) < LARGEST_ERROR
    table.append(
        turns.row(
            f"InfoNCE estimate beside {peer}'s, {PAIRS:,} pairs of {TASK}, {truth:.3f} nats",
            how=f"{ours[-1]:.3f} nats, interval and test included",
            beside=f"{theirs[-1]:.3f} nats, {PEERS[peer][0]}",
            at_most=1 / 3,
        )
    )
