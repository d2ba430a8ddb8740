"""InfoNCE with an anchor class against a loop over anchors, and what its best critic is."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import InfoNCEAnchor, find_bound, infonce
from infomax.errors import UserError

Drawn = Callable[..., Tensor]
Pairs = Callable[..., Any]


def naive_objective(scores: Tensor, nu: float) -> float:
    number, total = len(scores), 0.0
    candidates = number - 1
    for i in range(number):
        ratios = [math.exp(float(each)) for each in scores[i]]
        following = (i + 1) % number
        with_partner = nu + sum(ratios[j] for j in range(number) if j != following)
        without = nu + sum(ratios[j] for j in range(number) if j != i)
        total += candidates / (candidates + nu) * math.log(ratios[i] / with_partner)
        total += nu / (candidates + nu) * math.log(nu / without)
    return total / number


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 9),
    scale=st.floats(0, 10),
    nu=st.floats(0.01, 100),
)
def test_agrees_with_a_loop_over_anchors(
    drawn: Drawn, seed: int, number: int, scale: float, nu: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    bound = InfoNCEAnchor(nu)
    assert bound.objective(scores).item() == pytest.approx(naive_objective(scores, nu), rel=1e-9)
    pairs = sum(float(scores[i, i]) for i in range(number)) / number
    assert bound.estimate(scores).item() == pytest.approx(pairs, abs=1e-12)


def test_agrees_with_finite_differences(drawn: Drawn) -> None:
    scores = drawn(0, 2, 4, 4).requires_grad_()
    assert torch.autograd.gradcheck(InfoNCEAnchor(0.7).objective, scores)


@given(seed=st.integers(0, 2**32 - 1), nu=st.floats(0.01, 100))
def test_as_nu_vanishes_it_is_infonce_on_one_negative_fewer(
    drawn: Drawn, seed: int, nu: float
) -> None:
    scores = drawn(seed, 2, 2)
    # Of two pairs the one candidate is the partner, and nothing is left to be told.
    assert InfoNCEAnchor(1e-9).objective(scores).item() == pytest.approx(0, abs=1e-6)
    # It is a log-likelihood, and that of K + nu answers is never above 0.
    assert InfoNCEAnchor(nu).objective(scores).item() <= 0


@pytest.mark.parametrize("nu", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("number", [3, 16])
def test_the_log_density_ratio_itself_is_its_best_critic_for_every_nu(
    nu: float, number: int, gaussian_pairs: Pairs, standard_error: Callable[[Tensor], float]
) -> None:
    pairs = gaussian_pairs(correlation=0.7, number=number, batches=4_000)
    bound, best = InfoNCEAnchor(nu), pairs.log_ratio
    at_best = bound.objective(best)
    for other in (best + 0.3, best - 0.3, 1.3 * best, 0.7 * best):
        worse = at_best - bound.objective(other)
        assert worse.mean().item() > 3 * standard_error(worse)
    # There it is flat, in a constant and in a scale. InfoNCE is flat in a constant everywhere.
    scores = best.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(bound.objective(scores).sum(), scores)
    for direction in (torch.ones_like(best), best):
        slopes = (gradient * direction).sum(dim=(-2, -1))
        assert abs(slopes.mean().item()) < 4 * standard_error(slopes)
    torch.testing.assert_close(infonce(best + 0.3), infonce(best))


@pytest.mark.parametrize("correlation", [0.3, 0.9, 0.99])
def test_with_the_true_critic_the_reading_is_the_information_and_has_no_ceiling(
    correlation: float, gaussian_pairs: Pairs, standard_error: Callable[[Tensor], float]
) -> None:
    # 1.96 nats of 3 pairs, of which InfoNCE cannot read more than 1.1.
    pairs = gaussian_pairs(correlation=correlation, number=3, batches=20_000)
    read = InfoNCEAnchor().estimate(pairs.log_ratio)
    assert read.mean().item() == pytest.approx(pairs.information, abs=4 * standard_error(read))


@pytest.mark.parametrize("nu", [0.0, -1.0, math.inf, math.nan])
def test_nu_is_above_0(nu: float) -> None:
    with pytest.raises(UserError, match=r"^nu of InfoNCE with an anchor is .*: give a number abov"):
        InfoNCEAnchor(nu)


def test_it_says_what_it_is() -> None:
    bound = find_bound("infonce-anchor")
    assert bound.summary().startswith("Plug-in estimate, in nats, of a critic")
    assert repr(bound) == "InfoNCEAnchor(nu=1.0)"
