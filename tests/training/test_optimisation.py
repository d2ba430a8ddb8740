"""The course of the learning rate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.training import Optimisation


def test_without_more_the_rate_is_constant() -> None:
    assert {Optimisation(1e-3).factor(step) for step in (0, 1, 10**6)} == {1.0}


def test_the_rate_rises_in_a_line_and_falls_along_half_a_cosine() -> None:
    optimisation = Optimisation(1.0, warm_up_steps=4, cosine_steps=12)
    assert [optimisation.factor(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    falling = [optimisation.factor(step) for step in range(4, 13)]
    expected = [(1 + math.cos(math.pi * place / 8)) / 2 for place in range(9)]
    assert falling == pytest.approx(expected)


@given(st.integers(0, 50), st.integers(1, 200), st.integers(0, 400))
def test_the_factor_is_a_share_and_nothing_after_the_end(
    warm_up: int, steps: int, step: int
) -> None:
    optimisation = Optimisation(1.0, warm_up_steps=warm_up, cosine_steps=steps)
    assert 0 <= optimisation.factor(step) <= 1
    if step >= max(steps, warm_up + 1):
        assert optimisation.factor(step) == pytest.approx(0)
