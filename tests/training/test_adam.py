"""Adam against PyTorch's optimiser object, and what it leaves alone."""

import torch
from torch import Tensor

from infomax.training.adam import Adam


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
