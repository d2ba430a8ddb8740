"""Nearest neighbours against naive double loops, scikit-learn, closed forms and plug-in values."""

import math
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.metrics import mutual_info_score
from sklearn.preprocessing import scale

from infomax.distributions import DISTRIBUTIONS
from infomax.errors import UserError
from infomax.estimation.neighbours.ksg import (
    ksg_1_terms,
    ksg_2_terms,
    mixed_ksg_1_terms,
    mixed_ksg_terms,
)

from ..conftest import Array, Draw, NormalPairs

Estimator = Callable[..., Array]

every_estimator = pytest.mark.parametrize(
    "terms", [ksg_1_terms, ksg_2_terms, mixed_ksg_terms, mixed_ksg_1_terms]
)
both_mixed = pytest.mark.parametrize("terms", [mixed_ksg_terms, mixed_ksg_1_terms])
samples = given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(8, 24),
    x_size=st.integers(1, 3),
    y_size=st.integers(1, 3),
    neighbours=st.integers(1, 7),
)


def distance(first: Array, second: Array) -> float:
    return max(abs(float(a) - float(b)) for a, b in zip(first, second, strict=True))


def neighbours_of(x: Array, y: Array, i: int, number: int) -> list[tuple[float, int]]:
    others = [(max(distance(x[i], x[j]), distance(y[i], y[j])), j) for j in range(len(x)) if j != i]
    return sorted(others)[:number]


def naive_ksg_1(x: Array, y: Array, k: int) -> list[float]:
    terms = []
    for i in range(len(x)):
        radius = neighbours_of(x, y, i, k)[-1][0]
        inside = [
            sum(distance(side[i], side[j]) < radius for j in range(len(x)) if j != i)
            for side in (x, y)
        ]
        terms.append(digamma(k) + digamma(len(x)) - sum(digamma(count + 1) for count in inside))
    return terms


def naive_ksg_2(x: Array, y: Array, k: int) -> list[float]:
    terms = []
    for i in range(len(x)):
        nearest = [j for _, j in neighbours_of(x, y, i, k)]
        inside = []
        for side in (x, y):
            radius = max(distance(side[i], side[j]) for j in nearest)
            inside.append(
                sum(distance(side[i], side[j]) <= radius for j in range(len(x)) if j != i)
            )
        terms.append(digamma(k) - 1 / k + digamma(len(x)) - sum(map(digamma, inside)))
    return terms


def naive_mixed_ksg(x: Array, y: Array, k: int) -> list[float]:
    terms = []
    for i in range(len(x)):
        radius = neighbours_of(x, y, i, k)[-1][0]
        others = [j for j in range(len(x)) if j != i]
        counted = k
        if radius == 0:
            counted = sum(distance(x[i], x[j]) == distance(y[i], y[j]) == 0 for j in others)
        inside = [sum(distance(side[i], side[j]) <= radius for j in others) for side in (x, y)]
        terms.append(
            digamma(counted) + math.log(len(x)) - sum(math.log(count + 1) for count in inside)
        )
    return terms


def naive_mixed_ksg_1(x: Array, y: Array, k: int) -> list[float]:
    terms = []
    for i in range(len(x)):
        radius = neighbours_of(x, y, i, k)[-1][0]
        in_x, in_y = (
            [
                distance(side[i], each) < radius or (radius == distance(side[i], each) == 0)
                for each in side
            ]
            for side in (x, y)
        )
        in_both = [of_x and of_y for of_x, of_y in zip(in_x, in_y, strict=True)]
        both, all_of_them, of_x, of_y = map(digamma, (sum(in_both), len(x), sum(in_x), sum(in_y)))
        terms.append(both + all_of_them - of_x - of_y)
    return terms


NAIVE = {
    ksg_1_terms: naive_ksg_1,
    ksg_2_terms: naive_ksg_2,
    mixed_ksg_terms: naive_mixed_ksg,
    mixed_ksg_1_terms: naive_mixed_ksg_1,
}


@every_estimator
@samples
@settings(max_examples=25)
def test_agrees_with_a_naive_double_loop(
    terms: Estimator, *, seed: int, number: int, x_size: int, y_size: int, neighbours: int
) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(number, x_size)), generator.normal(size=(number, y_size))
    y[:, 0] += x[:, 0]
    found = terms(x, y, neighbours=neighbours)
    np.testing.assert_allclose(found, NAIVE[terms](x, y, neighbours), rtol=0, atol=1e-12)


