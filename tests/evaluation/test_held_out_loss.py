"""The terms of a loss on held-out pairs: means over batches, which change nothing."""

import pytest
import torch
from torch import Tensor, nn

from infomax.critics import CosineCritic
from infomax.evaluation.held_out_loss import held_out_terms
from infomax.losses import LOSSES, LossInputs, LossParts, find_loss
from infomax.training import PairModel
from infomax.training.code_losses import EncodedPairs, give_parts

SIZE = 8
# MoCo's queue is left empty here.
MEASURED = [name for name in LOSSES if name != "moco"]


def model(name: str) -> PairModel:
    torch.manual_seed(0)
    encoder, identity = nn.Linear(6, 4), nn.Identity()
    made = PairModel(
        encoder, encoder, CosineCritic(4, 4, torch.Generator()), heads=(identity, identity)
    )
    parts = LossParts(5, 0.9, queue_size=6).needed(find_loss(name).needs)
    give_parts(made, parts, 4, seed=0, steps=1)
    return made


def batches() -> list[tuple[Tensor, Tensor]]:
    x, y = torch.randn(2, 3 * SIZE, 6, generator=torch.Generator().manual_seed(0))
    return list(zip(x.split(SIZE), (x + y / 4).split(SIZE), strict=True))


@pytest.mark.parametrize("name", MEASURED)
def test_they_are_means_over_batches_of_the_model_as_it_is_evaluated(name: str) -> None:
    loss, trained = find_loss(name), model(name)
    before = {key: value.clone() for key, value in trained.state_dict().items()}
    labels = torch.arange(3 * SIZE) % 3
    found = held_out_terms(loss, trained, batches(), labels=labels)
    assert ("loss_marginal" in found) == loss.has_marginal
    assert all(torch.equal(value, before[key]) for key, value in trained.state_dict().items())
    assert trained.training
    trained.eval()
    of_batches = [
        loss.terms(LossInputs(**EncodedPairs(trained)(x, y), labels=some))  # type: ignore[arg-type]
        for (x, y), some in zip(batches(), labels.split(SIZE), strict=True)
    ]
    joint = torch.stack([each.joint.value for each in of_batches]).mean()
    assert found["loss_joint"] == pytest.approx(joint.item(), rel=1e-5)
    total = torch.stack([each.total for each in of_batches]).mean().item()
    assert sum(found.values()) == pytest.approx(total, rel=1e-4)


def test_a_queue_counts_once_it_is_full() -> None:
    trained = model("moco")
    assert held_out_terms(find_loss("moco"), trained, batches()) == {}
    assert trained.queue is not None
    trained.queue.push(torch.randn(6, 4))
    assert set(held_out_terms(find_loss("moco"), trained, batches())) == {
        "loss_joint",
        "loss_marginal",
    }
