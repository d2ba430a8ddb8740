"""Bounds of resampled pairs against naive loops over the pairs that were drawn."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import BOUNDS, DENSITY_BOUNDS, Smile
from infomax.score_matrix import DenseScores, ResampledScores

Rows = list[list[float]]

ALL_BOUNDS = {**BOUNDS, **DENSITY_BOUNDS}

every_bound = pytest.mark.parametrize(
    "name", [name for name, make in ALL_BOUNDS.items() if make().computed_from != "whole"]
)


def drawn(seed: int, *shape: int, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def resampled(scores: Tensor, rows: list[int]) -> tuple[Rows, list[list[bool]]]:
    """Return the score matrix of drawn pairs, and which of them are negatives of each other."""
    matrix = [[float(scores[i, j]) for j in rows] for i in rows]
    return matrix, [[i != j for j in rows] for i in rows]


def mean_of_pairs(matrix: Rows) -> float:
    return sum(matrix[a][a] for a in range(len(matrix))) / len(matrix)


def log_partition(
    matrix: Rows, negative: list[list[bool]], change: Callable[[float], float]
) -> float:
    exponentials = [
        math.exp(change(matrix[a][b]))
        for a in range(len(matrix))
        for b in range(len(matrix))
        if negative[a][b]
    ]
    return math.log(sum(exponentials) / len(exponentials))


def naive_infonce(matrix: Rows, negative: list[list[bool]]) -> float:
    terms = []
    for a in range(len(matrix)):
        own = matrix[a][a]
        candidates = [own] + [matrix[a][b] for b in range(len(matrix)) if negative[a][b]]
        mean = sum(map(math.exp, candidates)) / len(candidates)
        terms.append(own - math.log(mean))
    return sum(terms) / len(terms)


def mean_of_negatives(matrix: Rows, negative: list[list[bool]]) -> float:
    places = range(len(matrix))
    values = [matrix[a][b] for a in places for b in places if negative[a][b]]
    return sum(values) / len(values)


def naive_leave_one_out(matrix: Rows, negative: list[list[bool]]) -> float:
    terms = []
    for b in range(len(matrix)):
        others = [math.exp(matrix[a][b]) for a in range(len(matrix)) if negative[a][b]]
        terms.append(matrix[b][b] - math.log(sum(others) / len(others)))
    return sum(terms) / len(terms)


def naive(name: str, matrix: Rows, negative: list[list[bool]]) -> float:
    """Return what a bound is by a loop; whoever adds one that takes rows adds its loop here."""
    turned = [list(row) for row in zip(*matrix, strict=True)]
    partition = log_partition(matrix, negative, lambda score: score)
    clipped = log_partition(matrix, negative, lambda score: min(max(score, -5.0), 5.0))
    return {
        "infonce": naive_infonce(matrix, negative),
        "infonce-columns": naive_infonce(turned, negative),
        "infonce-symmetric": (naive_infonce(matrix, negative) + naive_infonce(turned, negative))
        / 2,
        "nwj": mean_of_pairs(matrix) - math.exp(partition - 1),
        "jensen-shannon": 1 + mean_of_pairs(matrix) - math.exp(partition),
        "donsker-varadhan": mean_of_pairs(matrix) - partition,
        "mine": mean_of_pairs(matrix) - partition,
        "smile": mean_of_pairs(matrix) - clipped,
        "barber-agakov": mean_of_pairs(matrix),
        "difference-of-entropies": mean_of_pairs(matrix),
        "club": mean_of_pairs(matrix) - mean_of_negatives(matrix, negative),
        "leave-one-out": naive_leave_one_out(matrix, negative),
    }[name]


@every_bound
@given(seed=st.integers(0, 2**32 - 1), number=st.integers(2, 9), scale=st.floats(0, 8))
@settings(max_examples=25)
def test_of_every_pair_once_is_what_the_bound_reads(
    name: str, seed: int, number: int, scale: float
) -> None:
    scores = drawn(seed, number, number, scale=scale)
    bound = ALL_BOUNDS[name]()
    found = bound.estimate(ResampledScores(scores, torch.ones(3, number)))
    assert found.shape == (3,)
    for value in found:
        assert value.item() == pytest.approx(bound.estimate(scores).item(), rel=1e-9, abs=1e-9)


@every_bound
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(2, 7).flatmap(
        lambda number: st.lists(st.integers(0, number - 1), min_size=number, max_size=number)
    ),
    scale=st.floats(0, 4),
)
@settings(max_examples=40)
def test_copies_of_a_pair_are_no_negatives_of_each_other(
    name: str, seed: int, rows: list[int], scale: float
) -> None:
    if len(set(rows)) == 1:  # Nothing but copies: there are no negatives.
        rows[0] = (rows[0] + 1) % len(rows)
    scores = drawn(seed, len(rows), len(rows), scale=scale)
    counts = torch.bincount(torch.tensor(rows), minlength=len(rows))
    found = ALL_BOUNDS[name]().estimate(ResampledScores(scores, counts.unsqueeze(0)))
    expected = naive(name, *resampled(scores, rows))
    assert found.item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@every_bound
def test_bootstraps_do_not_touch_each_other(name: str) -> None:
    scores, bound = drawn(0, 6, 6, scale=2), ALL_BOUNDS[name]()
    counts = torch.tensor([[1, 1, 1, 1, 1, 1], [0, 3, 2, 0, 0, 1], [2, 0, 0, 2, 2, 0]])
    together = bound.estimate(ResampledScores(scores, counts))
    for place in range(3):
        alone = bound.estimate(ResampledScores(scores, counts[place : place + 1]))
        torch.testing.assert_close(together[place : place + 1], alone)
    assert len(set(together.tolist())) == 3


@every_bound
def test_is_of_double_precision_and_stable_for_large_scores(name: str) -> None:
    scores = torch.full((8, 8), -300.0).fill_diagonal_(300.0)
    counts = torch.tensor([[1] * 8, [0, 2, 0, 2, 0, 2, 0, 2]])
    found = ALL_BOUNDS[name]().estimate(ResampledScores(scores, counts))
    assert found.dtype == torch.float64
    if ALL_BOUNDS[name]().capped:
        # The cap is of different candidates: eight, or six others and the anchor itself.
        torch.testing.assert_close(found, torch.tensor([8.0, 7.0], dtype=torch.float64).log())
    else:
        assert found.isfinite().all()


def test_smile_is_clipped_where_it_says() -> None:
    scores = drawn(0, 6, 6, scale=4)
    for clip in (0.5, 2.0, math.inf):
        bound = Smile(clip)
        found = bound.estimate(ResampledScores(scores, torch.ones(1, 6)))
        assert found.item() == pytest.approx(bound.estimate(scores).item())


def test_sums_may_be_of_a_function_of_each_score() -> None:
    scores = drawn(0, 5, 5)
    resampled_once, whole = ResampledScores(scores, torch.ones(1, 5)), DenseScores(scores)
    for sum_of in ("joint_mean", "negatives_mean", "log_partition"):
        found = getattr(resampled_once, sum_of)(torch.square)
        assert found.item() == pytest.approx(getattr(whole, sum_of)(torch.square).item())
