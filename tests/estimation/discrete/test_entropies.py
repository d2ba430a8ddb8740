"""Entropies of counts against their formulas, row by row, and against what is true."""

import math
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma

from infomax.estimation.discrete.entropies import (
    ENTROPIES,
    chao_wang_jost_entropy,
    counts_of_counts,
    entropy_of_unseen,
    grassberger_entropy,
)

Counts: TypeAlias = NDArray[np.int64]


def plug_in(counts: list[int]) -> float:
    number = sum(counts)
    return -sum(each / number * math.log(each / number) for each in counts)


def miller_madow(counts: list[int]) -> float:
    return plug_in(counts) + (len(counts) - 1) / (2 * sum(counts))


def grassberger(counts: list[int]) -> float:
    def g(often: int) -> float:
        # G(n + 2) = G(n) + 2 / n for odd n, and G(2n) = G(2n + 1).
        return -np.euler_gamma - math.log(2) + sum(2 / odd for odd in range(1, often, 2))

    return math.log(sum(counts)) - sum(each * g(each) for each in counts) / sum(counts)


def chao_shen(counts: list[int]) -> float:
    number = sum(counts)
    shares = [(1 - counts.count(1) / number) * each / number for each in counts]
    return -sum(share * math.log(share) / (1 - (1 - share) ** number) for share in shares)


def chao_wang_jost(counts: list[int]) -> float:
    number, once, twice = sum(counts), counts.count(1), counts.count(2)
    entropy = sum(
        each / number * sum(1 / often for often in range(each, number)) for each in counts
    )
    if not once:
        return entropy
    share = (
        2 * twice / ((number - 1) * once + 2 * twice)
        if twice
        else 2 / ((number - 1) * (once - 1) + 2)
    )
    left = -math.log(share) - sum((1 - share) ** r / r for r in range(1, number))
    return entropy + once / number * (1 - share) ** (1 - number) * left


NAIVE = {
    "plug-in": plug_in,
    "miller-madow": miller_madow,
    "grassberger": grassberger,
    "chao-shen": chao_shen,
    "chao-wang-jost": chao_wang_jost,
}


@pytest.mark.parametrize("name", ENTROPIES)
@pytest.mark.parametrize(
    "counts",
    [
        [30, 20, 10],
        [40, 7, 3, 2, 2, 2, 1, 1, 1, 1],
        [50, 4, 3, 1, 1, 1, 1, 1],
        [100, 2, 2, 1],
    ],
    ids=["none rare", "some twice", "none twice", "one once"],
)
def test_agrees_with_the_formula_level_by_level(name: str, counts: list[int]) -> None:
    found = ENTROPIES[name](*counts_of_counts(np.array(counts)))
    assert found == pytest.approx(NAIVE[name](counts), rel=1e-6)


@pytest.mark.parametrize("name", ENTROPIES)
def test_many_samples_cost_one_call(name: str) -> None:
    often = np.array([0.0, 1.0, 2.0, 7.0, 40.0])
    times = np.array([[0.0, 4, 3, 2, 1], [2.0, 3, 0, 0, 2], [1.0, 0, 0, 0, 2], [0.0, 60, 0, 0, 0]])
    together = ENTROPIES[name](often, times)
    apart = [float(ENTROPIES[name](often[1:], each[1:])) for each in times]
    assert np.isfinite(together).all()
    assert together == pytest.approx(apart)


def test_of_two_equal_levels_is_log_2_but_for_corrections() -> None:
    for name, entropy in ENTROPIES.items():
        found = float(entropy(*counts_of_counts(np.array([5000, 5000]))))
        assert found == pytest.approx(math.log(2), abs=2e-4), name


@pytest.mark.parametrize("often", [1, 2, 5, 6])
def test_grassberger_of_one_level_has_the_digamma_and_half_of_what_alternates(often: int) -> None:
    count = np.array([float(often)])
    integral = (digamma((often + 1) / 2) - digamma(often / 2)) / 2
    expected = math.log(often) - digamma(often) - (-1) ** often * integral
    assert grassberger_entropy(count, np.ones(1)) == pytest.approx(expected)


@pytest.mark.parametrize(("share", "number"), [(1e-4, 3000), (1e-3, 10_000), (0.02, 50)])
def test_what_is_unseen_is_the_rest_of_the_series(share: float, number: int) -> None:
    terms = np.arange(400_000)
    rest = ((1 - share) ** (terms + 1) / (number + terms)).sum()
    assert entropy_of_unseen(np.array(share), np.array(number)) == pytest.approx(rest, rel=1e-7)


@pytest.mark.parametrize("levels", [500, 2000])
def test_levels_that_were_not_seen_are_made_up_for(levels: int) -> None:
    # 1,000 rows: of 500 levels an eighth was not seen, of 2,000 more than half.
    found = [
        float(
            chao_wang_jost_entropy(
                *counts_of_counts(
                    np.bincount(np.random.default_rng(seed).integers(levels, size=1000))
                )
            )
        )
        for seed in range(20)
    ]
    error = float(np.std(found)) / math.sqrt(len(found))
    assert np.mean(found) == pytest.approx(math.log(levels), abs=3 * error + 0.005)
