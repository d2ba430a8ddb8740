"""What the monitor takes of a training in a loop of one's own, at its default cadence."""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import nn

from benchmarks.table import Row
from benchmarks.turns import Compare
from infomax.encoders import ConvNetEncoder
from infomax.losses import k_pair_loss
from infomax.monitor import ContrastiveMonitor
from infomax.studies.image_pairs import ImagePairs
from infomax.training import generator_for

BATCH_SIZE = 128
STEPS = 100
ROUNDS = 3
TEMPERATURE = 0.1


def training(images: ImagePairs) -> Callable[[], tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Return a step of two ConvNets, which gives the codes of its batch and the loss."""
    encoders = nn.ModuleList(ConvNetEncoder((14, 28, 1), generator_for(0, side)) for side in "xy")
    optimizer = torch.optim.Adam(encoders.parameters(), lr=1e-3)
    starts = itertools.cycle(range(0, 20_000, BATCH_SIZE))

    def step() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        rows = slice(start := next(starts), start + BATCH_SIZE)
        views = (images.train.x[rows], images.train.y[rows])
        z_x, z_y = (encoder(view) for encoder, view in zip(encoders, views, strict=True))
        unit_x, unit_y = (nn.functional.normalize(codes) for codes in (z_x, z_y))
        loss = k_pair_loss(unit_x @ unit_y.T / TEMPERATURE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return z_x, z_y, loss

    return step


# It is shown the codes of the first step for ever, which have learnt nothing.
@pytest.mark.filterwarnings("ignore::infomax.warnings.TrainingWarning")
def test_the_monitor_beside_the_steps_that_it_watches(
    compare: Compare, table: list[Row], images: ImagePairs
) -> None:
    step = training(images)
    z_x, z_y, loss = step()
    monitor = ContrastiveMonitor(temperature=TEMPERATURE)
    assert monitor.every == STEPS

    def watch() -> None:
        for _ in range(STEPS):
            monitor.update(z_x, z_y, loss=loss)

    def train() -> None:
        for _ in range(STEPS):
            step()

    turns = compare(watch, train, rounds=ROUNDS)
    assert len(monitor.readings) >= ROUNDS
    subject = f"monitor alone, {STEPS} steps of which it measures one, ConvNets, batch {BATCH_SIZE}"
    table.append(turns.row(subject, beside=f"{STEPS} steps without it", at_most=0.03))
