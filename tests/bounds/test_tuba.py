"""TUBA against a naive double loop, NWJ and the truth."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import nwj, tuba
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_tuba(scores: Tensor, log_baseline: Tensor) -> float:
    number = len(scores)
    joint = sum(float(scores[i, i]) - float(log_baseline[i]) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                marginal += math.exp(float(scores[i, j])) / math.exp(float(log_baseline[i]))
    return 1 + joint - marginal / (number * (number - 1))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 3))
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    log_baseline = drawn(seed + 1, number)
    assert tuba(scores, log_baseline).item() == pytest.approx(
        naive_tuba(scores, log_baseline), rel=1e-9, abs=1e-9
    )


def test_with_e_for_a_baseline_is_nwj(drawn: Drawn) -> None:
    scores = drawn(0, 6, 6)
    assert tuba(scores, torch.ones(6)).item() == pytest.approx(nwj(scores).item())


def test_the_baseline_belongs_to_the_anchor(drawn: Drawn) -> None:
    # What is added to a row and to its baseline changes nothing: added to a column, it does.
    scores, shift = drawn(0, 5, 5), drawn(1, 5)
    value = tuba(scores, torch.zeros(5)).item()
    assert tuba(scores + shift.unsqueeze(1), shift).item() == pytest.approx(value)
    assert tuba(scores + shift, shift).item() != pytest.approx(value, abs=0.1)


def test_leading_sizes_are_a_batch(drawn: Drawn) -> None:
    scores, log_baseline = drawn(0, 3, 2, 6, 6), drawn(1, 3, 2, 6)
    together = tuba(scores, log_baseline)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            expected = naive_tuba(scores[i, j], log_baseline[i, j])
            assert together[i, j].item() == pytest.approx(expected)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_scores_that_the_baseline_knows(size: float) -> None:
    scores = torch.full((8, 8), size).requires_grad_()
    log_baseline = torch.full((8,), size).requires_grad_()
    estimate = tuba(scores, log_baseline)
    estimate.backward()
    assert estimate.item() == pytest.approx(0, abs=1e-5)
    for each in (scores, log_baseline):
        assert each.grad is not None
        assert each.grad.isfinite().all()


def test_high_negatives_are_minus_infinity_and_not_nan() -> None:
    assert tuba(torch.full((8, 8), 1e4), torch.zeros(8)).item() == -math.inf


def test_agrees_with_finite_differences(drawn: Drawn) -> None:
    inputs = drawn(0, 2, 4, 4).requires_grad_(), drawn(1, 2, 4).requires_grad_()
    assert torch.autograd.gradcheck(tuba, inputs)


def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    # The best critic may be off by anything that depends on x, if the baseline makes up for it.
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    shift = torch.randn(40, 512, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    values = tuba(pairs.log_ratio + shift.unsqueeze(-1), shift)
    assert values.mean().item() == pytest.approx(pairs.information, abs=0.02)


@pytest.mark.parametrize("spread", [0.5, 1.5])
def test_is_on_average_below_the_information_whatever_the_baseline(
    spread: float,
    drawn: Drawn,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.7, number=4, batches=4_000)
    values = tuba(pairs.log_ratio, drawn(1, 4_000, 4, scale=spread))
    assert values.mean().item() <= pairs.information + 4 * standard_error(values)


@pytest.mark.parametrize("shape", [(3,), (1,), (), (4, 4), (2, 4)])
def test_refuses_another_number_of_baselines(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"log_baseline has shape .* expected \(4,\), one for each"):
        tuba(torch.zeros(4, 4), torch.zeros(shape))


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        tuba(torch.zeros(1, 1), torch.zeros(1))
