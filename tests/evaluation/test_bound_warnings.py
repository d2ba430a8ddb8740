"""What is said of a bound: near whose ceiling it is, learnt by heart, absurd or stuck."""

import pytest
import torch
from torch import nn

from infomax.bounds import BOUNDS
from infomax.critics import CosineCritic
from infomax.evaluation import BatchMean
from infomax.evaluation.bound_warnings import BoundLimits, unusual_sizes
from infomax.warnings import (
    BelowChanceWarning,
    NearCeilingWarning,
    NothingLearntWarning,
    PartingWarning,
)

LIMITS = BoundLimits(BOUNDS["infonce"](), 128, nn.Identity())


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


def said(
    estimates: list[float],
    held_out: BatchMean | None = None,
    *,
    step: int = 1,
    collapsed: bool = False,
    limits: BoundLimits = LIMITS,
) -> dict[type[Warning], str]:
    values = torch.tensor(estimates)
    found = limits.warnings_of(step, values, held_out, collapsed=collapsed, sizes="; sizes")
    return {type(each): str(each) for each in found}


def test_where_pairs_validate_it_is_their_bound_that_is_near_the_ceiling() -> None:
    assert not said([4.8], BatchMean(4.5, 4.4, 4.6))
    found = said([4.5], BatchMean(4.7, 4.6, 4.8))
    assert found[NearCeilingWarning].startswith("the bound on validation pairs is 4.70 nats")


def test_pairs_learnt_by_heart_are_told_where_no_other_draw_of_them_explains_it() -> None:
    found = said([0.9, 0.7], BatchMean(0.1, -0.2, 0.4))
    assert found[PartingWarning].startswith(
        "the bound is 0.80 nats on training pairs, 0.10 on validation pairs"
    )
    assert not said([0.6], BatchMean(0.1, -0.2, 0.4))
    # What the training pairs do not tell either is not learnt by heart.
    assert not said([-0.1], BatchMean(-2.0, -3.0, -1.0))


def test_below_chance_is_told_of_the_latest_updates_and_once_there_were_some() -> None:
    assert said([0.5, -9.0], step=20)[BelowChanceWarning].endswith("values of about 1; sizes")
    assert not said([0.5, -9.0], step=19)
    assert not said([-9.0, 0.5], step=20)
    assert not said([-0.9], step=20)


def test_nothing_learnt_is_told_after_many_updates_where_held_out_pairs_do_not_deny_it() -> None:
    assert said([1.0, 0.01], step=200)[NothingLearntWarning].startswith(
        "after 200 updates the bound is 0.010 nats"
    )
    assert said([-0.01], BatchMean(0.1, 0.04, 0.2), step=200).keys() == {NothingLearntWarning}
    assert not said([0.01], step=199)
    assert not said([0.06], step=200)
    assert not said([0.01], BatchMean(0.1, 0.06, 0.2), step=200)
    assert not said([0.01], step=200, collapsed=True)
    assert not said([], step=200)
    # So low a ceiling is the reason.
    critic = CosineCritic(2, 2, torch.Generator(), temperature=100.0)
    low = BoundLimits(BOUNDS["infonce"](), 128, critic)
    assert said([0.01], step=200, limits=low).keys() == {NearCeilingWarning}


def test_views_of_unusual_sizes_are_named() -> None:
    usual = torch.tensor([[3.0, 4.0]])
    assert unusual_sizes(usual, 8 * usual) == ""
    assert unusual_sizes(usual / 5e3, 10 * usual) == (
        "; view x has values of about 7.1e-04: divide them by their standard deviation"
        "; view y has values of about 3.5e+01: divide them by their standard deviation"
    )
    assert unusual_sizes(0 * usual, usual) == ""
