"""The interpolated bound against a naive loop, its two limits and the truth."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import infonce, interpolated_tuba, tuba
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_interpolated(scores: Tensor, log_baseline: Tensor, alpha: float) -> float:
    number = len(scores)

    def baseline(i: int, left_out: int) -> float:
        others = [math.exp(float(scores[i, k])) for k in range(number) if k != left_out]
        mean = sum(others) / (number - 1)
        return alpha * mean + (1 - alpha) * math.exp(float(log_baseline[i]))

    total = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                total += float(scores[i, i]) - math.log(baseline(i, j))
                total -= math.exp(float(scores[i, j])) / baseline(i, i)
    return 1 + total / (number * (number - 1))


def without(scores: Tensor, pair: int) -> Tensor:
    kept = [place for place in range(len(scores)) if place != pair]
    return scores[kept][:, kept]


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 7),
    scale=st.floats(0, 5),
    alpha=st.floats(0, 1),
)
def test_agrees_with_a_naive_loop(
    drawn: Drawn, seed: int, number: int, scale: float, alpha: float
) -> None:
    scores, log_baseline = drawn(seed, number, number, scale=scale), drawn(seed + 1, number)
    assert interpolated_tuba(scores, log_baseline, alpha).item() == pytest.approx(
        naive_interpolated(scores, log_baseline, alpha), rel=1e-9, abs=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 7), scale=st.floats(0, 3))
def test_at_alpha_0_is_tuba(drawn: Drawn, seed: int, number: int, scale: float) -> None:
    scores, log_baseline = drawn(seed, number, number, scale=scale), drawn(seed + 1, number)
    assert interpolated_tuba(scores, log_baseline, alpha=0.0).item() == pytest.approx(
        tuba(scores, log_baseline).item(), rel=1e-9, abs=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 7), scale=st.floats(0, 50))
def test_at_alpha_1_is_infonce_of_the_batch_without_each_pair_in_turn(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    scores, log_baseline = drawn(seed, number, number, scale=scale), drawn(seed + 1, number)
    of_the_others = [infonce(without(scores, pair)).item() for pair in range(number)]
    assert interpolated_tuba(scores, log_baseline, alpha=1.0).item() == pytest.approx(
        sum(of_the_others) / number, rel=1e-9, abs=1e-9
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 9),
    scale=st.floats(0, 1e3),
    alpha=st.floats(1e-3, 1),
)
def test_never_exceeds_its_ceiling(
    drawn: Drawn, seed: int, number: int, scale: float, alpha: float
) -> None:
    scores, log_baseline = drawn(seed, number, number, scale=scale), drawn(seed + 1, number)
    ceiling = 1 + math.log(number - 1) - math.log(alpha)
    assert interpolated_tuba(scores, log_baseline, alpha).item() <= ceiling + 1e-9


def test_the_baseline_belongs_to_the_anchor(drawn: Drawn) -> None:
    scores, shift = drawn(0, 5, 5), drawn(1, 5, scale=3)
    value = interpolated_tuba(scores, torch.zeros(5), 0.3).item()
    by_rows = interpolated_tuba(scores + shift.unsqueeze(1), shift, 0.3).item()
    by_columns = interpolated_tuba(scores + shift, shift, 0.3).item()
    assert by_rows == pytest.approx(value)
    assert by_columns != pytest.approx(value, abs=0.1)


def test_leading_sizes_are_a_batch(drawn: Drawn) -> None:
    scores, log_baseline = drawn(0, 3, 2, 6, 6), drawn(1, 3, 2, 6)
    together = interpolated_tuba(scores, log_baseline, 0.3)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            expected = naive_interpolated(scores[i, j], log_baseline[i, j], 0.3)
            assert together[i, j].item() == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [0.01, 0.5, 1.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_scores(size: float, dtype: torch.dtype, alpha: float) -> None:
    scores = torch.full((8, 8), size, dtype=dtype).fill_diagonal_(-size).requires_grad_()
    log_baseline = torch.zeros(8, dtype=dtype).requires_grad_()
    estimate = interpolated_tuba(scores, log_baseline, alpha)
    estimate.backward()
    assert estimate.isfinite()
    for each in (scores, log_baseline):
        assert each.grad is not None
        assert each.grad.isfinite().all()


def test_a_score_that_is_left_out_leaves_no_trace(drawn: Drawn) -> None:
    # The mean of the others, had from the sum of all, would cancel to nothing beside 1e4.
    scores = drawn(0, 4, 4)
    scores[0, 2] = 1e4
    smaller = scores.clone()
    smaller[0, 2] = 50.0
    found = [interpolated_tuba(each, torch.zeros(4), 1.0).item() for each in (scores, smaller)]
    # Of the 12 terms, the 2 of the first row that keep the score change by as much as it.
    assert found[0] - found[1] == pytest.approx(-2 * (1e4 - 50) / 12, rel=1e-12)


def test_high_negatives_are_minus_infinity_and_not_nan_at_alpha_0() -> None:
    assert interpolated_tuba(torch.full((8, 8), 1e4), torch.zeros(8), 0.0).item() == -math.inf


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_agrees_with_finite_differences(drawn: Drawn, alpha: float) -> None:
    inputs = drawn(0, 2, 4, 4).requires_grad_(), drawn(1, 2, 4).requires_grad_()
    assert torch.autograd.gradcheck(partial(interpolated_tuba, alpha=alpha), inputs)


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.5])
def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any], alpha: float
) -> None:
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    values = interpolated_tuba(pairs.log_ratio, torch.zeros(40, 512), alpha)
    assert values.mean().item() == pytest.approx(pairs.information, abs=0.02)


@pytest.mark.parametrize("alpha", [0.0, 0.2, 0.7, 1.0])
@pytest.mark.parametrize("number", [2, 3, 8])
def test_is_on_average_below_the_information_whatever_the_critic_and_baseline(
    number: int,
    alpha: float,
    drawn: Drawn,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.7, number=number, batches=4_000)
    exact, random = torch.zeros(4_000, number), drawn(1, 4_000, number)
    for scores in (pairs.log_ratio, 0.5 * pairs.log_ratio, 1.3 * pairs.log_ratio):
        for log_baseline in (exact, random):
            values = interpolated_tuba(scores, log_baseline, alpha)
            assert values.mean().item() <= pairs.information + 4 * standard_error(values)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, math.nan])
def test_refuses_an_alpha_that_is_no_weight(alpha: float) -> None:
    with pytest.raises(UserError, match=f"alpha is {alpha}: give a number from 0 to 1"):
        interpolated_tuba(torch.zeros(4, 4), torch.zeros(4), alpha)


def test_refuses_another_number_of_baselines() -> None:
    with pytest.raises(UserError, match=r"log_baseline has shape \(3,\): expected \(4,\)"):
        interpolated_tuba(torch.zeros(4, 4), torch.zeros(3), 0.5)


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        interpolated_tuba(torch.zeros(1, 1), torch.zeros(1), 0.5)
