"""The cost of a training step, beside a bare PyTorch loop that does the same arithmetic."""

import math
import time
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.bounds import BOUNDS, infonce
from infomax.critics import CRITICS
from infomax.encoders import MLPEncoder
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    Pairs,
    PairTraining,
    ShuffledBatches,
    Trainer,
    generator_for,
)
from infomax.training.compilation import reason_against_compiling

BATCH_SIZE = 128
STEPS = 200
ROUNDS = 15


def model_with(critic: str) -> PairModel:
    """Return MLPs of 300, 300 and 100 units with a critic."""
    x_encoder, y_encoder = (MLPEncoder((14, 28, 1), generator_for(0, side)) for side in ("x", "y"))
    return PairModel(x_encoder, y_encoder, CRITICS[critic](100, 100, generator_for(0, "critic")))


def ours(pairs: Pairs, critic: str, *, compile: bool = False) -> Callable[[], None]:
    """Return a function that trains for ``STEPS`` steps with the package's own trainer."""
    batches = ShuffledBatches(pairs.x, pairs.y, BATCH_SIZE, [generator_for(0, "batches")])
    objective = Objective(BOUNDS["infonce"]())
    training = PairTraining(
        [model_with(critic)],
        batches,
        objective,
        optimizer=OptimizerConfig(1e-4),
        compile=compile,
    )

    def steps() -> None:
        Trainer(STEPS).fit(training)

    return steps


class BareModel(nn.Module):
    """The same encoders, bilinear critic and bound, as one would write them first."""

    def __init__(self) -> None:
        super().__init__()
        self.x_encoder, self.y_encoder = (
            nn.Sequential(
                nn.Linear(392, 300), nn.ReLU(), nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 100)
            )
            for _ in "xy"
        )
        self.product = nn.Linear(100, 100, bias=False)

    def bound(self, x: Tensor, y: Tensor) -> Tensor:
        """Return InfoNCE of a batch, in nats."""
        scores: Tensor = self.x_encoder(x) @ self.product(self.y_encoder(y)).T
        return math.log(len(x)) + (scores.diagonal() - scores.logsumexp(1)).mean()


def bare(pairs: Pairs) -> Callable[[], None]:
    """Return a function that trains for ``STEPS`` steps with PyTorch alone."""
    model = BareModel()

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for rows in torch.randperm(len(pairs)).split(BATCH_SIZE):
                if len(rows) == BATCH_SIZE:
                    yield pairs.x[rows], pairs.y[rows]

    drawn = batches()

    def steps() -> None:
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-4)
        for _ in range(STEPS):
            bound = model.bound(*next(drawn))
            optimiser.zero_grad()
            (-bound).backward()
            optimiser.step()

    return steps


def check_same_arithmetic(pairs: Pairs) -> None:
    """Check that with the same weights both have the same bound on a batch."""
    ours, bare = model_with("bilinear"), BareModel()
    for own, given in zip(bare.parameters(), ours.parameters(), strict=True):
        own.data.copy_(given.data)
    x, y = pairs.x[:BATCH_SIZE], pairs.y[:BATCH_SIZE]
    torch.testing.assert_close(bare.bound(x, y), infonce(ours(x, y)), rtol=1e-5, atol=1e-5)


def test_a_step_beside_a_bare_loop(compare: Compare, table: list[Row], images: ImagePairs) -> None:
    pairs = images.train
    check_same_arithmetic(pairs)
    subject = "training step, MLP 300-300-100, bilinear, InfoNCE, batch 128, Adam"
    beside = "bare eager PyTorch loop of the same arithmetic"
    turns = compare(ours(pairs, "bilinear"), bare(pairs), rounds=ROUNDS)
    table.append(turns.row(subject, beside=beside, at_most=0.78, times=STEPS))


def test_a_compiled_step_beside_a_bare_loop(
    compare: Compare, table: list[Row], images: ImagePairs
) -> None:
    if (against := reason_against_compiling(torch.device("cpu"))) is not None:
        pytest.skip(against)
    pairs = images.train
    compiled = ours(pairs, "bilinear", compile=True)
    began = time.perf_counter()
    compiled()
    seconds = time.perf_counter() - began
    turns = compare(compiled, bare(pairs), rounds=ROUNDS)
    subject = f"compiled training step, of which the first {STEPS} took {seconds:.0f} s"
    beside = "bare eager PyTorch loop of the same arithmetic"
    table.append(turns.row(subject, beside=beside, at_most=0.7, times=STEPS))


@pytest.mark.parametrize(("critic", "at_most"), [("separable", None), ("concat", 4.0)])
def test_a_step_with_another_critic(
    critic: str, at_most: float | None, compare: Compare, table: list[Row], images: ImagePairs
) -> None:
    contestants = [ours(images.train, each) for each in (critic, "bilinear")]
    turns = compare(*contestants, rounds=ROUNDS)
    subject = f"training step, {critic} critic"
    table.append(turns.row(subject, beside="bilinear critic", at_most=at_most, times=STEPS))
