"""Multi-similarity against a loop over anchors."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.losses import multi_similarity
from tests.losses.drawn_codes import cosine, drawn, drawn_labels, of_class


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 8), classes=st.integers(1, 4))
def test_agrees_with_a_loop_over_anchors(seed: int, number: int, classes: int) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    terms = multi_similarity(codes, labels)
    for i in range(number):
        positives, negatives = of_class(labels, i)
        pull = sum(math.exp(-2 * (cosine(codes[i], codes[p]) - 0.5)) for p in positives)
        push = sum(math.exp(50 * (cosine(codes[i], codes[n]) - 0.5)) for n in negatives)
        assert terms.joint.each[i].item() == pytest.approx(math.log1p(pull) / 2)
        assert terms.marginal.each[i].item() == pytest.approx(math.log1p(push) / 50)
    each = terms.joint.each + terms.marginal.each
    assert terms.total.item() == pytest.approx(each.mean().item())


@pytest.mark.parametrize("labels", [[0, 0, 1], [0, 0, 0], [0, 1, 2]])
def test_agrees_with_finite_differences(labels: list[int]) -> None:
    codes, classes = drawn(0, 3, 2).requires_grad_(), torch.tensor(labels)
    assert torch.autograd.gradcheck(lambda each: multi_similarity(each, classes).total, codes)
