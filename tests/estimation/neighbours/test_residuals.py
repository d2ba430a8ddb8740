"""KSG 1 on regression residuals: entropies, the identity, and where it is taken."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial import KDTree
from scipy.special import digamma

from infomax import UserError, estimate_mi
from infomax.estimation.benchmark import draw_pairs
from infomax.estimation.neighbours.ksg import ksg_1_terms
from infomax.estimation.neighbours.residuals import (
    entropy_terms,
    residual_ksg_terms,
    residual_space,
)
from infomax.estimation.samples import read_samples


@pytest.mark.parametrize("neighbours", [1, 3, 5])
def test_entropies_are_those_of_a_tree_of_all_points(neighbours: int) -> None:
    values = np.random.default_rng(0).standard_normal((300, 1))
    radii = KDTree(values).query(values, k=neighbours + 1)[0][:, -1]
    naive = digamma(300) - digamma(neighbours) + np.log(2 * radii)
    assert entropy_terms(values, neighbours=neighbours) == pytest.approx(naive)


@pytest.mark.parametrize("correlation", [0.9, 0.99, 0.9999])
def test_reads_what_a_ridge_holds_where_neighbours_read_too_little(correlation: float) -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 1000, 1))
    y = correlation * x + np.sqrt(1 - correlation**2) * noise
    truth = -0.5 * np.log(1 - correlation**2)
    error = abs(residual_ksg_terms(x, y, neighbours=5).mean() - truth)
    assert error < 0.12
    if correlation > 0.999:
        assert abs(ksg_1_terms(x, y, neighbours=5).mean() - truth) > 2 * error


def test_is_symmetric_and_does_not_mind_shifts() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 500, 1))
    y = np.sin(2 * x) + 0.3 * noise
    terms = residual_ksg_terms(x, y, neighbours=5)
    assert residual_ksg_terms(y, x, neighbours=5) == pytest.approx(terms)
    assert residual_ksg_terms(x + 2, y - 3, neighbours=5).mean() == pytest.approx(terms.mean())


def test_far_tails_become_random_normal_scores_in_the_same_order() -> None:
    generator = np.random.default_rng(0)
    heavy, light = generator.standard_cauchy(2000), generator.uniform(size=2000)
    x, y = residual_space(read_samples(heavy, light), generator)
    assert (x[:, 0].argsort() == heavy.argsort()).all()
    assert np.abs(x).max() < 5
    assert y[:, 0] == pytest.approx((light - light.mean()) / light.std())


def test_uniform_noise_of_little_width_is_read_better_than_by_neighbours_alone() -> None:
    values = {
        method: [
            estimate_mi(*draw_pairs("1v1-additive-0.1", 2000, seed), method, permutations=0).value
            for seed in range(5)
        ]
        for method in ("residual-ksg", "ksg-1")
    }
    errors = {method: abs(np.mean(each) - 1.709) for method, each in values.items()}
    assert errors["residual-ksg"] < 0.6 * errors["ksg-1"]


@pytest.mark.filterwarnings("ignore::infomax.warnings.SampleSizeWarning")
def test_little_dependence_and_rounded_values_go_to_ksg() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 3000))
    assert estimate_mi(x, x**2 + 2 * noise, permutations=0).method == "ksg-1"
    rounded = estimate_mi(x.round(2), (x**2 + 0.1 * noise).round(2), permutations=0)
    assert rounded.method == "ksg-1"


def test_a_cross_that_no_curve_explains_goes_to_ksg() -> None:
    assert estimate_mi(*draw_pairs("1v1-X-0.9", 3000, 0), permutations=0).method == "ksg-1"


def test_more_columns_are_refused_by_name() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 100, 2))
    with pytest.raises(UserError, match="method residual-ksg is for one column with one"):
        estimate_mi(x, y, "residual-ksg")


@pytest.mark.parametrize("bend", [lambda x: 3 * x, np.square])
def test_what_is_left_by_a_curve_without_noise_is_rounding_and_no_information(
    bend: Callable[[np.ndarray], np.ndarray],
) -> None:
    x = np.random.default_rng(0).standard_normal((1000, 1))
    terms = residual_ksg_terms(x, bend(x), neighbours=5)
    assert terms.mean() < np.log(1000)
