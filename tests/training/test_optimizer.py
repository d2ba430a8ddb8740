"""Rules of updates, schedule, decay and clipping: against PyTorch's own optimizers and a loop."""

import copy
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from infomax.errors import UserError
from infomax.layers import dense
from infomax.training import OptimizerConfig, StackedModels
from infomax.training.optimizer import ScheduledOptimizer
from infomax.training.update_rules import LARS, SGD, Adam, checked_rule_options

VIEWS = torch.rand(3, 16, 5, generator=torch.Generator().manual_seed(3))
CONFIGS = {
    "plain": OptimizerConfig(1e-2),
    "scheduled": OptimizerConfig(1e-2, warm_up_steps=3, cosine_steps=12),
    "decayed": OptimizerConfig(1e-2, weight_decay=0.3),
    "clipped": OptimizerConfig(1e-2, gradient_norm=0.05),
    "all": OptimizerConfig(
        1e-2, warm_up_steps=3, cosine_steps=12, weight_decay=0.3, gradient_norm=0.05
    ),
    "sgd": OptimizerConfig(0.1, warm_up_steps=3, cosine_steps=12, weight_decay=0.3, name="sgd"),
    "sgd without momentum": OptimizerConfig(0.1, name="sgd", options={"momentum": 0.0}),
    "nesterov": OptimizerConfig(
        0.1, weight_decay=0.3, gradient_norm=0.05, name="sgd", options={"nesterov": True}
    ),
}
LARS_CONFIG = OptimizerConfig(
    2.0,
    warm_up_steps=3,
    cosine_steps=12,
    weight_decay=0.3,
    name="lars",
    options={"momentum": 0.8, "trust_coefficient": 0.05},
)


def test_without_more_the_rate_is_constant() -> None:
    assert {OptimizerConfig(1e-3).factor(step) for step in (0, 1, 10**6)} == {1.0}


def test_the_rate_rises_in_a_line_and_falls_along_half_a_cosine() -> None:
    optimizer = OptimizerConfig(1.0, warm_up_steps=4, cosine_steps=12)
    assert [optimizer.factor(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    falling = [optimizer.factor(step) for step in range(4, 13)]
    expected = [(1 + math.cos(math.pi * place / 8)) / 2 for place in range(9)]
    assert falling == pytest.approx(expected)


@given(st.integers(0, 50), st.integers(1, 200), st.integers(0, 400))
def test_the_factor_is_a_share_and_nothing_after_the_end(
    warm_up: int, steps: int, step: int
) -> None:
    optimizer = OptimizerConfig(1.0, warm_up_steps=warm_up, cosine_steps=steps)
    assert 0 <= optimizer.factor(step) <= 1
    if step >= max(steps, warm_up + 1):
        assert optimizer.factor(step) == pytest.approx(0)


def parameters() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.randn(size, generator=generator) for size in ((4, 3), (4,), (2, 4))]
    return [each.double().requires_grad_() for each in drawn]


def differentiate(trained: list[Tensor], step: int) -> None:
    torch.stack([(each * (step + each)).square().sum() for each in trained]).sum().backward()


def test_it_updates_as_pytorchs_optimiser_does_with_a_decay_for_each_parameter() -> None:
    ours, theirs = parameters(), parameters()
    updates = Adam(ours, weight_decay=[0.3, 0.0, 0.3])
    groups = [
        {"params": [theirs[0], theirs[2]], "weight_decay": 0.3},
        {"params": [theirs[1]], "weight_decay": 0.0},
    ]
    reference = torch.optim.AdamW(groups, foreach=False)
    for step in range(10):
        learning_rate = 0.1 / (step + 1)
        updates.clear()
        differentiate(ours, step)
        updates.step(learning_rate)
        for group in reference.param_groups:
            group["lr"] = learning_rate
        reference.zero_grad()
        differentiate(theirs, step)
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_a_parameter_without_gradient_is_neither_moved_nor_counted() -> None:
    first, second = parameters()[:2]
    before = second.detach().clone()
    updates = Adam([first, second])
    differentiate([first], 0)
    updates.step(0.1)
    assert torch.equal(second, before)
    state = updates.state()
    assert (float(state["0.step"]), float(state["1.step"])) == (1.0, 0.0)
    assert not state["1.exp_avg"].any()


def models(number: int) -> list[nn.Sequential]:
    return [
        nn.Sequential(
            dense(5, 4, torch.Generator().manual_seed(seed)),
            nn.Tanh(),
            dense(4, 1, torch.Generator().manual_seed(seed + 100)),
        )
        for seed in range(number)
    ]


def loss_of(outputs: Tensor) -> Tensor:
    return (outputs - 1).square().mean()


def gradients_of(side_by_side: StackedModels[nn.Sequential]) -> list[Tensor]:
    return [each.grad for each in side_by_side.parameters if each.grad is not None]


def trained_alone(model: nn.Sequential, views: Tensor, optimizer: OptimizerConfig) -> None:
    """Train by PyTorch's optimiser, scheduler and clipping as anyone would write it."""
    matrices = [each for each in model.parameters() if each.ndim > 1]
    biases = [each for each in model.parameters() if each.ndim == 1]
    groups = [
        {"params": matrices, "weight_decay": optimizer.weight_decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    optimiser = (
        torch.optim.AdamW(groups, lr=optimizer.learning_rate)
        if optimizer.name == "adam"
        else torch.optim.SGD(
            groups, lr=optimizer.learning_rate, **{"momentum": 0.9, **optimizer.options}
        )
    )
    schedule = LambdaLR(optimiser, optimizer.factor)
    for _ in range(10):
        optimiser.zero_grad()
        loss_of(model(views)).backward()
        if optimizer.gradient_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), optimizer.gradient_norm)
        optimiser.step()
        schedule.step()


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("number", [1, 3])
def test_models_side_by_side_are_updated_as_pytorch_updates_each_alone(
    name: str, number: int
) -> None:
    optimizer = CONFIGS[name]
    together = models(number)
    alone = copy.deepcopy(together)
    side_by_side = StackedModels(together)
    updating = ScheduledOptimizer(side_by_side, optimizer)
    for _ in range(10):
        outputs = side_by_side(VIEWS[:number])
        updating.clear()
        torch.stack([loss_of(each) for each in outputs]).sum().backward()
        updating.step()
    for model, views in zip(alone, VIEWS[:number], strict=True):
        trained_alone(model, views, optimizer)
    for one, other in zip(together, alone, strict=True):
        for first, second in zip(one.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.0}, {"nesterov": True}])
