"""Counting levels together."""

import numpy as np
import pytest

from infomax.estimation.discrete.contingency import (
    combined_levels,
    contingency_table,
    count_together,
)
from infomax.estimation.samples import paired_samples


@pytest.mark.parametrize("levels", [3, 200, 1000], ids=["dense", "sparse", "hardly repeating"])
def test_counts_what_a_loop_counts(levels: int) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.integers(levels, size=(2, 400))
    samples = paired_samples(x, y, discrete=["x0", "y0"])
    x, y = (column.measured.astype(int) for column in samples.columns)
    table = contingency_table(samples)
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
    samples = paired_samples(rows, rows[:, 0], discrete=[f"x{place}" for place in range(columns)])
    numbered = combined_levels(samples.x)
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
    samples = paired_samples(levels, levels, discrete=["x0", "y0"]).take(np.arange(30, 90))
    assert contingency_table(samples).of_x.tolist() == [30, 30]


def test_pairs_of_levels_are_counted_by_their_numbers() -> None:
    table = count_together(np.array([0, 1, 1]), np.array([1, 0, 0]))
    assert (table.x.tolist(), table.y.tolist(), table.together.tolist()) == ([0, 1], [1, 0], [1, 2])
