"""Leave-one-out against a naive double loop, and on which side of the truth it stands."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import infonce_columns, leave_one_out
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_leave_one_out(log_densities: Tensor) -> float:
    number = len(log_densities)
    total = 0.0
    for i in range(number):
        others = sum(math.exp(float(log_densities[j, i])) for j in range(number) if j != i)
        total += float(log_densities[i, i]) - math.log(others / (number - 1))
    return total / number


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 20))
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    log_densities = drawn(seed, number, number, scale=scale)
    assert leave_one_out(log_densities).item() == pytest.approx(
        naive_leave_one_out(log_densities), rel=1e-9, abs=1e-9
    )


def test_the_marginal_of_a_y_is_made_of_other_x(drawn: Drawn) -> None:
    # What depends on y alone cancels: what depends on x alone does not.
    log_densities, shift = drawn(0, 5, 5), drawn(1, 5, scale=3)
    value = leave_one_out(log_densities).item()
    assert leave_one_out(log_densities + shift).item() == pytest.approx(value)
    by_rows = leave_one_out(log_densities + shift.unsqueeze(1)).item()
    assert by_rows != pytest.approx(value, abs=0.1)


def test_leading_sizes_are_a_batch(drawn: Drawn) -> None:
    log_densities = drawn(0, 3, 2, 6, 6)
    together = leave_one_out(log_densities)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            expected = naive_leave_one_out(log_densities[i, j])
            assert together[i, j].item() == pytest.approx(expected)


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_log_densities(size: float) -> None:
    log_densities = torch.full((8, 8), size).fill_diagonal_(-size).requires_grad_()
    estimate = leave_one_out(log_densities)
    estimate.backward()
    assert estimate.item() == pytest.approx(-2 * size)
    assert log_densities.grad is not None
    assert log_densities.grad.isfinite().all()


def test_agrees_with_finite_differences(drawn: Drawn) -> None:
    assert torch.autograd.gradcheck(leave_one_out, drawn(0, 2, 4, 4).requires_grad_())


@pytest.mark.parametrize("number", [2, 5, 16])
def test_with_the_true_density_the_information_lies_between_infonce_and_it(
    number: int,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=number, batches=4_000)
    above = leave_one_out(pairs.log_conditional)
    below = infonce_columns(pairs.log_conditional)
    assert above.mean().item() >= pairs.information - 4 * standard_error(above)
    assert below.mean().item() <= pairs.information + 4 * standard_error(below)


def test_with_the_true_density_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    assert leave_one_out(pairs.log_conditional).mean().item() == pytest.approx(
        pairs.information, abs=0.02
    )


def test_with_another_density_it_may_be_below_the_information(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=16, batches=50)
    ignorant = pairs.log_marginal.unsqueeze(1).expand(-1, 16, -1)
    assert leave_one_out(ignorant).mean().item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_refuses_log_densities_that_are_not_square(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"log densities have shape .* expected \(\.\.\., N, N\)"):
        leave_one_out(torch.zeros(shape))


def test_refuses_a_batch_without_others() -> None:
    with pytest.raises(UserError, match="at least 2"):
        leave_one_out(torch.zeros(1, 1))