@both_mixed
@samples
@settings(max_examples=40)
def test_mixed_agree_with_naive_double_loops_where_values_repeat(
    terms: Estimator, *, seed: int, number: int, x_size: int, y_size: int, neighbours: int
) -> None:
    # Some columns of whole numbers, some of which half of the rows are: radii of 0 and above.
    generator = np.random.default_rng(seed)
    x = generator.integers(0, 3, size=(number, x_size)).astype(np.float64)
    y = np.where(
        generator.random((number, 1)) < 0.5, generator.normal(size=(number, y_size)), x[:, :1]
    )
    found = terms(x, y, neighbours=neighbours)
    np.testing.assert_allclose(found, NAIVE[terms](x, y, neighbours), rtol=0, atol=1e-12)


@both_mixed
@pytest.mark.parametrize("apart", [1.0, 1e3])
def test_mixed_agree_with_naive_double_loops_where_places_are_crowded(
    terms: Estimator, apart: float
) -> None:
    # Of 150 rows 16 or more are at many of the places of x, and of the pairs at some.
    generator = np.random.default_rng(0)
    x: Array = apart * generator.integers(0, 2, size=(150, 2)).astype(np.float64)
    y: Array = np.where(generator.random((150, 2)) < 0.7, 0, generator.normal(size=(150, 2)))
    for one, other in ((x, y), (y, x), (x, x[::-1])):
        found = terms(one, other, neighbours=3)
        np.testing.assert_allclose(found, NAIVE[terms](one, other, 3), rtol=0, atol=1e-12)


@both_mixed
def test_mixed_of_places_that_most_rows_share_do_not_compare_all_with_all(
    terms: Estimator,
) -> None:
    # Of 8 places: compared one by one, each row would have an eighth of all for neighbours.
    generator = np.random.default_rng(0)
    x = 1e3 * generator.integers(2, size=(100_000, 2))
    y = 1e3 * generator.integers(2, size=(100_000, 1))
    began = time.process_time()
    assert terms(x, y, neighbours=5).mean() == pytest.approx(0, abs=0.01)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("neighbours", [1, 3, 10])
def test_ksg_1_is_what_scikit_learn_estimates(
    seed: int, neighbours: int, normal_pairs: NormalPairs
) -> None:
    x, y = normal_pairs(seed, 400, correlation=0.8)
    y = np.exp(y)
    (theirs,) = mutual_info_regression(x, y[:, 0], n_neighbors=neighbours, random_state=0)
    # They divide by the standard deviation and add noise of 1e-10, which reorders no distances
    # here. Of the raw values the distances are others, and so is the estimate.
    ours = ksg_1_terms(scale(x, with_mean=False), scale(y, with_mean=False), neighbours=neighbours)
    assert theirs > 0.3
    assert ours.mean() == pytest.approx(theirs, abs=1e-12)
    assert ksg_1_terms(x, 5 * y, neighbours=neighbours).mean() != pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("neighbours", [1, 3, 10])
def test_mixed_ksg_1_of_levels_and_a_real_number_is_what_scikit_learn_estimates(
    seed: int, neighbours: int, draw: Draw
) -> None:
    # Theirs is the estimator of Ross (2014).
    x, y = draw(DISTRIBUTIONS["discrete-continuous-5"], 400, seed)
    (theirs,) = mutual_info_classif(y, x[:, 0], n_neighbors=neighbours, random_state=0)
    ours = mixed_ksg_1_terms(1e3 * x, scale(y, with_mean=False), neighbours=neighbours)
    assert ours.mean() == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("neighbours", [1, 5, 20])
