"""Updates by a schedule, with decay and clipping, against PyTorch's own one after the other."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from infomax.layers import dense
from infomax.training import Optimisation, SideBySide
from infomax.training.optimiser import ScheduledAdam

VIEWS = torch.rand(3, 16, 5, generator=torch.Generator().manual_seed(3))
OPTIMISATIONS = {
    "plain": Optimisation(1e-2),
    "scheduled": Optimisation(1e-2, warm_up_steps=3, cosine_steps=12),
    "decayed": Optimisation(1e-2, weight_decay=0.3),
    "clipped": Optimisation(1e-2, largest_gradient_norm=0.05),
    "all": Optimisation(
        1e-2, warm_up_steps=3, cosine_steps=12, weight_decay=0.3, largest_gradient_norm=0.05
    ),
}


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


def gradients_of(side_by_side: SideBySide[nn.Sequential]) -> list[Tensor]:
    return [each.grad for each in side_by_side.parameters if each.grad is not None]


def trained_alone(model: nn.Sequential, views: Tensor, optimisation: Optimisation) -> None:
    """Train by PyTorch's optimiser, scheduler and clipping as anyone would write it."""
    matrices = [each for each in model.parameters() if each.ndim > 1]
    biases = [each for each in model.parameters() if each.ndim == 1]
    groups = [
        {"params": matrices, "weight_decay": optimisation.weight_decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=optimisation.learning_rate)
    schedule = LambdaLR(optimiser, optimisation.factor)
    for _ in range(10):
        optimiser.zero_grad()
        loss_of(model(views)).backward()
        if optimisation.largest_gradient_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), optimisation.largest_gradient_norm)
        optimiser.step()
        schedule.step()


@pytest.mark.parametrize("name", OPTIMISATIONS)
@pytest.mark.parametrize("number", [1, 3])
def test_models_side_by_side_are_updated_as_pytorch_updates_each_alone(
    name: str, number: int
) -> None:
    optimisation = OPTIMISATIONS[name]
    together = models(number)
    alone = copy.deepcopy(together)
    side_by_side = SideBySide(together)
    updating = ScheduledAdam(side_by_side, optimisation)
    for _ in range(10):
        outputs = side_by_side(VIEWS[:number])
        updating.clear()
        torch.stack([loss_of(each) for each in outputs]).sum().backward()
        updating.step()
    for model, views in zip(alone, VIEWS[:number], strict=True):
        trained_alone(model, views, optimisation)
    for one, other in zip(together, alone, strict=True):
        for first, second in zip(one.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("number", [1, 3])
def test_gradients_are_clipped_model_by_model(number: int) -> None:
    side_by_side = SideBySide(models(number))
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


def test_a_gradient_of_zeros_stays_one() -> None:
    side_by_side = SideBySide(models(1))
    (side_by_side(VIEWS[:1]) * 0).sum().backward()
    side_by_side.clip_gradients(1.0)
    assert not any(gradient.any() for gradient in gradients_of(side_by_side))


@pytest.mark.parametrize("name", OPTIMISATIONS)
def test_restored_it_goes_on_to_the_same_bits(name: str) -> None:
    whole, taken_up = (SideBySide(models(1)) for _ in range(2))
    first = ScheduledAdam(whole, OPTIMISATIONS[name])
    for _ in range(4):
        first.clear()
        loss_of(whole(VIEWS[:1])).backward()
        first.step()
    state = {key: value.clone() for key, value in first.state().items()}
    with torch.no_grad():
        for one, other in zip(taken_up.parameters, whole.parameters, strict=True):
            one.copy_(other)
    second = ScheduledAdam(taken_up, OPTIMISATIONS[name])
    second.restore(state)
    for side_by_side, updating in ((whole, first), (taken_up, second)):
        for _ in range(4):
            updating.clear()
            loss_of(side_by_side(VIEWS[:1])).backward()
            updating.step()
    for one, other in zip(whole.parameters, taken_up.parameters, strict=True):
        assert torch.equal(one, other)
