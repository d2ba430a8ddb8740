"""Donsker-Varadhan against a naive double loop, and its bias against the truth."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import donsker_varadhan

Drawn = Callable[..., Tensor]


def naive_donsker_varadhan(scores: Tensor) -> float:
    number = len(scores)
    joint = sum(float(scores[i, i]) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                marginal += math.exp(float(scores[i, j]))
    return joint - math.log(marginal / (number * (number - 1)))


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 20))
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    assert donsker_varadhan(scores).item() == pytest.approx(
        naive_donsker_varadhan(scores), rel=1e-9, abs=1e-9
    )


@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), shift=st.floats(-1e3, 1e3))
def test_a_constant_on_all_scores_changes_nothing(
    drawn: Drawn, seed: int, number: int, shift: float
) -> None:
    scores = drawn(seed, number, number)
    assert donsker_varadhan(scores + shift).item() == pytest.approx(
        donsker_varadhan(scores).item(), abs=1e-9
    )


def test_does_not_change_when_rows_and_columns_are_swapped(drawn: Drawn) -> None:
    scores = drawn(0, 7, 7)
    assert donsker_varadhan(scores).item() == pytest.approx(donsker_varadhan(scores.T).item())


def test_agrees_with_finite_differences(drawn: Drawn) -> None:
    assert torch.autograd.gradcheck(donsker_varadhan, drawn(0, 2, 4, 4).requires_grad_())


def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=512, batches=40)
    assert donsker_varadhan(pairs.log_ratio).mean().item() == pytest.approx(
        pairs.information, abs=0.02
    )


def test_its_bias_is_upwards_and_shrinks_as_the_batch_grows(
    gaussian_pairs: Callable[..., Any], standard_error: Callable[[Tensor], float]
) -> None:
    found = []
    for number in (2, 4, 8):
        ratio = gaussian_pairs(correlation=0.8, number=number, batches=8_000).log_ratio
        # The true partition of the density ratio is 1: the mean score has no bias.
        excess = donsker_varadhan(ratio) - ratio.diagonal(dim1=-2, dim2=-1).mean(dim=-1)
        assert excess.mean().item() > 4 * standard_error(excess)
        found.append(excess.mean().item())
    assert found == sorted(found, reverse=True)
