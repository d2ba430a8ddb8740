"""What is said of a bound near its ceiling: whose ceiling it is, and what lifts it."""

import pytest
import torch
from torch import nn

from infomax.bounds import BOUNDS
from infomax.critics import CosineCritic
from infomax.evaluation.bound_warnings import BoundLimits


def near_its_ceiling(limits: BoundLimits) -> str:
    estimates = torch.full((20,), limits.ceiling - 0.1, dtype=torch.float64)
    (warning,) = limits.warnings_of(1, estimates, None, collapsed=False, sizes="")
    below = torch.full((20,), limits.ceiling - 0.4, dtype=torch.float64)
    assert not limits.warnings_of(1, below, None, collapsed=False, sizes="")
    return str(warning)


# A cosine over 0.1 tells pairs from others by 20 nats, which limits no batch of 128.
@pytest.mark.parametrize("critic", [nn.Identity(), CosineCritic(2, 2, torch.Generator())])
def test_of_a_batch_it_is_the_log_of_its_size(critic: nn.Module) -> None:
    said = near_its_ceiling(BoundLimits(BOUNDS["infonce"](), 128, critic))
    assert said == (
        "the bound on training pairs is 4.75 nats and cannot exceed log 128 = 4.85: it says no "
        "more than that the views share that much; a larger batch lifts the ceiling"
    )


@pytest.mark.parametrize("name", ["infonce", "nwj"])
def test_of_a_warm_cosine_it_is_the_temperatures(name: str) -> None:
    critic = CosineCritic(2, 2, torch.Generator(), temperature=1.0)
    limits = BoundLimits(BOUNDS[name](), 128, critic)
    assert near_its_ceiling(limits).startswith(
        f"the bound on training pairs is {limits.ceiling - 0.1:.2f} nats and cannot exceed "
        f"{limits.ceiling:.2f}, as a cosine over a temperature t = 1 tells no pair from others by "
        "more than 2 / t = 2: a lower temperature"
    )


def test_without_a_limit_there_is_none_to_be_near() -> None:
    limits = BoundLimits(BOUNDS["nwj"](), 128, nn.Identity())
    estimates = torch.full((20,), 1e9)
    assert not limits.warnings_of(1, estimates, None, collapsed=False, sizes="")
