"""What ``auto`` chooses, and that it does not look at the test pairs."""

import numpy as np
import pytest

from infomax.distributions import DISTRIBUTIONS
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.split import split_pairs


@pytest.mark.filterwarnings("ignore::infomax.estimation.GapWarning")
@pytest.mark.parametrize(
    ("task", "pairs", "method", "within"),
    [
        ("1v1-normal-0.75", 2000, "elliptical-copula", 0.05),
        ("asinh-student-identity-1-1-1", 2000, "elliptical-copula", 0.05),
        ("1v1-additive-0.1", 2000, "ksg-1", 0.08),
        ("swissroll_x-normal_cdf-1v1-normal-0.75", 2000, "ksg-1", 0.06),
        ("half_cube-multinormal-sparse-5-5-2-2.0", 2000, "elliptical-copula", 0.08),
        ("asinh-student-identity-2-2-1", 2000, "elliptical-copula", 0.06),
        ("spiral-multinormal-sparse-3-3-2-2.0", 4000, "infonce-symmetric", 0.25),
        ("staircase-gaussian-20-10", 2000, "elliptical-copula", 0.3),
        ("independent-normal-5-5", 1000, "elliptical-copula", 0.03),
    ],
)
def test_chooses_the_simplest_method_that_is_not_contradicted(
    task: str, pairs: int, method: str, within: float
) -> None:
    result = estimate_mi(*draw_pairs(task, pairs, seed=0), permutations=19)
    assert result.method == method
    assert result.value == pytest.approx(DISTRIBUTIONS[task].mutual_information, abs=within)
    assert "copula" in result.reason


def test_atoms_and_levels_exclude_the_copula() -> None:
    generator = np.random.default_rng(0)
    x = np.maximum(generator.normal(size=800), 0)  # half of it is 0
    y = x + 0.5 * generator.normal(size=800)
    result = estimate_mi(x, y, permutations=19)
    assert result.method == "mixed-ksg-1"
    assert result.value > 0.3


def test_rounded_values_stay_continuous() -> None:
    x, y = draw_pairs("1v1-normal-0.75", 2000, seed=0)
    result = estimate_mi(x.round(1), y.round(1), permutations=19)
    assert result.method == "elliptical-copula"
    assert result.value == pytest.approx(0.413, abs=0.06)
    assert not result.warnings


@pytest.mark.parametrize(
    "task", ["swissroll_x-normal_cdf-1v1-normal-0.75", "student-identity-3-3-3"]
)
def test_the_choice_does_not_depend_on_the_test_pairs(task: str) -> None:
    x, y = draw_pairs(task, 1500, seed=0)
    chosen = estimate_mi(x, y, permutations=9)
    test = split_pairs(1500, np.random.default_rng(0)).test
    # The test pairs become the pairs of another law, and of other values.
    y[test] = 100 + np.random.default_rng(1).permutation(y[test])
    again = estimate_mi(x, y, permutations=9)
    if chosen.method == "elliptical-copula":
        assert again.method == chosen.method
        assert again.reason.split("find")[1] == chosen.reason.split("find")[1]
    else:
        assert again.method == chosen.method


@pytest.mark.filterwarnings("ignore::infomax.estimation.EstimationWarning")
def test_with_too_few_pairs_for_the_correlations_no_closed_form_is_taken() -> None:
    generator = np.random.default_rng(0)
    hidden = generator.standard_normal((600, 3))
    x, y = (
        hidden @ generator.standard_normal((3, size)) + 2 * generator.standard_normal((600, size))
        for size in (60, 90)
    )
    result = estimate_mi(x, y, permutations=19)
    assert result.method == "infonce-symmetric"
    assert "600 pairs are too few for 5400 correlations" in result.reason
    # A closed form, less its own correction of 4.5 nats, is nothing to go by.
    assert 1 < result.value < 5
