"""SMILE against a naive double loop, and between its two limits."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import JensenShannon, Smile, donsker_varadhan
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def naive_smile(scores: Tensor, clip: float) -> float:
    number = len(scores)
    joint = sum(float(scores[i, i]) for i in range(number)) / number
    marginal = 0.0
    for i in range(number):
        for j in range(number):
            if i != j:
                ratio = math.exp(float(scores[i, j]))
                marginal += min(max(ratio, math.exp(-clip)), math.exp(clip))
    return joint - math.log(marginal / (number * (number - 1)))


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 9),
    scale=st.floats(0, 20),
    clip=st.floats(0.1, 10),
)
def test_agrees_with_a_naive_double_loop(
    drawn: Drawn, seed: int, number: int, scale: float, clip: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    assert Smile(clip).estimate(scores).item() == pytest.approx(
        naive_smile(scores, clip), rel=1e-9, abs=1e-9
    )


def test_is_trained_by_jensen_shannon(drawn: Drawn) -> None:
    scores = drawn(0, 5, 5, scale=9)
    assert torch.equal(Smile().objective(scores), JensenShannon().objective(scores))


def test_without_a_limit_is_donsker_varadhan(drawn: Drawn) -> None:
    scores = drawn(0, 5, 5, scale=9)
    assert torch.equal(Smile(math.inf).estimate(scores), donsker_varadhan(scores))


def test_clips_at_5_unless_told(drawn: Drawn) -> None:
    scores = drawn(0, 5, 5, scale=9)
    assert torch.equal(Smile().estimate(scores), Smile(5.0).estimate(scores))
    assert not torch.equal(Smile().estimate(scores), Smile(4.0).estimate(scores))


def test_its_partition_varies_less_than_that_of_donsker_varadhan(
    gaussian_pairs: Callable[..., Any],
) -> None:
    ratio = gaussian_pairs(correlation=0.99, number=16, batches=400).log_ratio
    joint = ratio.diagonal(dim1=-2, dim2=-1).mean(dim=-1)
    of_all = donsker_varadhan(ratio) - joint
    assert (Smile(1.0).estimate(ratio) - joint).std() < 0.7 * of_all.std()


def test_with_the_optimal_critic_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any],
) -> None:
    pairs = gaussian_pairs(correlation=0.6, number=512, batches=40)
    assert Smile().estimate(pairs.log_ratio).mean().item() == pytest.approx(
        pairs.information, abs=0.02
    )


@pytest.mark.parametrize("clip", [0.0, -1.0, math.nan])
def test_refuses_a_clip_that_leaves_nothing(clip: float) -> None:
    with pytest.raises(UserError, match=f"clip of SMILE is {clip}"):
        Smile(clip)