def test_sgd_updates_as_pytorchs_optimiser_to_the_bit(options: dict[str, Any]) -> None:
    ours, theirs = parameters(), parameters()
    updates = SGD(ours, weight_decay=[0.3, 0.3, 0.3], **options)
    settings = {"momentum": 0.9, "weight_decay": 0.3, **options}
    reference = torch.optim.SGD(theirs, lr=0.01, fused=True, **settings)
    for step in range(10):
        updates.clear()
        differentiate(ours, step)
        updates.step(0.01)
        reference.zero_grad()
        differentiate(theirs, step)
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        assert torch.equal(one, other)


def lars_alone(model: nn.Sequential, views: Tensor, config: OptimizerConfig) -> None:
    """Train by algorithm 1 of You, Gitman and Ginsburg (2017), layer by layer, as it is printed."""
    momentum, trust = config.options["momentum"], config.options["trust_coefficient"]
    velocities = [torch.zeros_like(each) for each in model.parameters()]
    for step in range(10):
        gradients = torch.autograd.grad(loss_of(model(views)), list(model.parameters()))
        rate = config.learning_rate * config.factor(step)
        each = zip(model.parameters(), gradients, velocities, strict=True)
        for weights, gradient, velocity in each:
            decay, local = 0.0, 1.0
            if weights.ndim > 1:
                decay = config.weight_decay
                length, slope = (
                    math.sqrt(sum(v**2 for v in t.flatten().tolist())) for t in (weights, gradient)
                )
                local = trust * length / (slope + decay * length)
            with torch.no_grad():
                velocity.copy_(momentum * velocity + rate * local * (gradient + decay * weights))
                weights.copy_(weights - velocity)


