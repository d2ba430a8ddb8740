"""NWJ against a naive double loop and a closed form."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import nwj
from infomax.errors import UserError


def naive_nwj(scores: Tensor) -> float:
    number = len(scores)
    joint = sum(float(scores[i, i]) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                marginal += math.exp(float(scores[i, j]) - 1)
    return 1 + (joint - 1) - marginal / (number * (number - 1))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 3))
def test_agrees_with_a_naive_double_loop(seed: int, number: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = scale * torch.randn(number, number, generator=generator, dtype=torch.float64)
    assert nwj(scores).item() == pytest.approx(naive_nwj(scores), rel=1e-9, abs=1e-9)


def test_leading_sizes_are_a_batch() -> None:
    scores = torch.randn(3, 2, 6, 6, dtype=torch.float64)
    together = nwj(scores)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            assert together[i, j].item() == pytest.approx(naive_nwj(scores[i, j]))


def test_does_not_change_when_rows_and_columns_are_swapped() -> None:
    scores = torch.randn(7, 7, dtype=torch.float64)
    assert nwj(scores).item() == pytest.approx(nwj(scores.T).item())


def test_is_stable_for_low_negatives_of_any_size() -> None:
    scores = torch.full((8, 8), -1e4).fill_diagonal_(1e4).requires_grad_()
    estimate = nwj(scores)
    estimate.backward()
    assert estimate.item() == 1e4
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


def test_high_negatives_are_minus_infinity_and_not_nan() -> None:
    assert nwj(torch.full((8, 8), 1e4)).item() == -math.inf


def test_with_the_optimal_critic_reaches_the_information_of_gaussians() -> None:
    correlation, number, repeats = 0.6, 512, 40
    generator = torch.Generator().manual_seed(0)
    truth = -0.5 * math.log(1 - correlation**2)
    x = torch.randn(repeats, number, generator=generator, dtype=torch.float64)
    noise = torch.randn(repeats, number, generator=generator, dtype=torch.float64)
    y = correlation * x + math.sqrt(1 - correlation**2) * noise
    variance = 1 - correlation**2
    # 1 + log p(y | x) - log p(y), the critic at which the bound is the information itself.
    scores = (
        1
        + truth
        - (y.unsqueeze(1) - correlation * x.unsqueeze(2)).square() / (2 * variance)
        + y.unsqueeze(1).square() / 2
    )
    assert nwj(scores).mean().item() == pytest.approx(truth, abs=0.02)


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        nwj(torch.zeros(1, 1))
