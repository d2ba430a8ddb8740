"""What a GPU is to give: seeds that cost next to nothing, and products at its speed."""

import pytest
import torch

from benchmarks.bench_training_step import BATCH_SIZE, model_with
from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.bounds import BOUNDS, infonce
from infomax.score_matrix import TiledScores
from infomax.studies.image_pairs import ImagePairs
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    generator_for,
)

SEEDS = 20
STEPS = 100
PAIRS, SIZE = 65_536, 128
TILE = 4_096
# A product at which a GPU is at its quickest, and how many operations it is.
SIDE = 8_192
ROUNDS = 15
LARGEST_ERROR = 0.02


def need_gpu(table: list[Row], subject: str, at_most: float) -> None:
    """Say in the table what could not be measured."""
    if not torch.cuda.is_available():
        table.append(Row(subject, "no GPU at hand", "", None, at_most))
        pytest.skip("no GPU at hand")


def test_seeds_side_by_side_on_a_gpu(
    compare: Compare, table: list[Row], images: ImagePairs
) -> None:
    subject = f"step of {SEEDS} seeds side by side on a GPU, MLP, bilinear, InfoNCE, batch 128"
    need_gpu(table, subject, 2.0)
    x, y = (each.cuda() for each in (images.train.x, images.train.y))

    def training_of(seeds: int) -> PairTraining[PairModel]:
        models = [model_with("bilinear").cuda() for _ in range(seeds)]
        drawn = [generator_for(seed, "batches") for seed in range(seeds)]
        batches = ShuffledBatches(x, y, BATCH_SIZE, drawn)
        objective = Objective(BOUNDS["infonce"]())
        return PairTraining(models, batches, objective, optimizer=OptimizerConfig(1e-4))

    def steps(training: PairTraining[PairModel]) -> None:
        for _ in range(STEPS):
            update = training.update()
        assert bool(update.loss.isfinite().all())

    of_all, of_one = training_of(SEEDS), training_of(1)
    turns = compare(lambda: steps(of_all), lambda: steps(of_one), rounds=ROUNDS)
    table.append(turns.row(subject, beside="one seed", at_most=2.0, times=STEPS))


def test_a_large_batch_at_the_speed_of_products(compare: Compare, table: list[Row]) -> None:
    subject = f"infonce forward and backward on a GPU, {PAIRS:,} pairs x {SIZE}, bfloat16"
    need_gpu(table, subject, 2.0)
    drawn = generator_for(0, "factors")
    u, v = (0.2 * torch.randn(2, PAIRS, SIZE, generator=drawn)).cuda().bfloat16()
    u.requires_grad_()
    v.requires_grad_()
    side = torch.randn(SIDE, SIDE, generator=drawn).cuda().bfloat16()
    # As many operations as three products of all scores, in products as quick as they can be.
    products = round(3 * PAIRS**2 * SIZE / SIDE**3)

    def ours() -> tuple[torch.Tensor, ...]:
        found = torch.autograd.grad(infonce(TiledScores(u, v, rows_at_once=TILE)), (u, v))
        torch.cuda.synchronize()
        return found

    def ceiling() -> None:
        for _ in range(products):
            side @ side
        torch.cuda.synchronize()

    exact = [each.detach().float().requires_grad_() for each in (u, v)]
    of_exact = infonce(TiledScores(*exact, rows_at_once=TILE))
    for got, expected in zip(ours(), torch.autograd.grad(of_exact, exact), strict=True):
        assert float((got.float() - expected).norm() / expected.norm()) < LARGEST_ERROR
    turns = compare(ours, ceiling, rounds=ROUNDS)
    beside = f"as many operations in products of {SIDE:,} x {SIDE:,}"
    table.append(turns.row(subject, how=f"tiles of {TILE:,} rows", beside=beside, at_most=2.0))
