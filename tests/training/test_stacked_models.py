"""Models side by side: each learns what it learns alone, for every encoder and critic."""

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS
from infomax.encoders import ENCODERS
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    Pairs,
    PairTraining,
    ShuffledBatches,
    StackedModels,
    generator_for,
)

VIEW = (4, 6, 1)
SHAPES = {"series-convnet": (12, 2)}
SEEDS = (0, 1, 2)
UPDATES = 3


def model(encoder: str, critic: str, seed: int) -> PairModel:
    x_encoder, y_encoder = (
        ENCODERS[encoder](SHAPES.get(encoder, VIEW), generator_for(seed, f"{side}-encoder"))
        for side in ("x", "y")
    )
    sizes = x_encoder.code_size, y_encoder.code_size
    return PairModel(
        x_encoder, y_encoder, CRITICS[critic](*sizes, generator_for(seed, "critic"))
    ).double()


def pairs() -> Pairs:
    draw = torch.Generator().manual_seed(0)
    shared = torch.randn(200, 24, generator=draw, dtype=torch.float64)
    own = torch.randn(2, 200, 24, generator=draw, dtype=torch.float64)
    return Pairs(shared + 0.1 * own[0], shared + 0.1 * own[1])


def training(
    encoder: str, critic: str, seeds: tuple[int, ...], objective: Objective
) -> PairTraining[PairModel]:
    data = pairs()
    batches = ShuffledBatches(
        data.x, data.y, 16, [generator_for(seed, "batches") for seed in seeds]
    )
    models = [model(encoder, critic, seed) for seed in seeds]
    return PairTraining(models, batches, objective, optimizer=OptimizerConfig(1e-3))


def case_names() -> list[tuple[str, str]]:
    return [
        (encoder, critic)
        for encoder, maker in ENCODERS.items()
        if not getattr(maker, "reads_tokens", False)
        for critic in CRITICS
        # The parts do not know of each other: every one is here, but not every pairing.
        if encoder == "mlp" or critic == "bilinear"
    ]


@pytest.mark.parametrize(("encoder", "critic"), case_names())
def test_each_seed_learns_what_it_learns_alone(encoder: str, critic: str) -> None:
    objective = Objective(BOUNDS["nwj" if critic == "concat" else "infonce"](), target=1.0)
    together = training(encoder, critic, SEEDS, objective)
    updates = [together.update() for _ in range(UPDATES)]
    for place, seed in enumerate(SEEDS):
        alone = training(encoder, critic, (seed,), objective)
        for update in updates:
            loss = alone.update().loss
            torch.testing.assert_close(update.loss[place : place + 1], loss, rtol=1e-7, atol=1e-9)
        pairs_of_weights = zip(
            together.modules[place].named_parameters(),
            alone.modules[0].parameters(),
            strict=True,
        )
        for (name, one), other in pairs_of_weights:
            # Adam makes a full step of a gradient that is zero but for rounding.
            close = torch.isclose(one, other, rtol=1e-5, atol=1e-7)
            assert close.double().mean() > 0.99, name


def test_a_single_model_is_called_as_it_is() -> None:
    alone, wrapped = model("mlp", "concat", 0).float(), model("mlp", "concat", 0).float()
    x, y = torch.rand(2, 16, 24)
    assert torch.equal(StackedModels([wrapped])(x[None], y[None])[0], alone(x, y))


def test_models_follow_the_stacked_weights() -> None:
    models = [torch.nn.Linear(3, 2) for _ in SEEDS]
    side_by_side = StackedModels(models)
    with torch.no_grad():
        for stacked in side_by_side.parameters:
            stacked.add_(torch.arange(3.0).view(-1, *[1] * (stacked.ndim - 1)))
    inputs: Tensor = torch.rand(3, 5, 3)
    outputs = side_by_side(inputs)
    for place, each in enumerate(models):
        torch.testing.assert_close(outputs[place], each(inputs[place]))


class Normed(torch.nn.Module):
    """A layer between two batch norms, of which the first is frozen as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = torch.nn.BatchNorm1d(24).requires_grad_(False).eval()
        self.layer = torch.nn.Linear(24, 4)
        self.norm = torch.nn.BatchNorm1d(4)

    def forward(self, view: Tensor) -> Tensor:
        codes: Tensor = self.norm(self.layer(self.frozen(view)))
        return codes


def normed_training(seeds: tuple[int, ...]) -> PairTraining[PairModel]:
    data = pairs()
    models = []
    for seed in seeds:
        torch.manual_seed(seed)
        critic = CRITICS["bilinear"](4, 4, generator_for(seed, "critic"))
        models.append(PairModel(Normed(), Normed(), critic).double())
    batches = ShuffledBatches(
        data.x, data.y, 16, [generator_for(seed, "batches") for seed in seeds]
    )
    optimizer = OptimizerConfig(1e-2, weight_decay=0.5)
    return PairTraining(models, batches, Objective(BOUNDS["infonce"]()), optimizer=optimizer)


def copied(module: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


@pytest.mark.parametrize("seeds", [(0,), SEEDS])
def test_frozen_parts_stay_and_batch_norms_move_as_they_do_alone(seeds: tuple[int, ...]) -> None:
    together = normed_training(seeds)
    before = [copied(each) for each in together.modules]
    for _ in range(UPDATES):
        together.update()
    for place, seed in enumerate(seeds):
        alone = normed_training((seed,))
        for _ in range(UPDATES):
            alone.update()
        one, other = copied(together.modules[place]), copied(alone.modules[0])
        for name, value in one.items():
            if ".frozen." in name:
                assert torch.equal(value, before[place][name])
            elif ".norm." in name:
                torch.testing.assert_close(value, other[name])
        assert int(one["x_encoder.norm.num_batches_tracked"]) == UPDATES
        assert not together.modules[place].get_parameter("x_encoder.frozen.weight").requires_grad


def test_weights_that_are_taken_again_bring_the_batch_norms_with_them() -> None:
    whole = normed_training(SEEDS)
    whole.update()
    kept = [
        {name: value.clone() for name, value in whole.weights(index).items()}
        for index in range(len(SEEDS))
    ]
    before = [copied(each) for each in whole.modules]
    whole.update()
    moved = "x_encoder.norm.running_mean"
    assert not torch.equal(whole.modules[2].get_buffer(moved), before[2][moved])
    for index, weights in enumerate(kept):
        whole.take_weights(index, weights)
    for each, values in zip(whole.modules, before, strict=True):
        assert all(torch.equal(values[name], value) for name, value in copied(each).items())


def test_shared_weights_stay_shared() -> None:
    def tied(seed: int) -> PairModel:
        encoder = ENCODERS["mlp"](VIEW, generator_for(seed, "encoder"))
        return PairModel(encoder, encoder, CRITICS["bilinear"](100, 100, generator_for(seed, "f")))

    models = [tied(seed) for seed in SEEDS]
    side_by_side = StackedModels(models)
    assert len(side_by_side.parameters) == 7
    x, y = torch.rand(2, 3, 8, 24)
    scores = side_by_side(x, y)
    for place, each in enumerate(models):
        torch.testing.assert_close(scores[place], each(x[place], y[place]))
