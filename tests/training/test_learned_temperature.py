"""A temperature that is learned: its gradient, its least value, and models side by side."""

import math

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CosineCritic
from infomax.errors import UserError
from infomax.losses import LossInputs, find_loss
from infomax.training import (
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    generator_for,
)
from infomax.training.code_losses import check_loss_on_codes


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


@pytest.mark.parametrize("name", ["nt-xent", "supcon"])
def test_a_loss_trains_the_temperature_that_its_codes_are_compared_at(name: str) -> None:
    trained, alone = model(0), model(0)
    loss = find_loss(name, {"learn_temperature": True})
    labels = torch.arange(23) % 3
    training = PairTraining(
        [trained],
        ShuffledBatches(*data(), 8, [generator_for(0, "batches")]),
        Objective(BOUNDS["infonce"](), loss=loss),
        optimizer=OptimizerConfig(1e-2),
        labels=labels if name == "supcon" else None,
    )
    drawn = ShuffledBatches(*data(), 8, [generator_for(0, "batches")])
    x, y = (each.squeeze(0) for each in drawn.draw())
    made = training.update()
    codes = alone.x_encoder(x), alone.y_encoder(y)
    assert isinstance(alone.critic, CosineCritic)
    own_labels = labels[drawn.positions.squeeze(0)]
    temperature = (-alone.critic.log_scale).exp()
    expected = loss(LossInputs(*codes, labels=own_labels, temperature=temperature))
    fixed = find_loss(name, {"temperature": temperature.item()})
    assert expected.item() == pytest.approx(fixed(LossInputs(*codes, labels=own_labels)).item())
    expected.backward()
    assert made.loss.item() == pytest.approx(expected.item(), rel=1e-12)
    for mine, other in zip(trained.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad)
    assert isinstance(trained.critic, CosineCritic)
    assert trained.critic.temperature != alone.critic.temperature


def test_losses_of_models_side_by_side_each_learn_their_own() -> None:
    objective = Objective(
        BOUNDS["infonce"](), loss=find_loss("nt-xent", {"learn_temperature": True})
    )

    def updated(models: list[PairModel], seeds: list[int]) -> None:
        batches = ShuffledBatches(*data(), 8, [generator_for(seed, "batches") for seed in seeds])
        training = PairTraining(models, batches, objective, optimizer=OptimizerConfig(0.1))
        for _ in range(3):
            training.update()

    together, alone = ([model(0, 0.05), model(1, 0.5)] for _ in range(2))
    updated(together, [0, 1])
    for seed, single in enumerate(alone):
        updated([single], [seed])
        torch.testing.assert_close(
            list(together[seed].parameters()), list(single.parameters()), rtol=1e-6, atol=1e-8
        )


def test_a_loss_that_learns_its_temperature_needs_a_critic_that_does() -> None:
    learning, fixed = (find_loss("nt-xent", {"learn_temperature": each}) for each in (True, False))
    assert learning.critic_options == {"temperature": 0.5, "learn_temperature": True}
    codes, plain = torch.zeros(2, 4), model(0)
    plain.critic = CosineCritic(4, 4, torch.Generator())
    check_loss_on_codes(learning, model(0), codes, codes)
    with pytest.raises(UserError, match=r"^the loss nt-xent learns the temperature of its critic"):
        check_loss_on_codes(learning, plain, codes, codes)
    with pytest.raises(UserError, match=r"^the critic CosineCritic has weights, which the loss"):
        check_loss_on_codes(fixed, model(0), codes, codes)
    with pytest.raises(UserError, match=r"^the loss nt-xent learns its temperature: give what it"):
        learning(LossInputs(codes, codes))


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
