"""Generators: one for each purpose, the same in every process."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.training import checked_seed, generator_for


@given(seed=st.integers(0, 2**40))
def test_purposes_and_seeds_give_different_streams(seed: int) -> None:
    draws = {
        tuple(torch.rand(3, generator=generator_for(*key)).tolist())
        for key in [(seed, "batches"), (seed, "critic"), (seed + 1, "batches")]
    }
    assert len(draws) == 3


def test_a_stream_is_the_same_in_every_process_and_version() -> None:
    drawn = torch.randint(1000, (4,), generator=generator_for(3, "batches")).tolist()
    assert drawn == PINNED


def test_nothing_global_is_drawn_from() -> None:
    before = torch.random.get_rng_state()
    torch.rand(3, generator=generator_for(0, "batches"))
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_whole_number_is_the_seed_itself() -> None:
    of_numpy: Any = np.int64(7)
    assert [checked_seed(seed) for seed in (0, of_numpy, 2**40)] == [0, 7, 2**40]
    assert type(checked_seed(of_numpy)) is int


def test_a_random_state_draws_a_seed_each_time() -> None:
    first, again = (np.random.RandomState(3) for _ in range(2))
    drawn = [checked_seed(first) for _ in range(3)]
    assert drawn == [checked_seed(again) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert all(0 <= seed < 2**31 for seed in drawn)


def test_none_takes_a_fresh_seed_and_leaves_the_global_state() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    assert len({checked_seed(None) for _ in range(20)}) == 20
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002


@pytest.mark.parametrize("wrong", [-1, 0.5, True, "0", np.random.default_rng(0)])
def test_what_is_no_random_state_is_refused(wrong: Any) -> None:
    with pytest.raises(UserError, match=r"^random_state is .*: give a whole number of at least 0"):
        checked_seed(wrong)


PINNED = [846, 726, 142, 564]
