"""Blocks of columns: which are found, and what contradicts that they are independent."""

import numpy as np
import pytest

from infomax.estimation.blocks.independence import CONTRADICTING_DEVIATIONS, find_independent_blocks
from infomax.estimation.samples import read_samples


def blocks_of(columns: np.ndarray, seed: int = 0) -> tuple[tuple[int, ...], ...]:
    half = columns.shape[1] // 2
    samples = read_samples(columns[:, :half], columns[:, half:], discrete=[])
    found = find_independent_blocks(samples.columns, np.random.default_rng(seed))
    assert found.deviations <= CONTRADICTING_DEVIATIONS
    return found.blocks


def test_dependence_that_does_not_correlate_joins_columns() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 3000, 3))
    y = np.column_stack([x[:, 0] ** 2, np.sin(3 * x[:, 1]), 0 * x[:, 2]]) + noise
    assert blocks_of(np.hstack([x, y])) == ((0, 3), (1, 4), (2,), (5,))


def test_columns_that_depend_on_nothing_stand_alone() -> None:
    alone = [
        blocks_of(np.random.default_rng(seed).uniform(size=(500, 8)), seed) for seed in range(20)
    ]
    whole = [blocks for blocks in alone if len(blocks) == 8]
    # A pair of columns is joined by chance once in a hundred draws.
    assert len(whole) >= 18


def test_many_links_that_are_too_weak_to_be_found_contradict_the_blocks() -> None:
    generator = np.random.default_rng(0)
    common = generator.standard_normal((2000, 1))
    columns = 0.2 * common + generator.standard_normal((2000, 40))  # each pair correlates by .04
    assert blocks_of(columns) == (tuple(range(40)),)


def test_rows_in_which_two_blocks_are_cut_loose_together_join_them() -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.standard_normal((2, 4000, 2))
    y = 0.95 * x + np.sqrt(1 - 0.95**2) * noise
    loose = generator.random(4000) < 0.3
    y[loose] = generator.standard_normal((loose.sum(), 2))
    idle = generator.standard_normal((4000, 1))
    assert blocks_of(np.hstack([x, idle, y, idle[::-1]])) == ((0, 1, 3, 4), (2,), (5,))


def test_tails_that_are_shared_join_columns_that_do_not_correlate() -> None:
    generator = np.random.default_rng(0)
    columns = generator.standard_normal((3000, 6)) / np.abs(generator.standard_normal((3000, 1)))
    assert blocks_of(columns) == (tuple(range(6)),)


def test_levels_are_functions_too_and_identifiers_cannot_be_told_apart() -> None:
    generator = np.random.default_rng(0)
    group = generator.integers(4, size=2000)
    x = np.column_stack([group, generator.integers(3, size=2000)])
    y = np.column_stack([(group % 2) + generator.standard_normal(2000), generator.random(2000)])
    samples = read_samples(x, y, discrete=["x0", "x1"])
    found = find_independent_blocks(samples.columns, generator)
    assert found.blocks == ((0, 2), (1,), (3,))
    numbered = read_samples(np.column_stack([np.arange(2000), group]), y, discrete=["x0", "x1"])
    assert len(find_independent_blocks(numbered.columns, generator).blocks) == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_finds_the_same(seed: int) -> None:
    columns = np.random.default_rng(seed).standard_normal((25_000, 6))
    columns[:, 5] += columns[:, 0]
    assert blocks_of(columns, seed) == blocks_of(columns, seed) == ((0, 5), (1,), (2,), (3,), (4,))


def test_what_follows_two_columns_together_and_neither_alone_joins_all_three() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((2, 2000, 4))
    y[:, 1] = np.sign(x[:, 0] * x[:, 2]) + 0.5 * y[:, 1]
    # Neither column by itself tells anything of it.
    assert abs(np.corrcoef(x[:, 0], y[:, 1])[0, 1]) < 0.06
    assert blocks_of(np.hstack([x, y])) == ((0, 2, 5), (1,), (3,), (4,), (6,), (7,))
