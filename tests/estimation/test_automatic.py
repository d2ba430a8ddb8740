"""What ``auto`` chooses, and that it does not look at the test pairs."""

import re

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from infomax.distributions import DISTRIBUTIONS, MultivariateNormal
from infomax.estimation import estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.split import split_rows
from infomax.warnings import AssumptionWarning

from .conftest import NormalPairs


def chained(rows: np.ndarray) -> np.ndarray:
    """Return rows of which each column has a part of the one before: one block of them all."""
    return rows + 0.5 * np.roll(rows, 1, axis=1)


@pytest.mark.filterwarnings("ignore::infomax.warnings.GapWarning")
@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
@pytest.mark.parametrize(
    ("task", "pairs", "method", "within"),
    [
        ("1v1-normal-0.75", 2000, "elliptical-copula", 0.05),
        ("asinh-student-identity-1-1-1", 2000, "elliptical-copula", 0.05),
        ("1v1-additive-0.1", 2000, "residual-ksg", 0.08),
        ("swissroll_x-normal_cdf-1v1-normal-0.75", 2000, "ksg-1", 0.06),
        ("half_cube-multinormal-sparse-5-5-2-2.0", 2000, "independent-blocks", 0.08),
        ("multinormal-dense-5-5-0.5", 2000, "elliptical-copula", 0.08),
        ("asinh-student-identity-2-2-1", 2000, "elliptical-copula", 0.06),
        ("spiral-multinormal-sparse-3-3-2-2.0", 4000, "infonce-symmetric", 0.25),
        ("staircase-gaussian-20-10", 2000, "independent-blocks", 0.2),
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
    test = split_rows(1500, np.random.default_rng(0)).test
    # The test pairs become the pairs of another law, and of other values.
    y[test] = 100 + np.random.default_rng(1).permutation(y[test])
    again = estimate_mi(x, y, permutations=9)
    if chosen.method == "elliptical-copula":
        assert again.method == chosen.method
        assert again.reason.split("find")[1] == chosen.reason.split("find")[1]
    else:
        assert again.method == chosen.method


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
@pytest.mark.parametrize(
    ("rows", "method"), [(600, "elliptical-copula"), (250, "infonce-symmetric")]
)
def test_few_pairs_for_many_correlations_are_read_in_closed_form_or_by_critics(
    rows: int, method: str
) -> None:
    generator = np.random.default_rng(0)
    hidden = generator.standard_normal((rows, 3))
    loadings = generator.standard_normal((3, 150))
    both = hidden @ loadings + 2 * generator.standard_normal((rows, 150))
    truth = MultivariateNormal(
        "example", tuple(map(tuple, (loadings.T @ loadings + 4 * np.eye(150)).tolist())), 60
    ).mutual_information
    result = estimate_mi(both[:, :60], both[:, 60:], permutations=19)
    assert result.method == method
    if rows == 600:
        # Of many draws the standard deviation is 0.12; an optimism of 5.4 nats is taken off.
        assert result.value == pytest.approx(truth, abs=0.36)
        assert "trained critics read" in result.reason
    else:
        assert "250 pairs are too few for 5400 correlations" in result.reason
        assert 0.5 < result.value < truth


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_few_pairs_that_contradict_the_copula_are_read_at_least() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 700, 30))
    y = np.tanh(x) + 0.5 * (1 + np.abs(x)) * noise
    result = estimate_mi(chained(x), y, permutations=19)
    assert result.kind == "lower bound"
    assert "no elliptical copula" in result.reason
    # Of 8.0 nats, of which critics of so few pairs read 1.
    assert 3 < result.value < 8


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_few_pairs_that_hardly_fit_the_copula_are_read_at_least() -> None:
    # Of 1.02 nats the copula of these 1,000 spirals reads 0.84, and critics say no more.
    pairs = DISTRIBUTIONS["spiral-multinormal-sparse-25-25-2-2.0"].sample(
        1000, torch.Generator().manual_seed(0)
    )
    x, y = (side.double().numpy() for side in pairs)
    result = estimate_mi(x, y, permutations=19)
    assert result.kind == "lower bound"
    assert result.interval.low < 1.02
    read = re.search(r"critics read (-?[0-9.]+) nats", result.reason)
    assert read is not None
    assert 0.3 < float(read[1]) < 1.02


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_a_copula_that_nothing_confirms_is_a_lower_bound_that_says_so() -> None:
    # A bijection hides what digits' halves share.
    pixels = load_digits().data
    x, y = (PCA(6).fit_transform(half) for half in np.hsplit(pixels, 2))
    x /= x.std(axis=0)
    assert estimate_mi(x, y, permutations=0).value > 2
    for held, moved in [(slice(3), slice(3, 6)), (slice(3, 6), slice(3))] * 4:
        weights = np.random.default_rng(0).standard_normal((3, 3))
        x[:, moved] += 3 * np.sin(4 * x[:, held] @ weights)
    result = estimate_mi(x, y, permutations=19)
    assert result.value < 0.5
    assert result.kind == "lower bound"
    assert "is at least" in str(result)
    assert "do not contradict" not in result.reason
    assert "y by itself is" in result.reason
    assert any(isinstance(each, AssumptionWarning) for each in result.warnings)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_critics_that_could_not_find_more_are_no_comparison(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 1000, 3, 3, correlation=0.99)  # 5.88 nats
    sound = estimate_mi(chained(x), y, permutations=19)
    assert sound.method == "elliptical-copula"
    assert sound.kind == "neither"
    assert "standard deviations from its samples, where 7 would contradict it" in sound.reason
    assert sound.value == pytest.approx(-1.5 * np.log(1 - 0.99**2), abs=0.15)
    noise = np.random.default_rng(1).standard_normal(x.shape)
    y = np.tanh(x) + 0.005 * (1 + 4 * np.abs(x)) * noise
    bent = estimate_mi(chained(x), y, permutations=19)
    assert bent.method == "elliptical-copula"
    assert bent.kind == "lower bound"
    for result in (sound, bent):
        assert "critics could not be compared" in result.reason
        assert "nats more than it" not in result.reason
    assert "that trained critics could not show" in str(bent.warnings[-1])


