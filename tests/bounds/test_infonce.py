"""InfoNCE by rows, by columns and both, against a naive double loop, a closed form, its ceiling."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import infonce, infonce_columns, infonce_symmetric
from infomax.errors import UserError


def naive_infonce(scores: Tensor) -> float:
    number = len(scores)
    total = 0.0
    for i in range(number):
        others = sum(math.exp(float(scores[i, j])) for j in range(number))
        total += float(scores[i, i]) - math.log(others)
    return math.log(number) + total / number


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(1, 9), scale=st.floats(0, 20))
def test_agrees_with_a_naive_double_loop(seed: int, number: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = scale * torch.randn(number, number, generator=generator, dtype=torch.float64)
    assert infonce(scores).item() == pytest.approx(naive_infonce(scores), abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(1, 40), scale=st.floats(0, 1e4))
def test_never_exceeds_log_n(seed: int, number: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = scale * torch.randn(number, number, generator=generator, dtype=torch.float64)
    assert infonce(scores).item() <= math.log(number) + 1e-9


def test_leading_sizes_are_a_batch() -> None:
    scores = torch.randn(3, 2, 6, 6, dtype=torch.float64)
    together = infonce(scores)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            assert together[i, j].item() == pytest.approx(naive_infonce(scores[i, j]))


def test_anchors_are_rows() -> None:
    scores = torch.tensor([[0.0, 5.0], [0.0, 0.0]])
    rows = math.log(2) - 0.5 * (math.log(1 + math.exp(5)) + math.log(2))
    assert infonce(scores).item() == pytest.approx(rows)
    # By columns it is the same of this matrix: tell rows from columns by one that is lopsided.
    assert infonce_columns(scores).item() == pytest.approx(rows)
    lopsided = torch.tensor([[0.0, 5.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    by_rows = math.log(3) - (math.log(1 + 2 * math.exp(5)) + 2 * math.log(3)) / 3
    assert infonce(lopsided).item() == pytest.approx(by_rows)
    assert infonce(lopsided.T).item() != pytest.approx(by_rows, abs=0.1)
    assert infonce_columns(lopsided.T).item() == pytest.approx(by_rows)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_scores(size: float) -> None:
    scores = torch.full((8, 8), size).fill_diagonal_(-size).requires_grad_()
    estimate = infonce(scores)
    estimate.backward()
    assert estimate.isfinite()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


def test_with_the_optimal_critic_reaches_the_information_of_gaussians() -> None:
    correlation, number, repeats = 0.8, 512, 40
    generator = torch.Generator().manual_seed(0)
    truth = -0.5 * math.log(1 - correlation**2)
    x = torch.randn(repeats, number, generator=generator, dtype=torch.float64)
    noise = torch.randn(repeats, number, generator=generator, dtype=torch.float64)
    y = correlation * x + math.sqrt(1 - correlation**2) * noise
    variance = 1 - correlation**2
    # log p(y | x) - log p(y), the critic at which the bound is tightest.
    scores = (
        truth
        - (y.unsqueeze(1) - correlation * x.unsqueeze(2)).square() / (2 * variance)
        + y.unsqueeze(1).square() / 2
    )
    assert infonce(scores).mean().item() == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_refuses_scores_that_are_not_square(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"expected \(\.\.\., N, N\)"):
        infonce(torch.zeros(shape))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(1, 9), scale=st.floats(0, 20))
def test_by_columns_tells_x_apart(seed: int, number: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = scale * torch.randn(number, number, generator=generator, dtype=torch.float64)
    total = 0.0
    for j in range(number):
        others = sum(math.exp(float(scores[i, j])) for i in range(number))
        total += float(scores[j, j]) - math.log(others)
    by_columns = math.log(number) + total / number
    assert infonce_columns(scores).item() == pytest.approx(by_columns, abs=1e-9)
    both = (naive_infonce(scores) + by_columns) / 2
    assert infonce_symmetric(scores).item() == pytest.approx(both, abs=1e-9)
