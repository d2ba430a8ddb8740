"""Batches of pairs."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.training import Pairs


@given(number=st.integers(2, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 2**31))
def test_a_pass_holds_every_pair_at_most_once_and_keeps_partners(
    number: int, batch_size: int, seed: int
) -> None:
    batch_size = min(batch_size, number)
    rows = torch.arange(number, dtype=torch.float32).unsqueeze(1)
    pairs = Pairs(rows, -rows)
    batches = list(pairs.one_pass(batch_size, torch.Generator().manual_seed(seed)))
    assert len(batches) == number // batch_size
    seen = torch.cat([x for x, _ in batches]).flatten().tolist()
    assert len(seen) == len(set(seen)) == number // batch_size * batch_size
    for x, y in batches:
        assert torch.equal(x, -y)


def test_views_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="3 x and 2 y"):
        Pairs(torch.zeros(3, 1), torch.zeros(2, 1))


def test_a_batch_larger_than_the_data_is_refused() -> None:
    pairs = Pairs(torch.zeros(3, 1), torch.zeros(3, 1))
    with pytest.raises(UserError, match="batch of 4 is larger than the data"):
        next(pairs.one_pass(4, torch.Generator()))