@pytest.mark.filterwarnings("ignore::infomax.warnings.FewSamplesWarning")
def test_of_much_more_than_critics_can_hold_none_says_that_they_find_no_more() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 10_000, 50))
    y = np.tanh(x) + 0.5 * (1 + np.abs(x)) * noise
    with pytest.warns(AssumptionWarning, match="the number is a lower bound, and the information"):
        result = estimate_mi(chained(x), y, permutations=19)
    # Of 13.3 nats, which no critic that is trained on batches can show.
    assert result.kind == "lower bound"
    assert "is at least" in str(result)
    assert 6 < result.value < 13.3
    assert "nats more than it" not in result.reason
    assert "do not contradict" not in result.reason
    assert "their bound of 500 pairs cannot exceed log 500 = 6.21" in result.reason


def test_few_columns_of_no_copula_go_to_neighbours_even_if_those_find_no_more() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 3000))
    result = estimate_mi(x, (0.3 + 0.5 * np.abs(x)) * noise, permutations=19)
    assert result.method == "ksg-1"
    assert "no elliptical copula: x and y together are" in result.reason


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_levels_are_counted_unless_most_rows_are_alone_in_their_combination() -> None:
    answers = np.random.default_rng(0).integers(5, size=(400, 6))
    few = estimate_mi(answers[:, :2] > 1, answers[:, 2:4] > 1, permutations=19)
    assert few.method == "chao-wang-jost"
    # Of 5^6 combinations no row shares one with many others.
    many = estimate_mi(answers[:, :4], answers[:, 4:], permutations=19)
    assert many.method == "infonce-symmetric"
    for result in (few, many):
        assert result.value >= 0
        assert 0 in result.interval
        assert result.interval.width > 0


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_critics_see_a_part_of_very_many_pairs_and_the_copula_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, y = draw_pairs("multinormal-dense-3-3-0.5", 3000, seed=0)
    whole = estimate_mi(x, y, permutations=19)
    monkeypatch.setattr("infomax.estimation.neural.estimate._MOST_PAIRS", 1000)
    result, again = (estimate_mi(x, y, permutations=19) for _ in range(2))
    assert result.method == "elliptical-copula"
    assert (result.value, result.interval) == (whole.value, whole.interval)
    assert result.pairs == 3000
    assert result.parts == ("critics, and what they are compared with, on 1,000 of 3,000 pairs",)
    assert "critics, and what they are compared with, on 1,000 of 3,000 pairs" in str(result)
    assert not whole.parts
    assert again.as_dict() == result.as_dict()
    assert result.p_value == 0.05


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_what_critics_read_of_a_part_is_what_they_read_of_all_with_less_certainty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 4000, 2))
    y = np.sin(3 * chained(x)) + noise
    whole = estimate_mi(x, y, permutations=19)
    monkeypatch.setattr("infomax.estimation.neural.estimate._MOST_PAIRS", 2000)
    result = estimate_mi(x, y, permutations=19)
    assert (result.kind, result.pairs) == (whole.kind, 2000) == ("lower bound", 2000)
    assert any(part.endswith("on 2,000 of 4,000 pairs") for part in result.parts)
    assert result.interval.low <= whole.value
    assert result.value - result.interval.low > whole.value - whole.interval.low