def test_mixed_ksg_1_of_levels_of_few_rows_takes_all_others_of_a_level_for_neighbours(
    neighbours: int,
) -> None:
    # Ross (2014), equation 5, with as many neighbours as a level of six has others.
    level = np.random.default_rng(0).permutation(np.repeat(np.arange(20), 6))
    y = level % 4 + np.random.default_rng(1).normal(size=120)
    expected = []
    for i in range(120):
        others = [j for j in range(120) if j != i and level[j] == level[i]]
        own = min(neighbours, 5)
        radius = sorted(abs(y[i] - y[j]) for j in others)[own - 1]
        inside = sum(abs(y[i] - each) < radius for each in y)
        expected.append(digamma(own) + digamma(120) - digamma(6) - digamma(inside))
    x = 1e3 * level[:, None]
    found = mixed_ksg_1_terms(x, y[:, None], neighbours=neighbours, levels_apart=1e3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_mixed_ksg_1_of_values_that_never_repeat_is_ksg_1(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 300, 2, 1, correlation=0.7)
    np.testing.assert_array_equal(
        mixed_ksg_1_terms(x, y, neighbours=4), ksg_1_terms(x, y, neighbours=4)
    )


@pytest.mark.parametrize("terms", [ksg_1_terms, ksg_2_terms])
@pytest.mark.parametrize(("size", "correlation"), [(1, 0.0), (1, 0.6), (1, -0.9), (2, 0.6)])
def test_finds_the_information_of_gaussians(
    terms: Estimator, size: int, correlation: float, normal_pairs: NormalPairs
) -> None:
    x, y = normal_pairs(0, 4_000, size, size, correlation=correlation)
    found = terms(x, y, neighbours=4)
    truth = -size / 2 * math.log1p(-(correlation**2))
    # The influence function of the information is what the terms scatter as, and their bias small.
    assert found.mean() == pytest.approx(truth, abs=4 * found.std() / math.sqrt(len(found)))
    assert found.std() / math.sqrt(len(found)) < 0.025


def discrete_pairs(seed: int, number: int, levels: int, shared: int) -> tuple[Array, Array]:
    """Return uniform x of so many levels, and y that is x and one of so many steps around."""
    generator = np.random.default_rng(seed)
    x = generator.integers(0, levels, size=(number, 1))
    y = (x + generator.integers(0, shared, size=(number, 1))) % levels
    return x.astype(np.float64), y.astype(np.float64)


@both_mixed
def test_of_discrete_pairs_is_the_plug_in_value_but_for_digammas_of_counts(
    terms: Estimator,
) -> None:
    x, y = discrete_pairs(0, 2_000, 4, 2)
    found = terms(x, y, neighbours=5)
    pairs = list(zip(x[:, 0], y[:, 0], strict=True))
    in_x, in_y, in_both = Counter(x[:, 0]), Counter(y[:, 0]), Counter(pairs)
    expected = [
        # As it is printed, a pair is not counted at its own place, and the sides are not digammas.
        digamma(in_both[a, b] - 1) + math.log(2_000) - math.log(in_x[a]) - math.log(in_y[b])
        if terms is mixed_ksg_terms
        else digamma(in_both[a, b]) + digamma(2_000) - digamma(in_x[a]) - digamma(in_y[b])
        for a, b in pairs
    ]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)
    plug_in = mutual_info_score(x[:, 0], y[:, 0])
    assert found.mean() == pytest.approx(plug_in, abs=0.01)
    assert plug_in == pytest.approx(math.log(2), abs=0.02)


def test_mixed_ksg_1_of_independent_levels_is_near_nothing_where_plug_in_is_not() -> None:
    pairs = [discrete_pairs(seed, 1_000, 8, 8) for seed in range(60)]
    found = np.array([mixed_ksg_1_terms(x, y, neighbours=5).mean() for x, y in pairs])
    plug_in = [mutual_info_score(x[:, 0], y[:, 0]) for x, y in pairs]
    # (64 - 8 - 8 + 1) / 2N = 0.0245 nats, which is what Miller (1955) takes away.
    assert np.mean(plug_in) == pytest.approx(0.0245, abs=0.003)
    assert found.mean() == pytest.approx(0, abs=0.003)


@pytest.mark.parametrize("neighbours", [1, 5, 20])
def test_mixed_ksg_1_of_levels_in_few_rows_is_the_plug_in_value_of_digammas(
    neighbours: int,
) -> None:
    # Cells of fewer rows than neighbours, whose neighbours are then of other levels.
    x, y = discrete_pairs(0, 300, 12, 6)
    found = mixed_ksg_1_terms(1e3 * x, 1e3 * y, neighbours=neighbours, levels_apart=1e3)
    pairs = list(zip(x[:, 0], y[:, 0], strict=True))
    in_x, in_y, in_both = Counter(x[:, 0]), Counter(y[:, 0]), Counter(pairs)
    assert min(in_both.values()) < 5 < max(in_both.values())
    expected = [
        digamma(in_both[a, b]) + digamma(300) - digamma(in_x[a]) - digamma(in_y[b])
        for a, b in pairs
    ]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("levels", [20, 100])
def test_mixed_ksg_1_finds_nothing_in_independent_pairs_of_many_levels(levels: int) -> None:
    generator = np.random.default_rng(0)
    values = []
    for _ in range(20):
        x, y = generator.integers(levels, size=(2, 1_000, 1)).astype(np.float64)
        other = y if levels == 20 else generator.normal(size=(1_000, 1))
        values.append(
            mixed_ksg_1_terms(1e3 * x, 1e3 * other, neighbours=5, levels_apart=1e3).mean()
        )
    # 400 cells for 1,000 pairs: the plug-in value is 0.18 too large.
    assert np.mean(values) == pytest.approx(0, abs=0.035)


