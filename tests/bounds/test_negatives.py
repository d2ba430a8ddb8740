"""Sums over the pairs off the diagonal, against naive double loops."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds.negatives import log_partition, log_partition_by_anchor, mean_of_negatives
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 7), scale=st.floats(0, 20))
def test_agree_with_naive_double_loops(drawn: Drawn, seed: int, number: int, scale: float) -> None:
    scores = drawn(seed, number, number, scale=scale)
    rows = [[scores[i, j].item() for j in range(number) if j != i] for i in range(number)]
    exponentials = [[math.exp(score) for score in row] for row in rows]
    pairs = number * (number - 1)
    by_anchor = [math.log(sum(row) / (number - 1)) for row in exponentials]
    assert log_partition(scores).item() == pytest.approx(
        math.log(sum(map(sum, exponentials)) / pairs), abs=1e-9
    )
    assert log_partition_by_anchor(scores).tolist() == pytest.approx(by_anchor, abs=1e-9)
    assert mean_of_negatives(scores).item() == pytest.approx(sum(map(sum, rows)) / pairs, abs=1e-9)


@pytest.mark.parametrize("function", [log_partition, log_partition_by_anchor, mean_of_negatives])
def test_what_stands_on_the_diagonal_does_not_count(
    drawn: Drawn, function: Callable[[Tensor], Tensor]
) -> None:
    scores = drawn(0, 2, 5, 5).requires_grad_()
    other = scores.detach().clone()
    other.diagonal(dim1=-2, dim2=-1).fill_(math.inf)
    assert torch.equal(function(scores), function(other))
    function(scores).sum().backward()
    assert scores.grad is not None
    assert (scores.grad.diagonal(dim1=-2, dim2=-1) == 0).all()


@pytest.mark.parametrize("function", [log_partition, log_partition_by_anchor, mean_of_negatives])
def test_refuse_a_batch_without_negatives(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(UserError, match="at least 2"):
        function(torch.zeros(1, 1))
