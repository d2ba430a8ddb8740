"""Barlow Twins against a loop over dimensions."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.losses import barlow_twins
from tests.losses.drawn_codes import drawn


def naive_correlation(x: Tensor, y: Tensor) -> float:
    """Return the correlation of two columns, variances with 1e-5 added."""
    a, b = x.tolist(), y.tolist()
    number, mean_a, mean_b = len(a), sum(a) / len(a), sum(b) / len(b)
    covariance = sum((a[i] - mean_a) * (b[i] - mean_b) for i in range(number)) / number
    variances = [
        sum((each - mean) ** 2 for each in values) / number + 1e-5
        for values, mean in ((a, mean_a), (b, mean_b))
    ]
    return float(covariance / math.sqrt(variances[0] * variances[1]))


# More than twice as many dimensions as pairs take another way.
@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 6),
    size=st.integers(1, 15),
    weight=st.floats(1e-3, 1),
)
def test_agrees_with_a_loop_over_dimensions(
    seed: int, number: int, size: int, weight: float
) -> None:
    x, y = drawn(seed, 2, number, size)
    terms = barlow_twins(x, y, redundancy_weight=weight)
    for k in range(size):
        of_k = [naive_correlation(x[:, k], y[:, each]) for each in range(size)]
        beside = sum(of_k[each] ** 2 for each in range(size) if each != k)
        assert terms.joint.each[k].item() == pytest.approx((1 - of_k[k]) ** 2)
        assert terms.marginal.each[k].item() == pytest.approx(weight * beside, abs=1e-12)
    assert terms.total.item() == pytest.approx(
        terms.joint.each.sum().item() + terms.marginal.each.sum().item()
    )


@pytest.mark.parametrize(("number", "size"), [(6, 3), (3, 8)])
def test_agrees_with_finite_differences(number: int, size: int) -> None:
    codes = tuple(drawn(0, 2, number, size).requires_grad_())
    assert torch.autograd.gradcheck(lambda *each: barlow_twins(*each).total, codes)
