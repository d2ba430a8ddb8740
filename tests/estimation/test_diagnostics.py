"""Every caution is raised by data made for it, and none by data that are as they should be."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from infomax.errors import advising_flags
from infomax.estimation.diagnostics import (
    tied_columns,
    warnings_of_atoms,
    warnings_of_order,
    warnings_of_rows,
    warnings_of_scales,
)
from infomax.estimation.rows import IndependentRows
from infomax.estimation.samples import read_samples
from infomax.warnings import (
    AssumptionWarning,
    ContinuousColumnWarning,
    DependentRowsWarning,
    EstimationWarning,
    FewSamplesWarning,
    SaturationWarning,
)

from .conftest import Array, NormalPairs


def of_rows(x: Any, y: Any, discrete: Sequence[str] | None = None) -> list[EstimationWarning]:
    samples = read_samples(x, y, discrete=discrete)
    return [*warnings_of_order(samples, IndependentRows()), *warnings_of_rows(samples)]


def kinds(cautions: Sequence[EstimationWarning]) -> list[type[EstimationWarning]]:
    return [type(caution) for caution in cautions]


def series(seed: int, number: int, memory: float) -> Array:
    noise = np.random.default_rng(seed).normal(size=number)
    values = np.zeros(number)
    for step in range(1, number):
        values[step] = memory * values[step - 1] + noise[step]
    return values


@pytest.mark.parametrize("seed", range(20))
def test_clean_rows_raise_no_caution(seed: int, normal_pairs: NormalPairs) -> None:
    assert of_rows(*normal_pairs(seed, 400, 3, 2, correlation=0.9)) == []


@pytest.mark.parametrize(("memory", "number"), [(0.7, 200), (-0.7, 200), (0.2, 4_000)])
def test_two_series_resemble_their_neighbours(memory: float, number: int) -> None:
    x, y = series(0, number, memory), series(1, number, memory)
    (caution,) = of_rows(np.column_stack([np.zeros(number), np.exp(x)]), y)
    assert type(caution) is DependentRowsWarning
    assert "(autocorrelation of x1 at lag 1: " in str(caution)
    assert " and y0 at lag 1: " in str(caution)


def test_a_series_beside_independent_rows_leaves_pairs_independent(
    normal_pairs: NormalPairs,
) -> None:
    _, y = normal_pairs(0, 400)
    assert of_rows(series(0, 400, 0.9), y) == []
    assert of_rows(y, series(0, 400, 0.9)) == []


def test_a_season_is_found_at_its_lag() -> None:
    # Every fifth row is alike, its neighbours are not.
    seasons = np.random.default_rng(0).normal(size=(2, 5)) * 2
    noise = np.random.default_rng(1).normal(size=(2, 400))
    x, y = np.tile(seasons, 80) + noise
    (caution,) = of_rows(x, y)
    assert type(caution) is DependentRowsWarning
    assert "x0 at lag 5: 0." in str(caution)


def test_rows_in_blocks_resemble_their_neighbours() -> None:
    generator = np.random.default_rng(0)
    blocks = np.repeat(generator.normal(size=(40, 2)), 10, axis=0)
    x, y = (blocks + 0.5 * generator.normal(size=(400, 2))).T
    assert kinds(of_rows(x, y)) == [DependentRowsWarning]
    shuffled = generator.permutation(400)
    assert of_rows(x[shuffled], y[shuffled]) == []


def test_blocks_of_levels_resemble_their_neighbours() -> None:
    levels = np.repeat(["a", "b", "c", "d"], 50)
    y = np.repeat(np.random.default_rng(0).normal(size=4), 50)
    y = y + 0.3 * np.random.default_rng(1).normal(size=200)
    assert kinds(of_rows(levels, y, discrete=["x0"])) == [DependentRowsWarning]


@pytest.mark.parametrize(("copies", "found"), [(4, False), (5, True), (15, True)])
def test_rows_that_repeat_others(copies: int, found: bool, normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400, 2, 1, correlation=0.7)
    x[100 : 100 + copies], y[100 : 100 + copies] = x[:copies], y[:copies]
    cautions = of_rows(x, y)
    assert kinds(cautions) == [DependentRowsWarning] * found
    if found:
        assert str(cautions[0]).startswith(f"{copies} of 400 rows repeat another row exactly")


def test_values_that_repeat_on_one_side_repeat_no_row(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400, 2, 1, correlation=0.7)
    x[100:115] = x[:15]
    assert of_rows(x, y) == []


def test_rows_of_levels_and_of_rounded_values_are_meant_to_repeat(
    normal_pairs: NormalPairs,
) -> None:
    x, y = normal_pairs(0, 400, correlation=0.7)
    assert of_rows(x.round(1), y.round(1)) == []
    assert of_rows(x > 0, y > 0) == []


@pytest.mark.parametrize(
    ("number", "x_size", "y_size", "needed"),
    [(79, 2, 2, 80), (80, 2, 2, 80), (499, 10, 10, 500), (500, 10, 10, 500), (60, 2, 1, 60)],
)
def test_fewer_rows_than_the_columns_need(
    number: int, x_size: int, y_size: int, needed: int, normal_pairs: NormalPairs
) -> None:
    # Twenty for each column, and five for each correlation between the sides.
    cautions = of_rows(*normal_pairs(0, number, x_size, y_size))
    assert kinds(cautions) == [FewSamplesWarning] * (number < needed)
    if cautions:
        assert str(cautions[0]).startswith(f"{number} rows for {x_size} and {y_size} columns")
        assert f"about {needed} are needed" in str(cautions[0])


def test_columns_of_levels_that_hardly_repeat_are_told_of_once() -> None:
    generator = np.random.default_rng(0)
    names = np.array([[f"{row}-{column}" for column in range(6)] for row in range(100)])
    (caution,) = (
        each
        for each in of_rows(names, generator.normal(size=100), discrete=[f"x{n}" for n in range(6)])
        if "levels" in str(each)
    )
    assert str(caution).startswith(
        "columns x0, x1, x2, x3, x4, ... (6 in all) have up to 100 levels in 100 rows: a level that"
    )


@pytest.mark.parametrize(("levels", "few"), [(8, False), (10, False), (11, True)])
def test_fewer_rows_than_combinations_of_levels_beside_a_number_need(
    levels: int, few: bool
) -> None:
    # All combinations are there, so 500 rows are five to each of the 10 x 10.
    pairs = np.arange(500)
    x, y = pairs % levels, pairs // levels % levels
    rows = np.random.default_rng(0).permutation(np.column_stack([x, y]))
    number = np.random.default_rng(1).normal(size=500)
    cautions = of_rows(rows, number, ["x0", "x1"])
    assert kinds(cautions) == [FewSamplesWarning] * few
    if few:
        assert str(cautions[0]).startswith(
            "the levels of x0, x1 stand together in 121 combinations in 500 rows: with fewer than 5"
        )


@pytest.mark.parametrize(("alone", "few"), [(10, False), (25, False), (26, True), (50, True)])
def test_rows_alone_in_their_combination_of_levels(alone: int, few: bool) -> None:
    x, y = np.repeat([0, 1], 250), np.repeat([0, 1], 250)
    x[:alone], y[:alone] = np.arange(alone) % 8 + 2, np.arange(alone) // 8 + 2
    rows = np.random.default_rng(0).permutation(np.column_stack([x, y]))
    cautions = of_rows(rows[:, 0], rows[:, 1], ["x0", "y0"])
    assert kinds(cautions) == [FewSamplesWarning] * few
    if few:
        assert str(cautions[0]).startswith(f"{alone / 5:.0f}% of the rows are alone")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.arange(500) % 200, True),
        (np.arange(500) % 201, False),
        (np.arange(500) % 200 + 0.5, False),
        (np.arange(500) % 200 * 1.0, True),
    ],
    ids=["codes or years", "hardly repeating", "no whole numbers", "whole numbers as floats"],
)
def test_whole_numbers_that_repeat_may_be_codes(values: Any, said: bool) -> None:
    number = np.random.default_rng(0).normal(size=500)
    found = warnings_of_scales(read_samples(values, number))
    assert kinds(found) == [ContinuousColumnWarning] * said
    if said:
        assert str(found[0]).startswith("200 whole numbers repeat in column x0: taken as points on")
        assert "say discrete=['x0']; if not, discrete=[] takes them so" in str(found[0])
        with advising_flags():
            (at_the_command,) = warnings_of_scales(read_samples(values, number))
        assert "say --discrete x0; if not, --continuous takes them so" in str(at_the_command)
    declared = read_samples(values, number, discrete=["x0"])
    assert not warnings_of_scales(declared)


def test_many_columns_of_whole_numbers_are_one_warning() -> None:
    rows = np.random.default_rng(0).integers([[50]] * 500, [[80]] * 500, size=(500, 9))
    (found,) = warnings_of_scales(read_samples(rows, rows[:, 0]))
    assert str(found).startswith(
        "30 whole numbers repeat in columns x0, x1, x2, x3, x4, ... (10 in all)"
    )
    assert "say discrete=['x0', 'x1', 'x2', 'x3', 'x4'] and so on; if not" in str(found)


def test_a_side_that_determines_the_other_is_said(normal_pairs: NormalPairs) -> None:
    x, _ = normal_pairs(0, 400, 2, 1)
    (caution,) = of_rows(x, x[:, 0] * x[:, 1])
    assert isinstance(caution, SaturationWarning)
    assert "of the pairs whatever is near in one side is near in the other" in str(caution)


def test_all_that_is_wrong_is_said() -> None:
    x, y = (
        np.column_stack([series(seed, 60, 0.9) for seed in seeds]) for seeds in ((0, 1), (2, 3))
    )
    x[1], y[1] = x[0], y[0]
    assert kinds(of_rows(x, y)) == [DependentRowsWarning, DependentRowsWarning, FewSamplesWarning]


@pytest.mark.parametrize(("repeated", "tied"), [(0, False), (20, False), (21, True), (200, True)])
def test_columns_of_which_one_value_in_twenty_repeats_are_tied(
    repeated: int, tied: bool, normal_pairs: NormalPairs
) -> None:
    x, y = normal_pairs(0, 400, 2, 1)
    # In pairs, so that no value holds many rows.
    x[200 : 200 + repeated, 1] = x[:repeated, 1]
    samples = read_samples(x, y)
    assert tied_columns(samples) == ["x1"] * tied
    assert samples.columns_with_atoms == []


@pytest.mark.parametrize(("rows", "atom"), [(39, False), (40, True), (200, True)])
def test_a_value_of_one_row_in_ten_is_an_atom(
    rows: int, atom: bool, normal_pairs: NormalPairs
) -> None:
    x, y = normal_pairs(0, 400)
    y[:rows] = 0
    assert read_samples(x, y).columns_with_atoms == ["y0"] * atom


def test_levels_are_neither_tied_nor_atoms(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400)
    samples = read_samples(x > 0, y)
    assert tied_columns(samples) == samples.columns_with_atoms == []


def test_a_method_that_repeated_values_contradict_says_so(normal_pairs: NormalPairs) -> None:
    x, y = normal_pairs(0, 400, 2, 2)
    assert warnings_of_atoms("ksg-1", read_samples(x, y)) == []
    x[:40, 0], y[:200, 1] = 0, 1
    (caution,) = warnings_of_atoms("ksg-1", read_samples(x, y))
    assert type(caution) is AssumptionWarning
    assert str(caution).startswith(
        "ksg-1 assumes continuous columns, and a single value is that of a tenth of the rows or "
        "more in x0, y1: method="
    )
