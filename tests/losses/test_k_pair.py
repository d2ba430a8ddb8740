"""The K-pair loss against a naive double loop, InfoNCE, and finite differences."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import infonce
from infomax.errors import UserError
from infomax.losses import k_pair_loss

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, number: int, scale: float) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(number, number, generator=generator, dtype=torch.float64)


def naive_k_pair(scores: Tensor) -> float:
    number = len(scores)
    total = 0.0
    for i in range(number):
        excess = sum(
            math.exp(float(scores[i, j]) - float(scores[i, i])) for j in range(number) if j != i
        )
        total += math.log1p(excess)
    return total / number


@given(seed=SEEDS, number=st.integers(2, 9), scale=st.floats(0, 20))
def test_agrees_with_a_naive_double_loop(seed: int, number: int, scale: float) -> None:
    scores = drawn(seed, number, scale)
    assert k_pair_loss(scores).item() == pytest.approx(naive_k_pair(scores), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@given(seed=SEEDS, number=st.integers(2, 40), scale=st.floats(0, 1e4))
def test_log_n_less_the_loss_is_infonce(
    dtype: torch.dtype, seed: int, number: int, scale: float
) -> None:
    scores = drawn(seed, number, scale).to(dtype)
    # Both round sums of N scores of this size.
    tolerance = 8 * torch.finfo(dtype).eps * (1 + math.log(number) + scores.abs().max().item())
    from_loss = math.log(number) - k_pair_loss(scores).item()
    assert from_loss == pytest.approx(infonce(scores).item(), rel=0, abs=tolerance)


@given(seed=SEEDS, number=st.integers(2, 9), scale=st.floats(0, 50))
def test_has_the_gradient_of_infonce_turned_round(seed: int, number: int, scale: float) -> None:
    scores = drawn(seed, number, scale).requires_grad_()
    (of_loss,) = torch.autograd.grad(k_pair_loss(scores), scores)
    (of_bound,) = torch.autograd.grad(infonce(scores), scores)
    torch.testing.assert_close(of_loss, -of_bound, rtol=0, atol=1e-12)


@given(seed=SEEDS, number=st.integers(2, 40), scale=st.floats(0, 1e4))
def test_is_never_negative(seed: int, number: int, scale: float) -> None:
    assert k_pair_loss(drawn(seed, number, scale)).item() >= 0


def test_keeps_a_loss_that_rounding_would_take_from_infonce() -> None:
    scores = torch.full((3, 3), -50.0, dtype=torch.float64).fill_diagonal_(0)
    assert k_pair_loss(scores).item() == pytest.approx(2 * math.exp(-50), rel=1e-12, abs=0)


def test_agrees_with_finite_differences() -> None:
    scores = drawn(0, 5, 2).requires_grad_()
    assert torch.autograd.gradcheck(k_pair_loss, scores)


def test_leading_sizes_are_a_batch() -> None:
    scores = torch.randn(3, 2, 6, 6, dtype=torch.float64)
    together = k_pair_loss(scores)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            assert together[i, j].item() == pytest.approx(naive_k_pair(scores[i, j]))


def test_anchors_are_rows() -> None:
    lopsided = torch.tensor([[0.0, 5.0, 5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    by_rows = (math.log1p(2 * math.exp(5)) + 2 * math.log(3)) / 3
    assert k_pair_loss(lopsided).item() == pytest.approx(by_rows)
    assert k_pair_loss(lopsided.T).item() != pytest.approx(by_rows, abs=0.1)


@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_is_stable_for_huge_scores(dtype: torch.dtype, size: float) -> None:
    scores = torch.full((8, 8), size, dtype=dtype).fill_diagonal_(-size).requires_grad_()
    loss = k_pair_loss(scores)
    loss.backward()
    # Each negative is 2e4 above its positive, or as much below it.
    expected = 2e4 + math.log(7) if size > 0 else 0.0
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_refuses_scores_that_are_not_square(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"expected \(\.\.\., N, N\)"):
        k_pair_loss(torch.zeros(shape))


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        k_pair_loss(torch.zeros(1, 1))
