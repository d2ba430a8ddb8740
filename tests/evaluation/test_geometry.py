"""Alignment, uniformity and effective rank: closed forms, loops, rotations and scales."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from torch import Tensor

from infomax.errors import UserError
from infomax.evaluation import alignment, codes, effective_rank, uniformity

seeds = st.integers(0, 10_000)
scales = st.floats(1e-6, 1e6)


def drawn(seed: int, number: int = 12, size: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(number, size, generator=generator, dtype=torch.float64)


def rotation(seed: int, size: int = 5) -> Tensor:
    turned: Tensor = torch.linalg.qr(drawn(seed, size, size)).Q
    return turned


def simplex(number: int) -> Tensor:
    """Return codes that are equally far apart, their mean at zero."""
    return torch.eye(number, dtype=torch.float64) - 1 / number


def unit(code: list[float]) -> list[float]:
    return [value / math.hypot(*code) for value in code]


def squared_distance(one: list[float], other: list[float]) -> float:
    return math.dist(unit(one), unit(other)) ** 2


@given(seeds)
def test_alignment_equals_a_loop(seed: int) -> None:
    x, y = drawn(seed), drawn(seed + 1)
    distances = [squared_distance(*pair) for pair in zip(x.tolist(), y.tolist(), strict=True)]
    assert alignment(x, y) == pytest.approx(np.mean(distances))
    assert 0 <= alignment(x, y) <= 4


@given(seeds)
def test_uniformity_equals_a_loop_and_keeps_within_its_bounds(seed: int) -> None:
    codes = drawn(seed).tolist()
    terms = [
        math.exp(-2 * squared_distance(codes[i], codes[j]))
        for i in range(len(codes))
        for j in range(i)
    ]
    value = uniformity(torch.tensor(codes, dtype=torch.float64))
    assert value == pytest.approx(math.log(np.mean(terms)))
    assert -4 * 12 / 11 <= value <= 0


@given(seeds)
def test_effective_rank_equals_the_formula_and_keeps_within_its_bounds(seed: int) -> None:
    codes = drawn(seed)
    values = np.sqrt(np.linalg.eigvalsh((codes.T @ codes).numpy()))
    assert effective_rank(codes) == pytest.approx(math.exp(entropy(values)))
    assert 1 <= effective_rank(codes) <= 5


@given(seeds, seeds)
def test_rotating_all_codes_changes_nothing(seed: int, turned_by: int) -> None:
    x, y, turn = drawn(seed), drawn(seed + 1), rotation(turned_by)
    assert alignment(x @ turn, y @ turn) == pytest.approx(alignment(x, y))
    assert uniformity(x @ turn) == pytest.approx(uniformity(x))
    assert effective_rank(x @ turn) == pytest.approx(effective_rank(x))


@given(seeds, scales, scales)
def test_scaling_all_codes_changes_nothing(seed: int, of_x: float, of_y: float) -> None:
    x, y = drawn(seed), drawn(seed + 1)
    assert alignment(of_x * x, of_y * y) == pytest.approx(alignment(x, y))
    assert uniformity(of_x * x) == pytest.approx(uniformity(x))
    assert effective_rank(of_x * x) == pytest.approx(effective_rank(x))


@given(seeds, scales)
def test_scaling_one_code_matters_to_the_effective_rank_alone(seed: int, scale: float) -> None:
    x, y = drawn(seed), drawn(seed + 1)
    scaled = x.clone()
    scaled[3] *= scale
    assert alignment(scaled, y) == pytest.approx(alignment(x, y))
    assert uniformity(scaled) == pytest.approx(uniformity(x))


def test_a_single_long_code_takes_the_effective_rank_towards_one() -> None:
    codes = drawn(0)
    codes[3] *= 1e6
    assert effective_rank(codes) == pytest.approx(1, abs=1e-3)


def test_alignment_is_zero_for_equal_and_four_for_opposite_codes() -> None:
    assert alignment(drawn(0), 3 * drawn(0)) == pytest.approx(0, abs=1e-12)
    assert alignment(drawn(0), -drawn(0)) == pytest.approx(4)


@pytest.mark.parametrize("number", [2, 3, 7, 40])
def test_uniformity_is_lowest_at_the_corners_of_a_simplex(number: int) -> None:
    assert uniformity(simplex(number)) == pytest.approx(-4 * number / (number - 1))
    assert uniformity(simplex(number) + 0.3) > -4 * number / (number - 1) + 1e-3


def test_uniformity_is_zero_where_all_codes_point_the_same_way() -> None:
    codes = torch.arange(1.0, 6).unsqueeze(1) * torch.tensor([[0.3, -0.2, 0.7]])
    assert uniformity(codes) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("rows_at_once", [1, 4, 5, 11, 12])
def test_uniformity_counts_each_pair_once_however_many_rows_are_taken(
    rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = uniformity(drawn(0))
    monkeypatch.setattr(codes, "_ROWS_AT_ONCE", rows_at_once)
    assert uniformity(drawn(0)) == pytest.approx(at_once)


@pytest.mark.parametrize(("number", "size"), [(3, 8), (8, 3), (6, 6)])
def test_effective_rank_is_the_rank_where_singular_values_are_alike(number: int, size: int) -> None:
    rank = min(number, size)
    codes = rotation(0, number)[:, :rank] @ rotation(1, size)[:rank]
    assert effective_rank(codes) == pytest.approx(rank)
    assert effective_rank(codes[:, :1] @ codes[:1]) == pytest.approx(1)


def test_effective_rank_of_two_singular_values_has_a_closed_form() -> None:
    codes = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert effective_rank(codes) == pytest.approx(4 / 3**0.75)


def test_codes_in_float32_are_computed_in_float64() -> None:
    codes = drawn(0, 200, 30).float()
    assert effective_rank(codes) == effective_rank(codes.double())
    assert uniformity(codes) == uniformity(codes.double())
    assert alignment(codes, codes.flip(0)) == alignment(codes.double(), codes.double().flip(0))


def test_codes_of_zeros_have_no_direction() -> None:
    zeros = torch.zeros(4, 3)
    assert effective_rank(zeros) == 0
    assert alignment(zeros, zeros) == 0
    assert alignment(zeros, torch.ones(4, 3)) == pytest.approx(1)
    assert uniformity(zeros) == 0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_codes_that_are_not_finite_give_what_is_not_a_number(value: float) -> None:
    codes = drawn(0)
    codes[2, 1] = value
    assert math.isnan(alignment(codes, drawn(1)))
    assert math.isnan(uniformity(codes))
    assert math.isnan(effective_rank(codes))


def test_too_few_codes_and_pairs_that_do_not_match_are_refused() -> None:
    with pytest.raises(UserError, match=r"x are \(12, 5\) and of y \(11, 5\)"):
        alignment(drawn(0), drawn(1)[:11])
    with pytest.raises(UserError, match="pairs of codes"):
        alignment(drawn(0)[:0], drawn(1)[:0])
    with pytest.raises(UserError, match=r"1 code\(s\): uniformity needs at least 2"):
        uniformity(drawn(0)[:1])
    with pytest.raises(UserError, match=r"\(0, 5\): an effective rank needs"):
        effective_rank(drawn(0)[:0])
