import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.estimation.conditional.counts import StrataCounts, independence_within_strata
from infomax.estimation.discrete.contingency import count_together
from infomax.estimation.discrete.entropies import ENTROPIES
from infomax.estimation.discrete.information import information_of_counts
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask


def _levels(seed: int, levels: int, rows: int) -> StrataCounts:
    drawn = np.random.default_rng(seed).integers(levels, size=(3, rows))
    drawn[1] = np.where(drawn[1] % 2, drawn[0], drawn[1])
    return StrataCounts(*(np.unique(side, return_inverse=True)[1] for side in drawn))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(50, 300))
def test_plug_in_information_is_the_sum_over_strata_and_obeys_the_chain_rule(
    seed: int, levels: int, rows: int
) -> None:
    counts = _levels(seed, levels, rows)
    found = counts.information("plug-in")
    over_strata = sum(
        table.size / rows * information_of_counts(table, "plug-in") for table in counts.tables
    )
    y_and_z = np.unique(counts.y * levels + counts.z, return_inverse=True)[1]
    both = information_of_counts(count_together(counts.x, y_and_z), "plug-in")
    of_z = information_of_counts(count_together(counts.x, counts.z), "plug-in")
    assert found == pytest.approx(over_strata, abs=1e-10)
    assert of_z + found == pytest.approx(both, abs=1e-10)
    assert found > -1e-10


def test_the_correction_brings_independence_near_nothing() -> None:
    found = {
        name: np.mean(
            [
                StrataCounts(*np.random.default_rng(seed).integers(4, size=(3, 400))).information(
                    name
                )
                for seed in range(20)
            ]
        )
        for name in ENTROPIES
    }
    assert found["plug-in"] > 0.04
    assert abs(found["chao-wang-jost"]) < 0.006


@pytest.mark.parametrize("name", ["plug-in", "chao-wang-jost"])
def test_the_jackknife_is_the_one_of_rows_left_out_in_turn(name: str) -> None:
    counts = _levels(3, 3, 60)
    without = []
    for row in range(60):
        rest = [
            np.unique(np.delete(side, row), return_inverse=True)[1]
            for side in (counts.x, counts.y, counts.z)
        ]
        without.append(StrataCounts(*rest).information(name))
    variance = 59 / 60 * np.sum((np.array(without) - np.mean(without)) ** 2)
    value = counts.information(name)
    interval = counts.interval(name, value, 0.95)
    assert interval.high - value == pytest.approx(2.001 * np.sqrt(variance), rel=1e-3)


def _p_value(seed: int, rows: int, levels: int, *, dependent: bool = False) -> float:
    generator = np.random.default_rng(seed)
    z = generator.integers(levels, size=rows)
    # Both follow z: without the condition they depend.
    x = np.where(generator.random(rows) < 0.7, z % 2, generator.integers(2, size=rows))
    y = np.where(generator.random(rows) < 0.7, z % 2, generator.integers(2, size=rows))
    samples = read_samples(
        x, np.where(z % 2, x, y) if dependent else y, given=z, discrete=["x0", "y0", "z0"]
    )
    task = EstimationTask(samples, EstimationSettings(permutations=99))
    return independence_within_strata(task, StrataCounts.of_samples(samples)).p_value


@pytest.mark.parametrize(("rows", "levels"), [(1000, 4), (150, 20)])
def test_p_values_are_even_where_only_the_condition_is_shared(rows: int, levels: int) -> None:
    p_values = [_p_value(seed, rows, levels) for seed in range(100)]
    assert 1 <= np.sum(np.array(p_values) <= 0.05) + np.sum(np.array(p_values) <= 0.1) <= 30
    assert 0.35 < np.mean(p_values) < 0.65
    assert _p_value(0, rows, levels, dependent=True) <= 0.01
