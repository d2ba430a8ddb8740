"""Information of counts, and intervals that hold what is true."""

import math
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from infomax.estimation.columns import Column
from infomax.estimation.discrete.contingency import ContingencyTable, count_together
from infomax.estimation.discrete.entropies import ENTROPIES
from infomax.estimation.discrete.information import (
    information_interval,
    information_of_counts,
    jackknife_variance,
    most_held,
)

Array: TypeAlias = NDArray[np.float64]


def channel(levels: int, noise: float) -> Array:
    """Return the law of a level that noise replaces by another."""
    same = np.eye(levels)
    law: Array = ((1 - noise) * same + noise * (1 - same) / (levels - 1)) / levels
    return law


def common_and_rare(levels: int) -> Array:
    shares: Array = 1 / np.arange(1, levels + 1)
    normalised: Array = shares / shares.sum()
    return normalised


def words() -> Array:
    """Return the law of a stimulus and a word of three bits, each of them wrong in one of ten."""
    wrong = np.array([[(x ^ y).bit_count() for y in range(8)] for x in range(8)])
    law: Array = 0.1**wrong * 0.9 ** (3 - wrong) / 8
    return law


def truth(law: Array) -> float:
    of_both = np.outer(law.sum(axis=1), law.sum(axis=0))
    return float((law[law > 0] * np.log(law[law > 0] / of_both[law > 0])).sum())


def drawn(law: Array, number: int, seed: int) -> ContingencyTable:
    cells = np.random.default_rng(seed).choice(law.size, size=number, p=law.ravel())
    return count_together(
        *(
            np.unique(levels, return_inverse=True)[1]
            for levels in np.unravel_index(cells, law.shape)
        )
    )


def hits(law: Array, number: int) -> int:
    found = 0
    for seed in range(20):
        table = drawn(law, number, seed)
        value = information_of_counts(table, "chao-wang-jost")
        interval = information_interval(table, "chao-wang-jost", value, 0.95)
        found += max(interval.low, 0) <= truth(law) + 1e-9 <= interval.high
    return found


@pytest.mark.parametrize("name", ENTROPIES)
def test_jackknife_is_that_of_leaving_out_row_by_row(name: str) -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(5, size=90)
    y = (x + generator.integers(12, size=90)) % 12
    x, y = (np.unique(levels, return_inverse=True)[1] for levels in (x, y))
    without = [
        information_of_counts(count_together(np.delete(x, row), np.delete(y, row)), name)
        for row in range(90)
    ]
    variance = jackknife_variance(count_together(x, y), name)
    assert variance == pytest.approx(89 * np.var(without))


@pytest.mark.parametrize(
    ("law", "number"),
    [
        (channel(50, 0.1), 300),
        (channel(50, 0.1), 3000),
        (channel(50, 0.5), 1000),
        (channel(200, 0.1), 1000),
        (words(), 300),
        (words(), 3000),
        (np.diag(common_and_rare(200)), 1000),
        (np.full((5, 5), 1 / 25), 100),
        (np.full((50, 50), 1 / 2500), 3000),
        (np.outer(common_and_rare(50), common_and_rare(50)), 1000),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else f"{value.shape[0]} levels",
)
def test_intervals_hold_the_truth_however_thin_the_cells(law: Array, number: int) -> None:
    assert hits(law, number) >= 17


def test_the_correction_takes_a_tenth_of_the_rows_in_thin_cells_for_what_they_are() -> None:
    law = channel(50, 0.1)
    tables = [drawn(law, 3000, seed) for seed in range(20)]
    errors = {
        name: abs(
            float(np.mean([information_of_counts(table, name) for table in tables])) - truth(law)
        )
        for name in ENTROPIES
    }
    assert errors["plug-in"] > 0.15
    assert errors["chao-wang-jost"] < 0.02
    assert min(errors, key=lambda name: errors[name]) == "chao-wang-jost"


@pytest.mark.parametrize("law", [words(), np.full((3, 4), 1 / 12)], ids=["dependent", "not"])
def test_where_cells_are_full_the_interval_is_as_wide_as_its_estimates_scatter(law: Array) -> None:
    tables = [drawn(law, 5000, seed) for seed in range(60)]
    values = [information_of_counts(table, "chao-wang-jost") for table in tables]
    widths = [
        information_interval(table, "chao-wang-jost", value, 0.95).width
        for table, value in zip(tables, values, strict=True)
    ]
    # Without dependence the jackknife errs upwards, by at most a factor of about 2.
    assert 0.8 < np.mean(widths) / (2 * 1.96 * np.std(values)) < 2.2


def test_the_confidence_sets_the_width() -> None:
    levels = np.repeat([0, 1, 1], 400)
    table = count_together(levels, np.roll(levels, 150))
    narrow, wide = (
        information_interval(table, "plug-in", 1.0, confidence) for confidence in (0.68, 0.95)
    )
    assert wide.width / narrow.width == pytest.approx(1.96 / 0.9945, rel=1e-3)
    assert sum(wide) == pytest.approx(2)


def test_levels_of_one_row_each_are_no_evidence() -> None:
    rows = np.arange(500)
    for other in (rows, rows % 2, rows // 2):
        table = count_together(rows, other)
        value = information_of_counts(table, "chao-wang-jost")
        assert information_interval(table, "chao-wang-jost", value, 0.95).low <= 0 < value
    # Beside levels that repeat they cost no more than what they say.
    table = count_together(np.r_[rows % 2, 2, 3, 4], np.r_[rows % 2, 0, 1, 1])
    assert information_interval(table, "plug-in", math.log(2), 0.95).low > 0.65


@pytest.mark.parametrize("copies", [2, 7])
def test_a_copy_shares_its_whole_entropy(copies: int) -> None:
    levels = np.repeat(np.arange(20), 10 * copies)
    value = information_of_counts(count_together(levels, levels), "plug-in")
    assert value == pytest.approx(math.log(20))


def test_no_side_holds_more_than_its_upper_confidence_limit() -> None:
    generator = np.random.default_rng(0)
    shares = np.array([0.5, 0.3, 0.15, 0.05])
    truth = -(shares * np.log(shares)).sum()
    limits = [
        most_held([Column("y", drawn, discrete=True)], 0.95)
        for drawn in generator.choice(4, size=(400, 200), p=shares).astype(float)
    ]
    # One in forty may be below: the binomial tail beyond 20 of 400 is below 1 %.
    assert sum(limit < truth for limit in limits) <= 20
    assert min(limits) > truth - 0.2
    assert max(limits) <= math.log(4)


def test_levels_that_were_seen_once_leave_room_for_others() -> None:
    each = [Column("y", np.arange(100.0), discrete=True)]
    assert most_held(each, 0.95) > math.log(100)
    assert math.isinf(most_held([Column("y", np.arange(100.0), discrete=False)], 0.95))
