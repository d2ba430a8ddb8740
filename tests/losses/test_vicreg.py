"""VICReg against a loop over pairs and dimensions."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.errors import UserError
from infomax.losses import vicreg
from infomax.losses.vicreg import VICReg
from tests.losses.drawn_codes import drawn


def covariance(codes: Tensor, k: int, other: int) -> float:
    a, b = codes[:, k].tolist(), codes[:, other].tolist()
    number, mean_a, mean_b = len(a), sum(a) / len(a), sum(b) / len(b)
    return float(sum((a[i] - mean_a) * (b[i] - mean_b) for i in range(number)) / (number - 1))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 6), size=st.integers(1, 15))
def test_agrees_with_a_loop_over_pairs_and_dimensions(seed: int, number: int, size: int) -> None:
    x, y = drawn(seed, 2, number, size, scale=0.7)
    terms = vicreg(x, y, invariance_weight=3.0, variance_weight=5.0, covariance_weight=0.5)
    for i in range(number):
        squares = sum((x[i, k] - y[i, k]).item() ** 2 for k in range(size))
        assert terms.joint.each[i].item() == pytest.approx(3 * squares / size)
    for k in range(size):
        expected = 0.0
        for z in (x, y):
            expected += 2.5 * max(0, 1 - math.sqrt(covariance(z, k, k) + 1e-4))
            expected += 0.5 * sum(covariance(z, k, each) ** 2 for each in range(size) if each != k)
        assert terms.marginal.each[k].item() == pytest.approx(expected, abs=1e-12)
    total = terms.joint.each.mean() + terms.marginal.each.mean()
    assert terms.total.item() == pytest.approx(total.item())


@pytest.mark.parametrize(("number", "size"), [(6, 3), (3, 8)])
def test_agrees_with_finite_differences(number: int, size: int) -> None:
    codes = tuple(drawn(0, 2, number, size).requires_grad_())
    assert torch.autograd.gradcheck(lambda *each: vicreg(*each).total, codes)


def test_codes_that_are_all_one_cost_the_whole_hinge() -> None:
    marginal = vicreg(torch.ones(5, 3), torch.ones(5, 3)).marginal.value
    assert marginal.item() == pytest.approx(25 * (1 - 1e-2), rel=1e-6)


def test_a_weight_of_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"^variance_weight is 0: give a number above 0$"):
        VICReg(variance_weight=0)
