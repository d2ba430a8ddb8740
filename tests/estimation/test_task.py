"""The task: settings within their ranges, and one split of its rows."""

from typing import Any

import numpy as np
import pytest

from infomax.errors import UserError
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("confidence", 0, "confidence is 0: give a number between 0 and 1, such as 0.95"),
        ("confidence", 1, "confidence is 1: give a number between 0 and 1, such as 0.95"),
        ("confidence", 95, "confidence is 95: give a number between 0 and 1, such as 0.95"),
        ("confidence", -0.1, "confidence is -0.1: give a number"),
        ("confidence", float("nan"), "confidence is nan: give a number"),
        ("confidence", "0.95", "confidence is 0.95: give a number"),
        ("confidence", None, "confidence is None: give a number"),
        ("neighbours", True, "neighbours is True: give a whole number"),
        ("permutations", 0.5, "permutations is 0.5: give a whole number of at least 0"),
        ("permutations", -3, "permutations is -3: give a whole number of at least 0"),
        ("neighbours", 0, "neighbours is 0: give a whole number of at least 1"),
        ("random_state", -1, "random_state is -1: give a whole number of at least 0"),
        ("random_state", 2**32, "random_state is 4294967296: give at most 4294967295"),
        ("scaling", "none", "unknown scaling 'none': choose one of rank-gaussian, standard"),
    ],
)
def test_refuses_what_is_out_of_range(setting: str, value: Any, message: str) -> None:
    with pytest.raises(UserError) as refused:
        EstimationSettings(**{setting: value})
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("confidence", 0.001),
        ("confidence", 0.999),
        ("permutations", 1),
        ("neighbours", 1),
        ("random_state", 0),
        ("random_state", 2**32 - 1),
        ("scaling", "standard"),
    ],
)
def test_takes_the_ends_of_each_range(setting: str, value: Any) -> None:
    chosen: dict[str, Any] = {setting: value}
    assert getattr(EstimationSettings(**chosen), setting) == value


def test_the_split_is_drawn_once_and_its_generator_goes_on() -> None:
    x = np.linspace(0, 1, 100)
    task = EstimationTask(read_samples(x, x**2), EstimationSettings(random_state=3))
    generator = np.random.default_rng(3)
    order = generator.permutation(100)
    assert task.split is task.split
    np.testing.assert_array_equal(task.split.order, order)
    np.testing.assert_array_equal(task.split.test, order[:20])
    expected = generator.random(4).tolist()
    assert [task.generator_after_split().random(4).tolist() for _ in range(2)] == [expected] * 2
    np.testing.assert_array_equal(task.generator().permutation(100), order)


@pytest.mark.parametrize("in_time", [False, True])
def test_a_part_is_drawn_by_the_seed_and_told(in_time: bool) -> None:
    x = np.random.default_rng(0).standard_normal(1000)
    samples = read_samples(x, np.arange(1000.0))

    def part_of(seed: int) -> EstimationTask:
        settings = EstimationSettings(random_state=seed, in_time=in_time)
        return EstimationTask(samples, settings).part("critics", 250)

    part, again, other = part_of(3), part_of(3), part_of(4)
    rows = part.samples.y[0].measured.astype(int)
    assert len(set(rows)) == 250
    # Row i of x stays with row i of y, and rows in time in their order.
    np.testing.assert_array_equal(part.samples.x[0].measured, x[rows])
    np.testing.assert_array_equal(again.samples.x[0].measured, part.samples.x[0].measured)
    assert in_time == bool((np.diff(rows) == 4).all())
    assert in_time == bool((other.samples.x[0].measured == part.samples.x[0].measured).all())
    told = part.known(0.0, 1.0, "").parts
    assert told == ("critics on 250 of 1,000 pairs",)
    assert part.whole.known(0.0, 1.0, "").parts == told


def test_a_part_of_few_rows_is_all_of_them_and_nothing_is_told() -> None:
    x = np.linspace(0, 1, 100)
    task = EstimationTask(read_samples(x, x**2), EstimationSettings())
    assert task.part("critics", 100) is task
    task.note_part("critics", 100)
    assert task.known(0.0, 1.0, "").parts == ()
