"""The monitor in a loop: when it measures, and what it says of planted faults, once."""

import math
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.errors import UserError
from infomax.monitor import ContrastiveMonitor
from infomax.warnings import (
    BelowChanceWarning,
    CodesCollapsedWarning,
    IdenticalViewsWarning,
    ImpossibleLossWarning,
    InfomaxWarning,
    NearCeilingWarning,
    NothingLearntWarning,
    PartingWarning,
    RepeatedItemsWarning,
)

SEEDS = range(20)


def pairs(seed: int, size: int = 64, noise: float = 1.2) -> tuple[Tensor, Tensor]:
    """Codes of two views that share a part."""
    draws = torch.Generator().manual_seed(seed)
    common = torch.randn(size, 16, generator=draws)
    x, y = (common + noise * torch.randn(size, 16, generator=draws) for _ in "xy")
    return x, y


def warned(
    monitor: ContrastiveMonitor, *batches: tuple[Tensor, Tensor], **given: Any
) -> list[type]:
    """What a monitor says of batches, in its order."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for x, y in batches:
            monitor.update(x, y, **given)
    assert all(each.filename == __file__ for each in caught)
    return [each.category for each in caught]


def test_it_measures_the_first_call_and_each_so_manyth() -> None:
    seen: list[tuple[int, Mapping[str, float]]] = []
    monitor = ContrastiveMonitor(every=3, logger=lambda metrics, step: seen.append((step, metrics)))
    x, y = pairs(0)
    given = [monitor.update(x, y) for _ in range(7)]
    assert [each is not None for each in given] == [True, False, False] * 2 + [True]
    assert [step for step, _ in seen] == [0, 3, 6]
    assert seen[0][1]["infomax/bound"] == monitor.readings[0].bound
    assert monitor.to_frame()["step"].tolist() == [0, 3, 6]
    assert all(math.isfinite(value) for value in seen[0][1].values())


@pytest.mark.parametrize("seed", SEEDS)
def test_sound_codes_raise_nothing(seed: int) -> None:
    monitor = ContrastiveMonitor(every=1, temperature=0.3)
    batches = [pairs(1000 * seed + each) for each in range(3)]
    assert warned(monitor, *batches, step=500) == []
    assert monitor.readings[-1].bound > 0.2


FAULTS: dict[type[InfomaxWarning], Any] = {
    CodesCollapsedWarning: lambda x, y: (x[:1] + 1e-5 * x, y),
    IdenticalViewsWarning: lambda x, _: (x, x.clone()),
    RepeatedItemsWarning: lambda x, y: (x, y[torch.arange(len(y)) // 4]),
    NearCeilingWarning: lambda x, y: (x, x + 0.1 * y),
    BelowChanceWarning: lambda x, y: (x, -x + 0.1 * y),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_for_every_seed(fault: type[InfomaxWarning]) -> None:
    found = 0
    for seed in SEEDS:
        monitor = ContrastiveMonitor(every=1, temperature=0.1)
        found += fault in warned(monitor, FAULTS[fault](*pairs(seed)), step=100)
    assert found == len(SEEDS)


def test_each_kind_of_warning_is_given_once() -> None:
    x, _ = pairs(0)
    monitor = ContrastiveMonitor(every=1, temperature=0.1)
    assert warned(monitor, *[(x, x)] * 5) == [IdenticalViewsWarning, NearCeilingWarning]


def test_a_batch_of_one_pair_has_a_ceiling_of_0() -> None:
    monitor = ContrastiveMonitor(every=1)
    x, y = pairs(0, size=1)
    assert NearCeilingWarning in warned(monitor, (x, y))
    assert (monitor.readings[0].bound, monitor.readings[0].ceiling) == (0.0, 0.0)


def test_what_has_learnt_nothing_is_told_after_enough_updates() -> None:
    monitor = ContrastiveMonitor(every=1, temperature=2.0)
    unrelated = [(pairs(seed)[0], pairs(seed + 100)[1]) for seed in range(4)]
    assert warned(monitor, *unrelated, step=50) == []
    assert warned(monitor, *unrelated, step=300) == [NothingLearntWarning]


def test_items_tell_repeats_that_codes_do_not_show() -> None:
    x, y = pairs(0)
    monitor = ContrastiveMonitor(every=1, temperature=0.3)
    captions = [f"caption {index // 8}" for index in range(64)]
    assert warned(monitor, (x, y), items=captions) == [RepeatedItemsWarning]
    assert monitor.readings[0].ceiling == pytest.approx(math.log(8))
    assert monitor.readings[0].duplicates == 1.0


def test_held_out_batches_part_from_what_is_learnt_by_heart() -> None:
    monitor = ContrastiveMonitor(every=1, temperature=0.3)
    for seed in range(4):
        monitor.update_held_out(*pairs(seed, noise=3.0))
    # A last batch of another size says nothing of the same bound.
    monitor.update_held_out(*pairs(0, size=10))
    assert warned(monitor, pairs(9, noise=0.7), step=300) == [PartingWarning]
    reading = monitor.readings[0]
    assert reading.held_out < reading.bound - 0.5
    again = monitor.update(*pairs(9, noise=0.7))
    assert again is not None
    assert math.isnan(again.held_out)


def test_a_logged_loss_is_read_by_its_convention() -> None:
    x, y = pairs(0)
    monitor = ContrastiveMonitor(every=1, temperature=0.3, loss="supcon", base_temperature=0.07)
    monitor.update(x, y, loss=torch.tensor(4.0 * 0.3 / 0.07, requires_grad=True))
    assert monitor.readings[0].loss_nats == pytest.approx(math.log(127) - 4.0, abs=1e-6)
    assert warned(monitor, (x, y), loss=-3.0) == [ImpossibleLossWarning]


def test_scores_of_a_critic_take_the_place_of_cosines() -> None:
    x, y = pairs(0)
    scores = 3 * torch.eye(64)
    monitor = ContrastiveMonitor(every=1, bound="nwj")
    monitor.update_held_out(x, y[:, :3], scores=scores)
    monitor.update_held_out(x, y[:, :3], scores=scores)
    reading = monitor.update(x, y[:, :3], scores=scores)
    assert reading is not None
    assert reading.bound == pytest.approx(3 - math.exp(-1), abs=1e-5)
    assert reading.held_out == pytest.approx(reading.bound)
    assert math.isinf(reading.ceiling)
    assert math.isnan(reading.alignment)


def test_gradients_and_generators_are_left_alone() -> None:
    x, y = (codes.requires_grad_() for codes in pairs(0))
    before = torch.get_rng_state()
    ContrastiveMonitor().update(x, y)
    assert x.grad is None
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"every": 0}, "every is 0: give a whole number of at least 1"),
        ({"bound": "infonse"}, "unknown bound 'infonse'"),
        ({"temperature": 0.0}, "temperature is 0.0"),
        ({"loss": "supkon"}, "unknown loss 'supkon'"),
        ({"temprature": 0.1}, "ContrastiveMonitor has no setting 'temprature'"),
        ({"queue_size": 5}, "queue_size has no part in infonce"),
        ({"logger": 3}, "logger is of type int"),
    ],
)
def test_wrong_settings_are_refused_at_once(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        ContrastiveMonitor(**settings)


@pytest.mark.parametrize(
    ("shapes", "given", "told"),
    [
        (((4, 3), (5, 3)), {}, "give a row for each pair"),
        (((4, 3, 2), (4, 3, 2)), {}, "give a row for each pair"),
        (((4, 3), (4, 2)), {}, "a cosine needs as many"),
        (((4, 3), (4, 3)), {"scores": torch.zeros(3, 3)}, r"scores are \(3, 3\) for 4 pairs"),
        (((4, 3), (4, 3)), {"labels": [1, 2]}, "labels are 2 for 4 pairs"),
        (((4, 3), (4, 3)), {"items": ["a"]}, "items are 1 for 4 pairs"),
    ],
)
def test_what_does_not_match_is_refused(
    shapes: tuple[tuple[int, ...], ...], given: dict[str, Any], told: str
) -> None:
    x, y = (torch.randn(shape, generator=torch.Generator().manual_seed(0)) for shape in shapes)
    with pytest.raises(UserError, match=told):
        ContrastiveMonitor().update(x, y, **given)
