"""Jensen-Shannon against naive double loops, and the density ratio that it learns."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import JensenShannon

Drawn = Callable[..., Tensor]
BOUND = JensenShannon()


def naive_objective(scores: Tensor) -> float:
    number = len(scores)
    joint = -sum(math.log1p(math.exp(-scores[i, i])) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                marginal -= math.log1p(math.exp(scores[i, j]))
    return joint + marginal / (number * (number - 1))


def naive_estimate(scores: Tensor) -> float:
    number = len(scores)
    joint = sum(float(scores[i, i]) for i in range(number)) / number
    marginal = sum(
        math.exp(float(scores[i, j])) for i in range(number) for j in range(number) if i != j
    )
    return 1 + joint - marginal / (number * (number - 1))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 3))
def test_agrees_with_naive_double_loops(drawn: Drawn, seed: int, number: int, scale: float) -> None:
    scores = drawn(seed, number, number, scale=scale)
    assert BOUND.objective(scores).item() == pytest.approx(naive_objective(scores), rel=1e-9)
    assert BOUND.estimate(scores).item() == pytest.approx(
        naive_estimate(scores), rel=1e-9, abs=1e-9
    )


def test_the_objective_is_largest_at_the_log_density_ratio(
    gaussian_pairs: Callable[..., Any],
) -> None:
    ratio = gaussian_pairs(correlation=0.7, number=256, batches=40).log_ratio
    best = BOUND.objective(ratio).mean().item()
    for other in (0.8 * ratio, 1.2 * ratio, ratio + 0.2, ratio - 0.2):
        assert BOUND.objective(other).mean().item() < best


def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    assert BOUND.estimate(pairs.log_ratio).mean().item() == pytest.approx(
        pairs.information, abs=0.02
    )


def test_keeps_a_tail_that_rounding_would_take() -> None:
    scores = torch.full((3, 3), -50.0, dtype=torch.float64).fill_diagonal_(50)
    assert BOUND.objective(scores).item() == pytest.approx(-2 * math.exp(-50), rel=1e-12, abs=0)


def test_the_objective_agrees_with_finite_differences(drawn: Drawn) -> None:
    assert torch.autograd.gradcheck(BOUND.objective, drawn(0, 2, 4, 4).requires_grad_())
