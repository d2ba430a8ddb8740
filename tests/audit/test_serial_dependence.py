"""Whether consecutive rows are alike, beside a naive reading and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infomax.audit.serial_dependence import serial_dependence
from tests.audit.planted import in_order_of_time


@given(st.integers(0, 50))
def test_it_is_the_naive_reading_whatever_the_rows_are_listed_by(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((50, 3))
    centred = values - values.mean(axis=0)
    steps = [np.sum((values[i + 1] - values[i]) ** 2) for i in range(49)]
    naive = 1 - np.mean(steps) / (2 * np.mean([np.sum(row**2) for row in centred]))
    listed = generator.permutation(50)
    assert serial_dependence(values[listed], listed)[0] == pytest.approx(naive)


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_series_is_as_alike_as_its_correlation(seed: int) -> None:
    x, _, labels = in_order_of_time(seed, rows=4_000)
    value, interval = serial_dependence(x, np.arange(4_000), classes=labels)
    assert value == pytest.approx(0.9, abs=0.03)
    assert interval.low < 0.9 < interval.high + 0.02


def test_files_sorted_by_class_are_no_series_once_classes_are_known() -> None:
    labels = np.repeat([0, 1, 2], 200)
    x = np.random.default_rng(0).standard_normal((600, 4)) + 5 * labels[:, None]
    assert serial_dependence(x, np.arange(600))[1].low > 0.8
    assert serial_dependence(x, np.arange(600), classes=labels)[1].low < 0.05


def test_neighbours_of_one_group_are_held_together_and_do_not_count() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), 6)
    x = generator.standard_normal((100, 4))[groups] + 0.1 * generator.standard_normal((600, 4))
    assert serial_dependence(x, np.arange(600))[1].low > 0.5
    value, interval = serial_dependence(x, np.arange(600), groups=groups)
    assert interval.low < 0 < interval.high
    assert abs(value) < 0.2


def test_codes_that_are_all_alike_have_no_order() -> None:
    assert np.isnan(serial_dependence(np.ones((60, 2)), np.arange(60))[0])
