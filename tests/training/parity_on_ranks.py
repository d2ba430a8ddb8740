"""What training comes to on however many processes this script is started: see its test.

Started by ``torchrun`` or alone, it writes what each process has to a file of its own.
"""

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from infomax.bounds import BOUNDS
from infomax.critics import CRITICS, CosineCritic, FactoredCritic
from infomax.encoders import ProjectionHead
from infomax.losses import LOSSES, Loss, LossParts, find_loss
from infomax.processes import Processes
from infomax.training import (
    NEGATIVES,
    BatchPlan,
    Objective,
    OptimizerConfig,
    PairModel,
    PairTraining,
    ShuffledBatches,
    connected,
    find_negatives,
    generator_for,
)
from infomax.training.code_losses import give_parts

PAIRS, BATCH = 23, 7
LEARNED = "cosine with a learned temperature"
# All steps where the critic has factors and where it has none; elsewhere two will do.
STEPS = {"bilinear": 20, "concat": 20}
PARTS = LossParts(5, 0.9, "cosine", queue_size=9)

Case: TypeAlias = tuple[str, str, float | None, int | None, int | None, bool]
"""Bound, loss or negatives; critic, target, tile size, pairs encoded at once, batch norm or not."""


def cases() -> Iterator[Case]:
    """Yield what is to come to the same on every number of processes."""
    shared = [bound for bound in BOUNDS if BOUNDS[bound]().computed_from != "whole"]
    for bound, critic in product(shared, CRITICS):
        yield bound, critic, None, None, None, False
        factored = isinstance(CRITICS[critic](2, 2, torch.Generator()), FactoredCritic)
        if factored and BOUNDS[bound]().computed_from == "tiles":
            yield bound, critic, None, 2, None, False
    for bound in shared:
        yield bound, "separable", 0.5, None, None, False
        yield bound, "concat", None, None, 2, False
    for loss in LOSSES:
        if not {*find_loss(loss).needs} - {"labels"}:
            yield loss, "cosine", None, None, None, False
    for way, at_once in product(NEGATIVES, (None, 2)):
        yield way, "cosine", None, None, at_once, False
    yield "supcon", "cosine", None, None, 2, False
    for objective in ("infonce", "nt-xent", "barlow-twins"):
        yield objective, "cosine", None, None, None, True
    yield "infonce", "cosine", None, 2, None, True
    yield "infonce", LEARNED, None, None, None, False
    yield "infonce", LEARNED, None, 2, 3, False
    yield "nt-xent", LEARNED, None, None, None, False
    for loss, encode_at_once in product(("byol", "simsiam", "moco", "dino"), (None, 2)):
        yield loss, "cosine", None, None, encode_at_once, True


class BatchesOfParts:
    """Batches with two further views of each item, of the rows of this process."""

    def __init__(self, batches: ShuffledBatches) -> None:
        self._batches, self.local = batches, torch.empty(0)
        self.state, self.restore = batches.state, batches.restore

    @property
    def positions(self) -> Tensor:
        return self._batches.positions

    def draw(self) -> tuple[Tensor, Tensor]:
        x, y = self._batches.draw()
        self.local = torch.stack([x / 2 + y, x - y], dim=1)
        return x, y


def loss_of(name: str, *, learned: bool) -> Loss:
    """Return a loss, which may learn its temperature."""
    return find_loss(name, {"learn_temperature": True} if learned else {})


def outcome(processes: Processes, case: Case) -> dict[str, Tensor]:
    """Return losses, estimates, the first gradients and the last weights of a training."""
    bound, critic, target, tile_size, encode_at_once, batch_norm = case
    drawn = generator_for(0, "model")
    encoders = [nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4)) for _ in "xy"]
    heads = [
        ProjectionHead(4, drawn, hidden_sizes=(6, 5), output_size=4, batch_norm=True) for _ in "xy"
    ]
    model = PairModel(
        encoders[0],
        encoders[1],
        CosineCritic(4, 4, drawn, learn_temperature=True)
        if critic == LEARNED
        else CRITICS[critic](4, 4, drawn),
        heads=(heads[0], heads[1]) if batch_norm else None,
    ).double()
    for each in model.parameters():
        drawn_weights = torch.randn(each.shape, generator=drawn, dtype=torch.float64)
        each.data.copy_(drawn_weights / each.shape[-1:].numel() ** 0.5)
    for name, each in model.named_parameters():
        # It moves all scores alike, so its gradient is a rounding error, of which Adam would make a
        # step as long as any, and MINE, whose average remembers it, other gradients.
        # So it is with the last biases of encoders whose codes the loss itself standardises.
        of_no_effect = bound == "barlow-twins" and name.endswith("_encoder.2.bias")
        each.requires_grad_(not (name == "critic.output.bias" or of_no_effect))
    needs = find_loss(bound).needs if bound in LOSSES else ()
    give_parts(model, PARTS.needed(needs), 4, seed=0, steps=2)
    model.double()
    x = torch.randn(PAIRS, 6, generator=drawn, dtype=torch.float64)
    y = x + torch.randn(PAIRS, 6, generator=drawn, dtype=torch.float64) / 4
    negatives = find_negatives(bound if bound in NEGATIVES else "in-batch")
    objective = (
        Objective(BOUNDS["infonce"](), loss=loss_of(bound, learned=critic == LEARNED))
        if bound in LOSSES
        else Objective(BOUNDS["infonce" if bound in NEGATIVES else bound](), target)
    )
    orders = [generator_for(0, "batches")]
    batches = ShuffledBatches(x, y, BATCH, orders, processes=processes, drawn=negatives.drawn)
    training = PairTraining(
        [model],
        BatchesOfParts(batches) if bound == "dino" else batches,
        objective,
        optimizer=OptimizerConfig(1e-2, gradient_norm=1.0),
        plan=BatchPlan(processes, tile_size, encode_at_once),
        labels=torch.arange(PAIRS) % 3,
        negatives=negatives,
    )
    losses, estimates, gradients = [], [], {}
    for step in range(STEPS.get(critic, 2)):
        update = training.update()
        losses.append(update.loss)
        estimates.append(update.watched)
        if step == 0:
            gradients = {
                f"gradient of {name}": each.grad.clone()
                for name, each in model.named_parameters()
                if each.grad is not None
            }
    weights = {f"weight {name}": each.detach() for name, each in model.named_parameters()}
    statistics = {f"statistic {name}": each for name, each in model.named_buffers()}
    return {
        "loss": torch.cat(losses),
        "estimate": torch.cat(estimates),
        **gradients,
        **weights,
        **statistics,
    }


def main() -> None:
    """Write the outcome of every case, on this process, to the folder that is named."""
    torch.set_num_threads(1)
    with connected("cpu") as connection:
        processes = connection.processes
        outcomes: dict[Any, dict[str, Tensor]] = {
            case: outcome(processes, case) for case in cases()
        }
        torch.save(outcomes, Path(sys.argv[1]) / f"{processes.rank}.pt")


if __name__ == "__main__":
    main()
