"""Batch norm in a head: models side by side, checkpoints, and batches that are cut."""

from collections.abc import Sequence

import pytest
import torch
from torch import nn

from infomax.bounds import BOUNDS
from infomax.errors import UserError
from infomax.experiments.build import ModelConfig, build_model
from infomax.layers import BatchNorm, normalised_over
from infomax.losses import find_loss
from infomax.processes import Processes
from infomax.training import (
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    check_plan,
    generator_for,
)

OPTIONS = {"hidden_sizes": [6, 5], "batch_norm": True}
OBJECTIVES = {
    "bound": Objective(BOUNDS["infonce"]()),
    "loss": Objective(BOUNDS["infonce"](), loss=find_loss("nt-xent")),
}


def model(seed: int = 0, *, shared: bool = False) -> PairModel:
    config = ModelConfig(
        critic="cosine",
        encoder_options={"layer_sizes": [8, 4]},
        projection=3,
        head_options=OPTIONS,
        shared_encoder=shared,
        seed=seed,
    )
    return build_model(config, ((6,), (6,))).double()


def norm_of(model: PairModel) -> BatchNorm:
    return next(each for each in model.x_head.modules() if isinstance(each, BatchNorm))


def training_of(
    seeds: Sequence[int], objective: str = "bound", *, shared: bool = False
) -> PairTraining[PairModel]:
    drawn = generator_for(0, "data")
    x = torch.randn(23, 6, generator=drawn, dtype=torch.float64)
    y = x + torch.randn(23, 6, generator=drawn, dtype=torch.float64) / 4
    return PairTraining(
        [model(seed, shared=shared) for seed in seeds],
        ShuffledBatches(x, y, 8, [generator_for(seed, "batches") for seed in seeds]),
        OBJECTIVES[objective],
        optimizer=OptimizerConfig(1e-2),
    )


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_models_side_by_side_have_the_statistics_that_they_have_alone(
    objective: str, *, shared: bool
) -> None:
    together = training_of([0, 1], objective, shared=shared)
    alone = [training_of([seed], objective, shared=shared) for seed in (0, 1)]
    before = norm_of(model(0, shared=shared)).running_mean
    for _ in range(3):
        made = together.update()
        torch.testing.assert_close(made.loss, torch.cat([each.update().loss for each in alone]))
    for index in (0, 1):
        weights = alone[index].weights()
        for key, value in together.weights(index).items():
            torch.testing.assert_close(value, weights[key], msg=key)
        norm = norm_of(together.modules[index])
        assert not torch.allclose(norm.running_mean, before)
        assert int(norm.num_batches_tracked) == (6 if shared else 3)


@pytest.mark.parametrize("seeds", [[0], [0, 1]])
def test_restored_it_goes_on_to_the_bit_with_its_statistics(seeds: list[int]) -> None:
    through, begun, again = (training_of(seeds) for _ in range(3))
    for _ in range(3):
        through.update()
        begun.update()
    again.restore({name: value.clone() for name, value in begun.state().items()})
    for _ in range(3):
        assert torch.equal(through.update().loss, again.update().loss)
    state = again.state()
    for name, value in through.state().items():
        assert torch.equal(value, state[name]), name
    assert any("running_var" in name for name in state)


def test_by_one_process_it_is_pytorchs_to_the_bit() -> None:
    ours, theirs = BatchNorm(4), nn.BatchNorm1d(4)
    codes = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(ours(codes), theirs(codes))
    for name, value in ours.state_dict().items():
        assert torch.equal(value, theirs.state_dict()[name])


def test_heads_may_have_it_however_a_batch_is_cut() -> None:
    check_plan(BatchPlan(encode_at_once=3), model(), OBJECTIVES["bound"])
    check_plan(BatchPlan(Processes(0, 2)), model(), OBJECTIVES["bound"])


def test_whoever_lets_batch_norms_share_a_batch_leaves_them_by_themselves() -> None:
    trained = model()
    with normalised_over(Processes(0, 2), trained):
        assert norm_of(trained).processes.count == 2
    assert norm_of(trained).processes.count == 1


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"head_options": OPTIONS}, r"^head_options are options of a projection head"),
        (
            {"projection": 3, "head_options": {"output_size": 4}},
            r"^the output of a projection head is as large as projection says",
        ),
        (
            {"projection": 3, "head_options": {"hidden_size": 4}},
            r"^unknown projection head option 'hidden_size': did you mean 'hidden_sizes'",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(config: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        build_model(ModelConfig(critic="cosine", **config), ((6,), (6,)))  # type: ignore[arg-type]
