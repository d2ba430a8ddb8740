"""Counting levels together, and tests of independence against those of SciPy."""

from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from infomax.estimation.discrete.contingency import (
    ContingencyTable,
    combine_levels,
    count_levels,
    count_together,
    independence_test,
)
from infomax.estimation.permutation import DependenceTest
from infomax.estimation.samples import read_samples

Levels: TypeAlias = NDArray[np.int64]


@pytest.mark.parametrize("levels", [3, 200, 1000], ids=["dense", "sparse", "hardly repeating"])
def test_counts_what_a_loop_counts(levels: int) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.integers(levels, size=(2, 400))
    samples = read_samples(x, y, discrete=["x0", "y0"])
    x, y = (column.measured.astype(int) for column in samples.columns)
    table = count_levels(samples)
    counted: dict[tuple[int, int], int] = {}
    for pair in zip(x.tolist(), y.tolist(), strict=True):
        counted[pair] = counted.get(pair, 0) + 1
    found = zip(table.x.tolist(), table.y.tolist(), strict=True)
    assert dict(zip(found, table.together.tolist(), strict=True)) == counted
    assert table.of_x.tolist() == np.bincount(x).tolist()
    assert table.of_y.tolist() == np.bincount(y).tolist()
    assert table.size == 400
    assert table.possible == len(set(x.tolist())) * len(set(y.tolist()))
    assert table.alone == list(counted.values()).count(1) / 400


@pytest.mark.parametrize("columns", [1, 3, 40])
def test_columns_of_a_side_are_one_level(columns: int) -> None:
    generator = np.random.default_rng(0)
    rows = generator.integers(2, 5, size=(300, columns))
    samples = read_samples(rows, rows[:, 0], discrete=[f"x{place}" for place in range(columns)])
    numbered = combine_levels(samples.x)
    _, expected = np.unique(rows, axis=0, return_inverse=True)
    # The same rows are alike, and numbers run from 0 without a gap.
    assert (
        len(np.unique(np.column_stack([numbered, expected.reshape(-1)]), axis=0))
        == len(np.unique(numbered))
        == len(np.unique(expected))
    )
    assert numbered.max() + 1 == len(np.unique(numbered))


def test_levels_that_a_part_of_the_rows_lacks_are_not_counted() -> None:
    levels = np.repeat([0, 1, 2], 30)
    samples = read_samples(levels, levels, discrete=["x0", "y0"]).take(np.arange(30, 90))
    assert count_levels(samples).of_x.tolist() == [30, 30]


def test_pairs_of_levels_are_counted_by_their_numbers() -> None:
    table = count_together(np.array([0, 1, 1]), np.array([1, 0, 0]))
    assert (table.x.tolist(), table.y.tolist(), table.together.tolist()) == ([0, 1], [1, 0], [1, 2])


def of_levels(x: Levels, y: Levels) -> ContingencyTable:
    return count_together(*(np.unique(each, return_inverse=True)[1] for each in (x, y)))


def p_and_more(x: Levels, y: Levels, permutations: int = 99, seed: int = 0) -> DependenceTest:
    return independence_test(of_levels(x, y), permutations, np.random.default_rng(seed))


def dense(x: Levels, y: Levels) -> Levels:
    table: Levels = stats.contingency.crosstab(x, y).count
    return table


def test_with_rows_enough_in_every_cell_it_is_the_g_test_of_all_rows() -> None:
    for seed in range(20):
        x, other, kept = np.random.default_rng(seed).integers([[2], [2], [16]], size=(3, 10_000))
        y = np.where(kept == 0, x, other)
        found = p_and_more(x, y)
        table = dense(x, y)
        expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        # Williams' divisor of 2 x 2 equal cells is 1 + 1.5 / N.
        divided = stats.chi2.sf(expected.statistic / 1.00015, 1)
        assert found.p_value == pytest.approx(divided, rel=1e-3)
        # A correlation of 1/16, of which a test of 1,000 rows sees nothing.
        assert found.p_value < 0.005
        assert not len(found.null_values)
        assert found.name == "G-test of all rows, 1 degree of freedom"


def test_degrees_of_freedom_are_those_of_all_levels() -> None:
    x, y = np.random.default_rng(0).integers([[3], [5]], size=(2, 1000))
    assert p_and_more(x, y).name == "G-test of all rows, 8 degrees of freedom"


def test_two_rare_levels_are_tested_exactly() -> None:
    x, y = np.zeros(200, dtype=int), np.zeros(200, dtype=int)
    x[:4] = y[:3] = 1
    found = p_and_more(x, y)
    assert found.p_value == pytest.approx(stats.fisher_exact([[196, 0], [1, 3]]).pvalue)
    assert found.name.startswith("Fisher's exact test")


@pytest.mark.parametrize("levels", [15, 300], ids=["tables are drawn", "rows are paired"])
def test_thin_cells_are_tested_by_random_pairings_of_the_same_levels(levels: int) -> None:
    generator = np.random.default_rng(0)
    x, other = generator.integers(levels, size=(2, 400))
    y = np.where(generator.random(400) < 0.3, x, other)
    found = p_and_more(x, y)
    assert found.p_value == 0.01
    assert len(found.null_values) == 99
    # What is drawn is as the statistic of rows that were shuffled here.
    shuffled = [
        independence_test(of_levels(x, generator.permutation(y)), 1, generator).observed
        for _ in range(99)
    ]
    assert stats.ks_2samp(found.null_values, shuffled).pvalue > 0.01


def test_independent_levels_are_shown_to_depend_as_seldom_as_p_says() -> None:
    generator = np.random.default_rng(0)
    shapes = [(2, 2, 200), (3, 4, 400), (2, 2, 50), (10, 10, 1000), (12, 12, 200), (150, 150, 200)]
    p_values = [
        p_and_more(*generator.integers([[x], [y]], size=(2, number))).p_value
        for _ in range(60)
        for x, y, number in shapes
    ]
    # Three in sixty.
    assert sum(p_value < 0.05 for p_value in p_values) <= 3 * len(shapes)
    assert 0.4 < np.mean(p_values) < 0.6


def test_williams_divisor_brings_p_values_to_their_size() -> None:
    # Five rows are expected in each of 10 x 10 cells.
    levels = np.repeat(np.arange(10), 50)
    drawn = stats.random_table(np.full(10, 50), np.full(10, 50)).rvs(2000, random_state=0)
    plain = stats.chi2.sf(2 * (drawn * np.log(np.maximum(drawn, 1) / 5)).sum(axis=(1, 2)), df=81)
    assert 0.08 < (plain < 0.05).mean() < 0.14
    divided = [
        independence_test(
            count_together(
                levels, np.repeat(np.tile(np.arange(10), 10), table.astype(int).ravel())
            ),
            0,
            np.random.default_rng(0),
        ).p_value
        for table in drawn[:1000]
    ]
    assert 0.03 < np.mean(np.array(divided) < 0.05) < 0.07


def test_equal_tables_are_as_large_whatever_rounding_makes_of_them() -> None:
    # Every pairing of a level that stands once gives one of two tables.
    x = np.array([0] * 57 + [1] + [2] * 2)
    found = p_and_more(x, x[::-1].copy(), permutations=49)
    assert found.p_value > 0.5
