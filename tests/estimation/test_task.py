"""The task: settings within their ranges, and rows that nobody sees who must not."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.errors import UserError
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask, split_rows


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


any_split = given(number=st.integers(50, 30_000), seed=st.integers(0, 2**32 - 1))


@any_split
@settings(max_examples=50)
def test_no_fit_sees_a_test_row_and_no_row_is_lost(number: int, seed: int) -> None:
    split = split_rows(number, np.random.default_rng(seed))
    test = set(split.test.tolist())
    assert len(test) == len(split.test)
    for refit in split.refits:
        train, validation = set(refit.train.tolist()), set(refit.validation.tolist())
        assert len(train) == len(refit.train)
        assert len(validation) == len(refit.validation)
        assert not train & validation
        assert not test & (train | validation)
        assert test | train | validation == set(range(number))
    assert sorted([*split.fitted, *split.test]) == list(range(number))


@any_split
@settings(max_examples=50)
def test_sizes_and_their_caps(number: int, seed: int) -> None:
    split = split_rows(number, np.random.default_rng(seed))
    assert len(split.test) == min(number // 5, 2_000)
    validated = min((number - len(split.test)) // 4, 1_000)
    assert [len(refit.validation) for refit in split.refits] == [validated] * 4
    assert {len(refit.train) for refit in split.refits} == {number - len(split.test) - validated}


@any_split
@settings(max_examples=50)
def test_validation_rows_of_a_refit_are_no_others(number: int, seed: int) -> None:
    split = split_rows(number, np.random.default_rng(seed))
    validated = [row for refit in split.refits for row in refit.validation.tolist()]
    assert len(validated) == len(set(validated))


@pytest.mark.parametrize("number", [50, 10_000, 10_004, 20_000])
def test_both_caps_are_met_and_not_before(number: int) -> None:
    split = split_rows(number, np.random.default_rng(0))
    assert (len(split.test) == 2_000) is (number >= 10_000)
    assert (len(split.refits[0].validation) == 1_000) is (number >= 10_000)


def test_rows_are_drawn_by_the_generator_and_from_everywhere() -> None:
    first, again, other = (split_rows(1_000, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.refits[2].train, again.refits[2].train)
    assert set(first.test) != set(other.test)
    # The mean of 200 of 1,000 rows, drawn without replacement.
    tested = [split_rows(1_000, np.random.default_rng(seed)).test.mean() for seed in range(100)]
    assert np.mean(tested) == pytest.approx(499.5, abs=4 * np.std(tested) / 10)


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
