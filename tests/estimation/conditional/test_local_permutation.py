import numpy as np
import pytest

from infomax.estimation.columns import Column
from infomax.estimation.conditional.local_permutation import draw_local_permutations


def test_rows_take_those_of_a_condition_nearby_and_none_twice_where_that_can_be() -> None:
    z = np.random.default_rng(0).standard_normal(300)
    drawn = draw_local_permutations([Column("z0", z, discrete=False)], 20, np.random.default_rng(0))
    ranks = z.argsort().argsort()
    assert np.abs(ranks[drawn] - ranks).max() <= 4
    # Drawn without regard to each other, a third of them would be missing.
    assert np.mean([len(np.unique(each)) for each in drawn]) > 0.9 * 300
    assert (drawn != np.arange(300)).mean() > 0.6


def test_levels_of_the_condition_are_never_mixed() -> None:
    generator = np.random.default_rng(0)
    level = generator.integers(3, size=200).astype(float)
    columns = [
        Column("z0", level, discrete=True),
        Column("z1", generator.standard_normal(200), discrete=False),
    ]
    drawn = draw_local_permutations(columns, 10, generator)
    assert (level[drawn] == level).all()
    alone = draw_local_permutations(columns[:1], 10, generator)
    assert (level[alone] == level).all()
    assert all(len(np.unique(each)) == 200 for each in alone)


def test_rows_of_one_value_are_permuted_as_one_another() -> None:
    z = np.repeat([0.0, 1.0], [150, 50])
    drawn = draw_local_permutations([Column("z0", z, discrete=False)], 50, np.random.default_rng(0))
    assert (z[drawn] == z).all()
    assert np.mean([len(np.unique(each)) for each in drawn]) > 180


def test_it_is_the_algorithm_of_runge_row_by_row() -> None:
    from infomax.estimation.conditional.local_permutation import (  # noqa: PLC0415
        _drawn_in_turn,
        _nearest,
    )

    near = _nearest(np.arange(12.0)[:, None], np.zeros(12, dtype=np.int64))
    drawn = _drawn_in_turn(near, 400, np.random.default_rng(0))
    expected = []
    generator = np.random.default_rng(1)
    for _ in range(400):
        taken: set[int] = set()
        permuted = np.empty(12, dtype=np.int64)
        for row in generator.permutation(12):
            offered = generator.permutation(near[row])
            free = [each for each in offered if each not in taken]
            permuted[row] = free[0] if free else offered[-1]
            taken.add(int(permuted[row]))
        expected.append(permuted)
    shares = [
        np.array([np.bincount(each[:, row], minlength=12) for row in range(12)]) / 400
        for each in (drawn, np.array(expected))
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.13)
