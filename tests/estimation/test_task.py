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
