"""Batches that are shared by processes, scored in tiles or encoded in parts: the same numbers."""

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS, PlainBound
from infomax.critics import BilinearCritic, ConcatCritic
from infomax.encoders import MLPEncoder
from infomax.errors import UserError
from infomax.processes import Processes
from infomax.score_matrix import check_score_matrix
from infomax.training import BatchPlan, Objective, PairModel
from infomax.training.shared_batch import SharedBatch, check_plan

Outcomes: TypeAlias = dict[Any, dict[str, Tensor]]

SCRIPT = Path(__file__).with_name("parity_on_ranks.py")
RELATIVE = 1e-10


def started(number: int, folder: Path) -> list[Outcomes]:
    """Return what each of so many processes has come to."""
    folder.mkdir()
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={number}"]
    command = [sys.executable, *(launcher if number > 1 else []), str(SCRIPT), str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return [torch.load(folder / f"{rank}.pt") for rank in range(number)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return started(1, tmp_path_factory.mktemp("ranks") / "alone")[0]


def assert_same(got: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Compare losses, estimates, the first gradients and the last weights.

    Some weights have a gradient of exactly zero, such as a bias that moves all scores alike: of
    those only rounding errors could be compared, of which Adam makes steps.
    """
    statistics = [name for name in expected if name.startswith("statistic")]
    for name in ("loss", "estimate", *statistics):
        torch.testing.assert_close(got[name], expected[name], rtol=RELATIVE, atol=RELATIVE)
    gradients = [name for name in expected if name.startswith("gradient")]
    largest = max(float(expected[name].abs().max()) for name in gradients)
    ours, theirs = [], []
    for name in gradients:
        trained = expected[name].abs() > 1e-6 * largest
        torch.testing.assert_close(
            got[name][trained], expected[name][trained], rtol=RELATIVE, atol=1e-6 * RELATIVE
        )
        assert bool((got[name][~trained].abs() < 2e-6 * largest).all())
        weight = name.replace("gradient of", "weight")
        ours.append(got[weight][trained])
        theirs.append(expected[weight][trained])
    after, expected_after = torch.cat(ours), torch.cat(theirs)
    assert len(after) > sum(expected[name].numel() for name in gradients) / 4
    assert float((after - expected_after).norm()) <= RELATIVE * float(expected_after.norm())


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3])
def test_processes_come_to_what_one_comes_to(number: int, alone: Outcomes, tmp_path: Path) -> None:
    for outcomes in started(number, tmp_path / "together"):
        assert outcomes.keys() == alone.keys()
        for case, expected in alone.items():
            assert_same(outcomes[case], expected)


def test_tiles_and_parts_come_to_what_the_whole_batch_comes_to(alone: Outcomes) -> None:
    compared = 0
    for case, got in alone.items():
        if case[3:5] != (None, None):
            assert_same(got, alone[(*case[:3], None, None, case[5])])
            compared += 1
    assert compared > len(BOUNDS)


def model(critic: str = "bilinear", *middle: nn.Module) -> PairModel:
    drawn = torch.Generator().manual_seed(0)
    encoders = [nn.Sequential(MLPEncoder((3,), drawn, layer_sizes=(8, 4)), *middle) for _ in "xy"]
    kinds = {"bilinear": BilinearCritic, "concat": ConcatCritic}
    return PairModel(encoders[0], encoders[1], kinds[critic](4, 4, drawn))


def shared(plan: BatchPlan, *, of: PairModel | None = None, bound: str = "infonce") -> SharedBatch:
    objective = Objective(BOUNDS[bound]())
    trained = of or model()
    check_plan(plan, trained, objective)
    return SharedBatch(trained, objective, plan, mixed_precision=False)


def test_dropout_is_drawn_alike_both_times() -> None:
    dropping = model("bilinear", nn.Dropout(0.5))
    views = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        shared(BatchPlan(encode_at_once=4), of=dropping).differentiate(views, views)
        after = torch.get_rng_state()
        got = [each.grad.clone() for each in dropping.parameters() if each.grad is not None]
        # The same parts with all their activations kept, in the same order.
        torch.manual_seed(3)
        x = torch.cat([dropping.x_encoder(part) for part in views.split(4)])
        y = torch.cat([dropping.y_encoder(part) for part in views.split(4)])
        assert torch.equal(torch.get_rng_state(), after)
        dropping.zero_grad()
        (-BOUNDS["infonce"]().objective(dropping.critic(x, y))).backward()
    expected = [each.grad for each in dropping.parameters() if each.grad is not None]
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_in_mixed_precision_a_batch_in_tiles_is_near_the_whole() -> None:
    views = torch.randn(40, 3, generator=torch.Generator().manual_seed(1))
    gradients = []
    for plan in (BatchPlan(encode_at_once=40), BatchPlan(tile_size=16)):
        trained = model()
        objective = Objective(BOUNDS["infonce"]())
        SharedBatch(trained, objective, plan, mixed_precision=True).differentiate(views, views)
        of_all = [each.grad.flatten() for each in trained.parameters() if each.grad is not None]
        gradients.append(torch.cat(of_all))
    dense, tiled = gradients
    assert float((dense - tiled).norm() / dense.norm()) < 2**-6


@pytest.mark.parametrize(
    ("plan", "critic", "middle", "message"),
    [
        (BatchPlan(tile_size=4), "concat", (), "ConcatCritic cannot be made in tiles"),
        (BatchPlan(encode_at_once=4), "bilinear", (nn.BatchNorm1d(4),), "is a batch norm"),
        (BatchPlan(Processes(0, 2)), "bilinear", (nn.BatchNorm1d(4),), "its own part of the"),
    ],
)
def test_what_cannot_be_cut_is_refused(
    plan: BatchPlan, critic: str, middle: tuple[nn.Module, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        shared(plan, of=model(critic, *middle))


@pytest.mark.parametrize("bound", ["jensen-shannon", "smile"])
def test_a_bound_that_needs_each_score_is_not_computed_in_tiles(bound: str) -> None:
    with pytest.raises(UserError, match=f"the bound {bound} cannot be computed in tiles"):
        shared(BatchPlan(tile_size=4), bound=bound)


def test_a_bound_of_tensors_alone_is_refused_by_name_on_several_processes() -> None:
    def mine_own(scores: Tensor) -> Tensor:
        return math.log(check_score_matrix(scores, at_least=2)) - scores.mean()

    objective = Objective(PlainBound("mine-own", "neither", mine_own))
    with pytest.raises(UserError, match="bound mine-own cannot be computed by several processes"):
        check_plan(BatchPlan(Processes(0, 2)), model(), objective)


@pytest.mark.parametrize("name", ["tile_size", "encode_at_once"])
def test_parts_hold_at_least_a_pair_and_at_most_the_batch(name: str) -> None:
    def plan(rows: int) -> BatchPlan:
        return BatchPlan(tile_size=rows) if name == "tile_size" else BatchPlan(encode_at_once=rows)

    for rows in (1, 8):
        plan(rows).check(8)
    for rows in (0, 9):
        with pytest.raises(UserError, match=f"^{name} is {rows}, a batch 8 pairs"):
            plan(rows).check(8)
