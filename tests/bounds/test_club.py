"""CLUB against a naive double loop, its closed form, and on which side of the truth it stands."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import club
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_club(log_densities: Tensor) -> float:
    number = len(log_densities)
    joint = sum(float(log_densities[i, i]) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                marginal += float(log_densities[i, j])
    return joint - marginal / (number * (number - 1))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 20))
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    log_densities = drawn(seed, number, number, scale=scale)
    assert club(log_densities).item() == pytest.approx(
        naive_club(log_densities), rel=1e-9, abs=1e-9
    )


def test_leading_sizes_are_a_batch(drawn: Drawn) -> None:
    log_densities = drawn(0, 3, 2, 6, 6)
    together = club(log_densities)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            assert together[i, j].item() == pytest.approx(naive_club(log_densities[i, j]))


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_log_densities(size: float) -> None:
    assert club(torch.full((8, 8), size).fill_diagonal_(-size)).item() == -2 * size


@pytest.mark.parametrize("number", [2, 3, 32])
def test_with_the_true_density_has_its_closed_form_above_the_information(
    number: int,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    correlation = 0.6
    pairs = gaussian_pairs(correlation=correlation, number=number, batches=8_000)
    values = club(pairs.log_conditional)
    exact = correlation**2 / (1 - correlation**2)
    assert exact > pairs.information + 0.3
    assert values.mean().item() == pytest.approx(exact, abs=4 * standard_error(values))


def test_with_another_density_it_may_be_below_the_information(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=64, batches=50)
    ignorant = pairs.log_marginal.unsqueeze(1).expand(-1, 64, -1)
    assert club(ignorant).mean().item() == pytest.approx(0, abs=1e-9)
    assert club(0.2 * pairs.log_conditional).mean().item() < pairs.information


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_refuses_log_densities_that_are_not_square(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"log densities have shape .* expected \(\.\.\., N, N\)"):
        club(torch.zeros(shape))


def test_refuses_a_batch_without_negatives() -> None:
    with pytest.raises(UserError, match="at least 2"):
        club(torch.zeros(1, 1))
