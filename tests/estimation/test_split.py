"""The split: rows that nobody sees who must not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infomax.estimation.split import split_rows

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