def test_mixed_ksg_1_finds_the_information_of_a_whole_number_and_a_real_one(draw: Draw) -> None:
    distribution = DISTRIBUTIONS["discrete-continuous-5"]
    values = []
    for seed in range(8):
        x, y = draw(distribution, 2_000, seed)
        values.append(mixed_ksg_1_terms(1e3 * x, y, neighbours=5).mean())
    error = float(np.std(values)) / math.sqrt(len(values))
    assert np.mean(values) == pytest.approx(distribution.mutual_information, abs=0.01 + 3 * error)
    assert error < 0.005


def test_mixed_ksg_approaches_the_information_of_a_whole_number_and_a_real_one(
    draw: Draw,
) -> None:
    distribution = DISTRIBUTIONS["discrete-continuous-5"]
    pairs = [draw(distribution, 2_000, seed) for seed in range(4)]

    def error(neighbours: int) -> float:
        values = [
            mixed_ksg_terms(1e3 * x, y, neighbours=neighbours).mean()
            - distribution.mutual_information
            for x, y in pairs
        ]
        return float(np.mean(values))

    # The logarithms of counts that include the pair itself and whoever defines the radius are too
    # large, by about 1 / k: the algorithm as it is printed is consistent for k that grow.
    assert -0.25 < error(5) < error(20) < error(60) < 0
    assert error(60) > -0.08


@both_mixed
def test_mixed_know_that_some_rows_are_equal_and_others_not(
    terms: Estimator,
    normal_pairs: NormalPairs,
) -> None:
    # Half of the pairs are one point, half normal: log 2 + half the information of the normals.
    x, y = normal_pairs(0, 4_000, correlation=0.9)
    x[::2], y[::2] = 10, 10
    truth = math.log(2) - math.log1p(-(0.9**2)) / 4
    found = terms(x, y, neighbours=40)
    assert found[::2].mean() == pytest.approx(math.log(2), abs=1e-3)
    assert found.mean() == pytest.approx(truth, abs=0.03)


@every_estimator
def test_rows_and_sides_may_change_places(terms: Estimator, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 200, 1, 2, correlation=0.7)
    found = terms(x, y, neighbours=3)
    np.testing.assert_allclose(terms(y, x, neighbours=3), found)
    np.testing.assert_allclose(terms(x[::-1], y[::-1], neighbours=3), found[::-1])


@every_estimator
@pytest.mark.parametrize("copies", [2, 5, 12])
def test_copies_of_pairs_leave_it_finite(
    terms: Estimator, copies: int, normal_pairs: NormalPairs
) -> None:
    # More copies than neighbours: a pair may then not be listed among its own nearest.
    x, y = (np.repeat(side, copies, axis=0) for side in normal_pairs(0, 20, 2, 1, correlation=0.5))
    found = terms(x, y, neighbours=4)
    assert found.shape == (20 * copies,)
    assert np.isfinite(found).all()
    # Copies are alike, so no one's term depends on which of them it is.
    np.testing.assert_allclose(found.reshape(20, copies).std(axis=1), 0, atol=1e-12)


@every_estimator
def test_takes_values_of_any_size(terms: Estimator, normal_pairs: NormalPairs) -> None:
    # A radius is known to rounding only, and whoever defines it must be counted by the definition.
    x, y = normal_pairs(0, 300, correlation=0.7)
    found = terms(x, y, neighbours=3)
    for size in (2.0**-40, 2.0**40):
        np.testing.assert_allclose(terms(size * x, size * y, neighbours=3), found)


@every_estimator
@pytest.mark.parametrize("neighbours", [0, -1, 10, 11])
def test_refuses_as_many_neighbours_as_pairs(terms: Estimator, neighbours: int) -> None:
    values = np.arange(10.0)[:, None]
    assert len(terms(values, values, neighbours=9)) == 10
    with pytest.raises(UserError, match=f"^{neighbours} neighbours of 10 pairs: give at least 1"):
        terms(values, values, neighbours=neighbours)


# Of neighbours at equal distances, as those of levels are, the second estimator takes any.
@pytest.mark.parametrize(
    ("terms", "levels"),
    [
        (ksg_1_terms, 0),
        (ksg_2_terms, 0),
        (ksg_1_terms, 3),
        (mixed_ksg_terms, 3),
        (mixed_ksg_1_terms, 3),
    ],
)
def test_pairs_that_are_sorted_in_space_have_the_same_neighbours(
    terms: Estimator, levels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 400, 2))
    if levels:
        x = np.rint(x * levels)
    y = x + noise
    as_they_stand = terms(x, y, neighbours=3)
    monkeypatch.setattr("infomax.estimation.neighbours.space._MOST_AS_THEY_STAND", 10)
    np.testing.assert_array_equal(terms(x, y, neighbours=3), as_they_stand)
