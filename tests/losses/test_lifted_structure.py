"""Lifted structure against a loop over positive pairs."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.losses import lifted_structure
from tests.losses.drawn_codes import distance, drawn, drawn_labels, of_class


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 8), classes=st.integers(1, 4))
def test_agrees_with_a_loop_over_positive_pairs(seed: int, number: int, classes: int) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    found = []
    for i in range(number):
        for j in of_class(labels, i)[0]:
            total = sum(
                math.exp(0.5 - distance(codes[end], codes[n]))
                for end in (i, j)
                for n in of_class(labels, end)[1]
            )
            outdone = distance(codes[i], codes[j]) + math.log(total) if total else 0
            found.append(max(0, outdone) ** 2 / 2)
    expected = sum(found) / max(len(found), 1)
    loss = lifted_structure(codes, labels, margin=0.5).total
    assert loss.item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [0, 0, 0, 0], [0, 1, 2, 3]])
def test_agrees_with_finite_differences(labels: list[int]) -> None:
    codes, classes = drawn(0, 4, 3).requires_grad_(), torch.tensor(labels)
    assert torch.autograd.gradcheck(lambda each: lifted_structure(each, classes).total, codes)
