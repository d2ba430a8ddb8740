"""MoCo's loss against a loop over queries, and what gets no gradient."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.losses import k_pair_loss, moco
from tests.losses.drawn_codes import cosine, drawn


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(1, 5), length=st.integers(1, 7))
def test_agrees_with_a_loop_over_queries(seed: int, number: int, length: int) -> None:
    query, key = drawn(seed, 2, number, 3)
    queue = drawn(seed + 1, length, 3)
    terms = moco(query, key, queue, temperature=0.3)
    for i in range(number):
        own = cosine(query[i], key[i]) / 0.3
        partition = math.exp(own) + sum(math.exp(cosine(query[i], old) / 0.3) for old in queue)
        assert terms.joint.each[i].item() == pytest.approx(-own)
        assert terms.marginal.each[i].item() == pytest.approx(math.log(partition))


def test_with_the_other_keys_as_queue_it_is_the_k_pair_loss_of_one_query() -> None:
    query, keys = drawn(0, 1, 4), drawn(1, 5, 4)
    scores = torch.tensor([[cosine(query[0], key) / 0.2 for key in keys]], dtype=torch.float64)
    as_matrix = torch.cat([scores, torch.zeros(4, 5, dtype=torch.float64)])
    of_others = k_pair_loss(as_matrix).item() * 5 - 4 * math.log(5)
    assert moco(query, keys[:1], keys[1:]).total.item() == pytest.approx(of_others)


def test_keys_and_queue_get_no_gradient() -> None:
    query, key, queue = (drawn(seed, 4, 3).requires_grad_() for seed in range(3))
    moco(query, key, queue).total.backward()
    assert query.grad is not None
    assert key.grad is None
    assert queue.grad is None


@pytest.mark.parametrize("shape", [(3,), (4, 2), (0, 3)])
def test_refuses_a_queue_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"^the queue has shape .* expected \(K, 3\)"):
        moco(torch.ones(2, 3), torch.ones(2, 3), torch.ones(shape))
