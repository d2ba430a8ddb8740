"""Barlow Twins and VICReg as the second-order form of Donsker-Varadhan.

Of standardised codes a and b and the critic T = t a'b, log E e^T under the product of the marginals
is t E T + t^2 / 2 Var T + O(t^3), with E T = 0 and Var T = <C_AA, C_BB>.
"""

import math

import pytest
from torch import Tensor

from infomax.losses import barlow_twins, vicreg
from tests.losses.drawn_codes import drawn

NUMBER, SIZE = 2_000, 6


def standardised_pairs() -> tuple[Tensor, Tensor]:
    """Return standardised codes of pairs, whose columns are correlated and skewed."""
    mixed, noise = drawn(0, 2, NUMBER, SIZE)
    x = (mixed + 0.8 * mixed.roll(1, dims=1)).exp().log1p()
    y = x + 0.3 * noise
    a, b = ((each - each.mean(dim=0)) / each.std(dim=0, correction=0) for each in (x, y))
    return a, b


def moments(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return C_AA, C_BB and C_AB."""
    return a.T @ a / len(a), b.T @ b / len(a), a.T @ b / len(a)


def test_under_the_product_the_critic_has_mean_zero_and_the_variance_of_the_form() -> None:
    a, b = standardised_pairs()
    c_aa, c_bb, _ = moments(a, b)
    scores = a @ b.T
    assert scores.mean().item() == pytest.approx(0, abs=1e-12)
    assert scores.var(correction=0).item() == pytest.approx((c_aa * c_bb).sum().item())


def test_what_is_left_out_is_of_third_order() -> None:
    a, b = standardised_pairs()
    c_aa, c_bb, c_ab = moments(a, b)
    relative, errors = {}, {}
    for scale in (0.0125, 0.025, 0.05, 0.2):
        scores = scale * a @ b.T
        log_mean = scores.flatten().logsumexp(dim=0) - math.log(NUMBER**2)
        second = scale**2 / 2 * (c_aa * c_bb).sum()
        exact = scores.diagonal().mean() - log_mean
        assert exact.item() == pytest.approx((scale * c_ab.trace() - log_mean).item())
        errors[scale] = (log_mean - second).abs().item()
        relative[scale] = errors[scale] / log_mean.item()
    # Half the scale, an eighth of the error, or less.
    assert errors[0.025] > 7 * errors[0.0125]
    assert errors[0.05] > 7 * errors[0.025]
    # A few per cent at 0.05, and far off at 0.2.
    assert 0.005 < relative[0.05] < 0.08
    assert relative[0.2] > 0.15


def test_where_views_agree_barlow_twins_has_the_form_beside_the_diagonal() -> None:
    a, _ = standardised_pairs()
    c_aa, _, _ = moments(a, a)
    beside = (c_aa * c_aa).sum() - SIZE
    terms = barlow_twins(a, a, redundancy_weight=1.0)
    # Variances have 1e-5 added, as batch norm has it.
    assert terms.marginal.value.item() == pytest.approx(beside.item(), rel=1e-4)
    assert terms.joint.value.item() == pytest.approx(0, abs=1e-8)


def test_vicreg_has_each_views_own_covariances() -> None:
    a, b = standardised_pairs()
    c_aa, c_bb, c_ab = moments(a, b)
    beside = (c_aa**2).sum() + (c_bb**2).sum() - 2 * SIZE
    terms = vicreg(a, b)
    unbiased = (NUMBER / (NUMBER - 1)) ** 2
    # The hinge is 0 where standard deviations are 1 or more.
    assert terms.marginal.value.item() == pytest.approx(unbiased * beside.item() / SIZE, rel=1e-9)
    # Of standardised codes the distance of partners is 2 - 2 tr C_AB / d.
    expected = 25 * (2 - 2 * c_ab.trace().item() / SIZE)
    assert terms.joint.value.item() == pytest.approx(expected)
