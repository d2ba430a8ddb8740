"""A step of each loss of codes beside lightly's and PyTorch Metric Learning's, on the same codes.

Seconds are of one thread's processor time, so that a busy machine is fair to both; memory is by how
much the process of each rises above its inputs.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from benchmarks.table import Row, megabytes, seconds
from benchmarks.worker import FREED_AT_ONCE, PEERS, Worker, environment_of

pytestmark = pytest.mark.peers

BY_LIGHTLY = ("nt-xent", "barlow-twins", "vicreg", "negative-cosine")
# Not lifted structure, which takes theirs more than 10 GB of 256 pairs.
BY_PML = ("supcon", "multi-similarity", "circle", "contrastive-margin", "triplet")
# Their pairs and triplets are listed one by one, which takes gigabytes beyond.
LISTED_ONE_BY_ONE = {"contrastive-margin", "triplet"}
SHAPES = ((256, 128), (256, 2_048), (1_024, 128), (1_024, 2_048))
CLASSES, ROUNDS, AT_MOST = 64, 7, 1.05


def cases() -> Iterator[tuple[str, int, int]]:
    """Yield losses and shapes of codes."""
    for number, size in SHAPES:
        for name in (*BY_LIGHTLY, *BY_PML):
            if number == 256 or name not in LISTED_ONE_BY_ONE:
                yield name, number, size


@pytest.fixture(scope="module")
def contestants(pytestconfig: pytest.Config) -> Iterator[list[tuple[Worker, Worker]]]:
    """Return workers of ours and theirs: first two whose memory is measured, then two for time."""
    lightly = environment_of("lightly", pytestconfig.rootpath / ".peers")
    with ExitStack() as held:
        yield [
            (
                held.enter_context(Worker("losses", Path(sys.executable), env=env)),
                held.enter_context(Worker("lightly", lightly, env=env)),
            )
            for env in (FREED_AT_ONCE, {})
        ]


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_a_loss(
    case: tuple[str, int, int],
    contestants: list[tuple[Worker, Worker]],
    table: list[Row],
    tmp_path: Path,
) -> None:
    name, number, size = case
    path, drawn = tmp_path / "codes.npz", np.random.default_rng(0)
    x = drawn.standard_normal((number, size), dtype=np.float32)
    y = x + drawn.standard_normal((number, size), dtype=np.float32) / 2
    np.savez(path, x=x, y=y, labels=np.arange(number) % CLASSES)
    asked = {"loss": name, "path": str(path)}
    for worker in (*contestants[0], *contestants[1]):
        worker.ask(**asked)
    taken, answers = zip(*(each.bytes_for(**asked) for each in contestants[0]), strict=True)
    for key in ("value", "gradient"):
        assert answers[0][key] == pytest.approx(answers[1][key], rel=1e-4, abs=1e-6)
    took = [[each.ask(**asked)["seconds"] for each in contestants[1]] for _ in range(ROUNDS)]
    ours, theirs = (median(each) for each in zip(*took, strict=True))
    of_lightly = name in BY_LIGHTLY
    whose = PEERS["lightly"][0 if of_lightly else 1]
    subject = f"{name}, {number:,} pairs x {size:,}, forward and backward"
    table.append(
        Row(
            subject,
            seconds(ours),
            f"{seconds(theirs)}, {whose}",
            median(one / other for one, other in took),
            AT_MOST if of_lightly else None,
        )
    )
    table.append(
        Row(
            f"{subject}, memory",
            f"{megabytes(taken[0])} above the inputs",
            f"{megabytes(taken[1])}, {whose}",
            taken[0] / max(taken[1], 1),
            1.0 if of_lightly else None,
        )
    )
