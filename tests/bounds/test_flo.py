"""FLO against a naive double loop, the bound that it is the dual of, and the truth."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import flo
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_flo(scores: Tensor, log_normaliser: Tensor) -> float:
    number = len(scores)
    total = 0.0
    for i in range(number):
        excess = sum(
            math.exp(float(scores[i, j]) - float(scores[i, i])) for j in range(number) if j != i
        )
        own = float(log_normaliser[i])
        total += own + math.exp(-own) * excess / (number - 1)
    return 1 - total / number


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 3))
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    scores, log_normaliser = drawn(seed, number, number, scale=scale), drawn(seed + 1, number)
    assert flo(scores, log_normaliser).item() == pytest.approx(
        naive_flo(scores, log_normaliser), rel=1e-9, abs=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 3))
def test_is_largest_at_the_normaliser_of_the_batch(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    negatives = scores.clone().fill_diagonal_(-math.inf)
    best = negatives.logsumexp(dim=1) - math.log(number - 1) - scores.diagonal()
    value = flo(scores, best).item()
    # There it is the mean log of what each pair outdoes its negatives by.
    assert value == pytest.approx(-best.mean().item(), abs=1e-9)
    assert flo(scores, best + drawn(seed + 1, number)).item() < value


def test_anchors_are_rows(drawn: Drawn) -> None:
    # What is added to a row cancels: added to a column, it does not.
    scores, shift, log_normaliser = drawn(0, 5, 5), drawn(1, 5), torch.zeros(5)
    value = flo(scores, log_normaliser).item()
    assert flo(scores + shift.unsqueeze(1), log_normaliser).item() == pytest.approx(value)
    assert flo(scores + shift, log_normaliser).item() != pytest.approx(value, abs=0.1)


def test_leading_sizes_are_a_batch(drawn: Drawn) -> None:
    scores, log_normaliser = drawn(0, 3, 2, 6, 6), drawn(1, 3, 2, 6)
    together = flo(scores, log_normaliser)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            expected = naive_flo(scores[i, j], log_normaliser[i, j])
            assert together[i, j].item() == pytest.approx(expected)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_scores_that_the_normaliser_knows(size: float) -> None:
    scores = torch.full((8, 8), size).fill_diagonal_(-size).requires_grad_()
    log_normaliser = torch.full((8,), 2 * size).requires_grad_()
    estimate = flo(scores, log_normaliser)
    estimate.backward()
    assert estimate.item() == pytest.approx(-2 * size)
    for each in (scores, log_normaliser):
        assert each.grad is not None
        assert each.grad.isfinite().all()


def test_high_negatives_are_minus_infinity_and_not_nan() -> None:
    scores = torch.full((8, 8), 1e4).fill_diagonal_(0)
    assert flo(scores, torch.zeros(8)).item() == -math.inf


def test_agrees_with_finite_differences(drawn: Drawn) -> None:
    inputs = drawn(0, 2, 4, 4).requires_grad_(), drawn(1, 2, 4).requires_grad_()
    assert torch.autograd.gradcheck(flo, inputs)


def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    # The mean of the density ratio over negatives is 1, so its best normaliser is 1 / ratio.
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    values = flo(pairs.log_ratio, -pairs.log_ratio.diagonal(dim1=-2, dim2=-1))
    assert values.mean().item() == pytest.approx(pairs.information, abs=0.02)


def test_is_on_average_below_the_information_whatever_the_critic_and_normaliser(
    drawn: Drawn,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.7, number=4, batches=4_000)
    best = -pairs.log_ratio.diagonal(dim1=-2, dim2=-1)
    for scores in (pairs.log_ratio, 0.5 * pairs.log_ratio):
        for log_normaliser in (best, best + drawn(1, 4_000, 4), torch.zeros_like(best)):
            values = flo(scores, log_normaliser)
            assert values.mean().item() <= pairs.information + 4 * standard_error(values)


def test_refuses_another_number_of_normalisers() -> None:
    with pytest.raises(UserError, match=r"log_normaliser has shape \(1,\): expected \(4,\)"):
        flo(torch.zeros(4, 4), torch.zeros(1))


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        flo(torch.zeros(1, 1), torch.zeros(1))
