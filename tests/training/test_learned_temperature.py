"""A temperature that is learned: its gradient, its least value, and models side by side."""

import math

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CosineCritic
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    generator_for,
)


def learned(temperature: float = 0.07) -> CosineCritic:
    return CosineCritic(
        4, 4, torch.Generator(), temperature=temperature, learn_temperature=True
    ).double()


def model(seed: int, temperature: float = 0.07) -> PairModel:
    drawn = generator_for(seed, "model")
    encoders = [nn.Linear(6, 4).double() for _ in "xy"]
    for each in encoders:
        for weights in each.parameters():
            weights.data.copy_(torch.randn(weights.shape, generator=drawn, dtype=torch.float64))
    return PairModel(encoders[0], encoders[1], learned(temperature))


def data() -> tuple[Tensor, Tensor]:
    drawn = generator_for(0, "data")
    x = torch.randn(23, 6, generator=drawn, dtype=torch.float64)
    return x, x + torch.randn(23, 6, generator=drawn, dtype=torch.float64) / 4


def training_of(models: list[PairModel], **optimizer: float) -> PairTraining[PairModel]:
    drawn = [generator_for(seed, "batches") for seed in range(len(models))]
    return PairTraining(
        models,
        ShuffledBatches(*data(), 8, drawn),
        Objective(BOUNDS["infonce-symmetric"]()),
        optimizer=OptimizerConfig(optimizer.get("learning_rate", 1e-2), weight_decay=0.1),
    )


def test_its_gradient_is_that_of_the_loss_of_clip_written_out() -> None:
    x, y = (each[:5, :4] for each in data())
    critic = learned()
    scores = critic(x, y)
    loss = -BOUNDS["infonce-symmetric"]().objective(scores)
    loss.backward()
    scale = critic.log_scale.detach().clone().requires_grad_()
    assert scale.item() == pytest.approx(-math.log(0.07), rel=1e-6)
    logits = scale.exp() * nn.functional.normalize(x) @ nn.functional.normalize(y).T
    labels = torch.arange(5)
    cross_entropy = nn.functional.cross_entropy
    written_out = (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2
    written_out.backward()
    assert loss.item() == pytest.approx(written_out.item() - math.log(5), rel=1e-12)
    assert critic.log_scale.grad is not None
    assert scale.grad is not None
    torch.testing.assert_close(critic.log_scale.grad, scale.grad)


def test_it_falls_to_a_hundredth_and_no_further_and_may_rise_again() -> None:
    training = training_of([model(0, temperature=0.011)], learning_rate=0.5)
    critic = training.modules[0].critic
    assert isinstance(critic, CosineCritic)
    with torch.no_grad():
        critic.log_scale.fill_(math.log(99.0))
    critic.log_scale.grad = torch.tensor(-1.0, dtype=torch.float64)
    training._optimizer.step()
    assert critic.temperature == pytest.approx(0.01, rel=1e-12)
    assert critic.largest_score == 100.0
    for _ in range(3):
        critic.log_scale.grad = torch.tensor(1e3, dtype=torch.float64)
        training._optimizer.step()
    assert critic.temperature > 0.011


def test_models_side_by_side_each_learn_their_own() -> None:
    together = training_of([model(0, 0.0101), model(1, 0.5)], learning_rate=0.1)
    alone = [model(0, 0.0101), model(1, 0.5)]
    for index in (0, 1):
        single = PairTraining(
            [alone[index]],
            ShuffledBatches(*data(), 8, [generator_for(index, "batches")]),
            Objective(BOUNDS["infonce-symmetric"]()),
            optimizer=OptimizerConfig(0.1, weight_decay=0.1),
        )
        for _ in range(4):
            single.update()
    for _ in range(4):
        together.update()
    for mine, other in zip(together.modules, alone, strict=True):
        assert isinstance(mine.critic, CosineCritic)
        assert isinstance(other.critic, CosineCritic)
        assert mine.critic.temperature == pytest.approx(other.critic.temperature, rel=1e-9)
        assert mine.critic.temperature not in (0.0101, 0.5)
        torch.testing.assert_close(list(mine.parameters()), list(other.parameters()))
