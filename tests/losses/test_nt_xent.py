"""NT-Xent against a loop over anchors, and what relates it to other losses."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.losses import nt_xent, supcon
from tests.losses.drawn_codes import cosine, drawn

SEEDS = st.integers(0, 2**32 - 1)


@given(seed=SEEDS, number=st.integers(2, 6), temperature=st.floats(0.05, 2))
def test_agrees_with_a_loop_over_anchors(seed: int, number: int, temperature: float) -> None:
    x, y = drawn(seed, 2, number, 3)
    codes = torch.cat([x, y])
    terms = nt_xent(x, y, temperature=temperature)
    for i in range(2 * number):
        scores = [cosine(codes[i], each) / temperature for each in codes]
        partition = sum(math.exp(scores[j]) for j in range(2 * number) if j != i)
        assert terms.joint.each[i].item() == pytest.approx(-scores[(i + number) % (2 * number)])
        assert terms.marginal.each[i].item() == pytest.approx(math.log(partition))
    each = terms.joint.each + terms.marginal.each
    assert terms.total.item() == pytest.approx(each.mean().item())


@given(seed=SEEDS, number=st.integers(2, 6))
def test_is_supervised_contrast_where_each_pair_is_a_class(seed: int, number: int) -> None:
    x, y = drawn(seed, 2, number, 3)
    classes = torch.arange(number).repeat(2)
    supervised = supcon(torch.cat([x, y]), classes, temperature=0.5).total
    assert nt_xent(x, y).total.item() == pytest.approx(supervised.item())


def test_knows_nothing_where_all_codes_are_one() -> None:
    assert nt_xent(torch.ones(5, 3), torch.ones(5, 3)).total.item() == pytest.approx(math.log(9))


def test_an_anchor_gives_itself_no_gradient() -> None:
    x, y = drawn(0, 2, 4, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda *codes: nt_xent(*codes).total, (x, y))


def test_refuses_codes_of_different_shapes_and_no_temperature() -> None:
    with pytest.raises(UserError, match=r"^codes have shapes \(3, 2\) and \(4, 2\): expected"):
        nt_xent(torch.zeros(3, 2), torch.zeros(4, 2))
    with pytest.raises(UserError, match=r"^temperature is 0: give a number above 0$"):
        nt_xent(torch.zeros(3, 2), torch.zeros(3, 2), temperature=0)
