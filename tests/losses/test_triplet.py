"""The triplet loss against a loop over all triplets, hard and soft."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.losses import triplet
from tests.losses.drawn_codes import distance, drawn, drawn_labels, of_class


def naive_triplet(codes: Tensor, labels: Tensor, margin: float, *, soft: bool) -> float:
    found = []
    for a in range(len(codes)):
        positives, negatives = of_class(labels, a)
        for p in positives:
            for n in negatives:
                value = distance(codes[a], codes[p]) - distance(codes[a], codes[n]) + margin
                found.append(math.log1p(math.exp(value)) if soft else max(0, value))
    return sum(found) / max(len(found), 1)


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 9),
    classes=st.integers(1, 4),
    margin=st.floats(0.05, 1),
    soft=st.booleans(),
)
def test_agrees_with_a_loop_over_all_triplets(
    seed: int, number: int, classes: int, margin: float, soft: bool
) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    expected = naive_triplet(codes, labels, margin, soft=soft)
    loss = triplet(codes, labels, margin=margin, soft=soft).total
    assert loss.item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("labels", [[0, 0, 0, 1, 1, 2], [0] * 6, list(range(6))])
def test_agrees_with_finite_differences(labels: list[int], soft: bool) -> None:
    codes, classes = drawn(0, 6, 3).requires_grad_(), torch.tensor(labels)
    assert torch.autograd.gradcheck(
        lambda each: triplet(each, classes, margin=0.7, soft=soft).total, codes
    )


def test_distances_of_positives_are_the_joint_term_and_the_rest_the_marginal() -> None:
    # Two on the right, one above: the hinge of both anchors is 0 - sqrt(2) + 2.
    codes = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    terms = triplet(codes, torch.tensor([0, 0, 1]), margin=2.0)
    assert terms.joint.value.item() == pytest.approx(0, abs=1e-12)
    assert terms.marginal.value.item() == pytest.approx(2 - math.sqrt(2))


@pytest.mark.parametrize("soft", [False, True])
def test_memory_of_all_triplets_is_not_taken(soft: bool) -> None:
    # 400 codes of two classes have 16 million triplets: 64 MB for each array of them.
    codes, labels = drawn(0, 400, 3).float().requires_grad_(), torch.arange(400) % 2
    largest = 0

    def pack(kept: Tensor) -> Tensor:
        nonlocal largest
        largest = max(largest, kept.numel())
        return kept

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept):
        triplet(codes, labels, soft=soft).total.backward()
    assert largest <= 2 * 400**2
