"""SupCon against a loop over anchors and positives."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.losses import supcon
from tests.losses.drawn_codes import cosine, drawn, drawn_labels, of_class


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 8), classes=st.integers(1, 4))
def test_agrees_with_a_loop_over_anchors_and_positives(
    seed: int, number: int, classes: int
) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    found = []
    for i in range(number):
        positives, _ = of_class(labels, i)
        scores = [cosine(codes[i], each) / 0.2 for each in codes]
        log_sum = math.log(sum(math.exp(scores[j]) for j in range(number) if j != i))
        if positives:
            found.append(log_sum - sum(scores[p] for p in positives) / len(positives))
    expected = sum(found) / len(found) if found else 0
    assert supcon(codes, labels, temperature=0.2).total.item() == pytest.approx(expected)


def test_a_code_without_a_positive_is_a_negative_alone() -> None:
    codes, labels = drawn(0, 3, 2).requires_grad_(), torch.tensor([0, 0, 1])
    terms = supcon(codes, labels)
    assert (terms.joint.each[2].item(), terms.marginal.each[2].item()) == (0, 0)
    assert torch.autograd.gradcheck(lambda each: supcon(each, labels).total, codes)
