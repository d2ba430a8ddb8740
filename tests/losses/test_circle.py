"""Circle loss against a loop over anchors, with weights that get no gradient."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.losses import circle
from tests.losses.drawn_codes import cosine, drawn, drawn_labels, of_class


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 8), classes=st.integers(1, 4))
def test_agrees_with_a_loop_over_anchors(seed: int, number: int, classes: int) -> None:
    codes, labels = drawn(seed, number, 3), drawn_labels(seed, number, classes)
    m, scale, found = 0.4, 10.0, []
    for i in range(number):
        positives, negatives = of_class(labels, i)
        if not (positives and negatives):
            continue
        cosines = [cosine(codes[i], each) for each in codes]
        pull = sum(
            math.exp(-scale * max(0, 1 + m - cosines[p]) * (cosines[p] - 1 + m)) for p in positives
        )
        push = sum(math.exp(scale * max(0, cosines[n] + m) * (cosines[n] - m)) for n in negatives)
        found.append(math.log1p(pull * push))
    expected = sum(found) / len(found) if found else 0
    terms = circle(codes, labels, scale=scale)
    assert terms.total.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_weights_get_no_gradient() -> None:
    codes, labels = drawn(0, 4, 3).requires_grad_(), torch.tensor([0, 0, 1, 1])
    (gradient,) = torch.autograd.grad(circle(codes, labels, scale=5.0).total, codes)
    unit = codes / codes.norm(dim=1, keepdim=True)
    cosines = unit @ unit.T
    weights = (torch.relu(1.4 - cosines).detach(), torch.relu(cosines + 0.4).detach())
    pulls = -5 * weights[0] * (cosines - 0.6)
    pushes = 5 * weights[1] * (cosines - 0.4)
    each = [
        torch.log1p(
            sum(pulls[i, p].exp() for p in of_class(labels, i)[0])
            * sum(pushes[i, n].exp() for n in of_class(labels, i)[1])
        )
        for i in range(4)
    ]
    (expected,) = torch.autograd.grad(torch.stack(each).mean(), codes)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_where_no_code_has_both_there_is_nothing_to_learn(labels: list[int]) -> None:
    codes = drawn(0, 3, 2).requires_grad_()
    loss = circle(codes, torch.tensor(labels)).total
    loss.backward()
    assert loss.item() == 0
    assert codes.grad is not None
    assert not codes.grad.any()


def test_the_relaxation_is_a_share() -> None:
    with pytest.raises(UserError, match=r"^relaxation is 1: give a number from 0 up to below 1$"):
        circle(torch.ones(2, 2), torch.tensor([0, 1]), relaxation=1)