@pytest.mark.parametrize("number", [1, 3])
def test_lars_is_the_algorithm_as_it_is_printed_for_each_model(number: int) -> None:
    together = [each.double() for each in models(number)]
    alone = copy.deepcopy(together)
    side_by_side, views = StackedModels(together), VIEWS[:number].double()
    updating = ScheduledOptimizer(side_by_side, LARS_CONFIG)
    for _ in range(10):
        updating.clear()
        torch.stack([loss_of(each) for each in side_by_side(views)]).sum().backward()
        updating.step()
    before = next(models(1)[0].double().parameters())
    assert not torch.allclose(before, next(together[0].parameters()))
    for model, own_views in zip(alone, views, strict=True):
        lars_alone(model, own_views, LARS_CONFIG)
    for one, other in zip(together, alone, strict=True):
        for first, second in zip(one.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(first, second, rtol=1e-10, atol=1e-12)


def test_lars_moves_weights_of_zeros_and_leaves_those_without_gradient() -> None:
    zeros, other = (torch.zeros(2, 3, requires_grad=True) for _ in range(2))
    updates = LARS([zeros, other], trust_coefficient=0.5)
    zeros.grad = torch.ones(2, 3)
    updates.step(0.25)
    assert zeros.tolist() == [[-0.25] * 3] * 2
    assert not other.any()


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("adamw", {}, r"^unknown optimizer 'adamw': did you mean 'adam'"),
        ("adam", {"momentum": 0.9}, r"^optimizer adam takes no options: leave out 'momentum'"),
        ("sgd", {"momentun": 0.9}, r"^unknown optimizer sgd option 'momentun': did you mean 'mome"),
        ("sgd", {"momentum": 1.0}, r"^momentum is 1\.0: give at least 0 and less than 1"),
        ("sgd", {"momentum": 0, "nesterov": True}, r"^Nesterov's momentum is asked for, and mom"),
        ("lars", {"trust_coefficient": 0}, r"^trust_coefficient is 0.*: give a number above 0"),
        ("lars", {"stacked": True}, r"^unknown optimizer lars option 'stacked'"),
    ],
)
def test_a_rule_that_there_is_not_is_refused_by_name(
    name: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        OptimizerConfig(0.1, name=name, options=options)


def test_options_are_read_as_the_rule_takes_them() -> None:
    assert checked_rule_options("lars", {"momentum": "0.8"}) == {"momentum": 0.8}


@pytest.mark.parametrize("number", [1, 3])
def test_gradients_are_clipped_model_by_model(number: int) -> None:
    side_by_side = StackedModels(models(number))
    scale = torch.arange(number).reshape(-1, 1, 1) * 10 + 0.01
    (side_by_side(VIEWS[:number]) * scale).sum().backward()
    before = [gradient.clone() for gradient in gradients_of(side_by_side)]
    side_by_side.clip_gradients(0.5)
    for place in range(number):
        old, new = (
            torch.cat([(each if number == 1 else each[place]).flatten() for each in gradients])
            for gradients in (before, gradients_of(side_by_side))
        )
        expected = old * min(1, 0.5 / float(old.norm()))
        torch.testing.assert_close(new, expected)


@pytest.mark.parametrize("number", [1, 3])
def test_the_gradient_of_a_parameter_that_is_one_number_is_clipped_too(number: int) -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(2.0))

        def forward(self, views: Tensor) -> Tensor:
            return self.scale * views

    side_by_side = StackedModels([Scale() for _ in range(number)])
    (scale,) = side_by_side.trainable
    scale.grad = torch.full_like(scale, 4.0)
    side_by_side.clip_gradients(0.5)
    torch.testing.assert_close(scale.grad, torch.full_like(scale, 0.5))


def test_a_gradient_of_zeros_stays_one() -> None:
    side_by_side = StackedModels(models(1))
    (side_by_side(VIEWS[:1]) * 0).sum().backward()
    side_by_side.clip_gradients(1.0)
    assert not any(gradient.any() for gradient in gradients_of(side_by_side))


@pytest.mark.parametrize("name", [*CONFIGS, "lars"])
def test_restored_it_goes_on_to_the_same_bits(name: str) -> None:
    config = CONFIGS.get(name, LARS_CONFIG)
    whole, taken_up = (StackedModels(models(1)) for _ in range(2))
    first = ScheduledOptimizer(whole, config)
    for _ in range(4):
        first.clear()
        loss_of(whole(VIEWS[:1])).backward()
        first.step()
    state = {key: value.clone() for key, value in first.state().items()}
    with torch.no_grad():
        for one, other in zip(taken_up.parameters, whole.parameters, strict=True):
            one.copy_(other)
    second = ScheduledOptimizer(taken_up, config)
    second.restore(state)
    for side_by_side, updating in ((whole, first), (taken_up, second)):
        for _ in range(4):
            updating.clear()
            loss_of(side_by_side(VIEWS[:1])).backward()
            updating.step()
    for one, other in zip(whole.parameters, taken_up.parameters, strict=True):
        assert torch.equal(one, other)
