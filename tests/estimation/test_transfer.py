"""Transfer entropy: found where a series drives another, and nowhere else."""

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from infomax import estimate_mi
from infomax.errors import UserError
from infomax.estimation import transfer_answer, transfer_both_ways, transfer_entropy
from infomax.estimation.arrays import Array
from infomax.estimation.result import MIResult
from infomax.warnings import (
    AssumptionWarning,
    DeterminedColumnWarning,
    SaturationWarning,
    UnevenTimeWarning,
)


def _transfer(x: Any, y: Any, **settings: Any) -> MIResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transfer_entropy(x, y, **{"permutations": 39, **settings})


def _driven(rows: int, seed: int, *, memory: float = 0.0, delay: int = 1) -> tuple[Array, Array]:
    """Draw x that is white and y that it drives: log(1 + 0.5^2) / 2 nats a row, exactly."""
    x, noise = np.random.default_rng(seed).standard_normal((2, rows))
    noise[delay:] += 0.5 * x[:-delay]
    return x, lfilter([1], [1, -memory], noise)


_TRUTH = math.log(1.25) / 2


@pytest.mark.parametrize("method", ["auto", "frenzel-pompe"])
def test_what_is_transferred_is_read_and_nothing_goes_back(method: str) -> None:
    held = []
    for seed in range(4):
        x, y = _driven(1000, seed, memory=0.7)
        # Given one row of y and the x that drove it, nothing of more past is left.
        forth = _transfer(x, y, method=method, history=1)
        held.append(_TRUTH in forth.interval)
        assert forth.p_value < 0.05
        back = _transfer(y, x, method=method, history=1)
        assert back.value < 0.03
        assert 0 in back.interval
    assert sum(held) >= 3


def test_slow_series_apart_are_not_called_dependent() -> None:
    small = 0
    for seed in range(10):
        noise = np.random.default_rng(seed).standard_normal((2, 1000))
        noise[:, 1:] *= math.sqrt(1 - 0.98**2)
        small += _transfer(*lfilter([1], [1, -0.98], noise), history=1).p_value < 0.05
    assert small <= 2


def test_it_is_conditional_information_of_lagged_columns() -> None:
    x, y = _driven(400, 0, memory=0.5)
    found = _transfer(x, y, history=2, source_history=2, delay=3)
    assert found.x_columns == ("x0(t-3)", "x0(t-4)")
    assert (found.y_columns, found.given_columns) == (("y0(t)",), ("y0(t-1)", "y0(t-2)"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_hand = estimate_mi(
            np.column_stack([x[1:-3], x[:-4]]),
            y[4:],
            given=np.column_stack([y[3:-1], y[2:-2]]),
            order="rows",
            permutations=39,
        )
    assert (found.value, found.interval, found.p_value) == (
        by_hand.value,
        by_hand.interval,
        by_hand.p_value,
    )
    assert "y's own past is its last 2 rows: it was asked for" in found.reason


def test_a_delay_is_seen_at_its_lag_alone() -> None:
    x, y = _driven(800, 1, delay=3)
    p_values = [_transfer(x, y, delay=delay).p_value for delay in (1, 3)]
    assert p_values[0] > 0.05 > p_values[1]


def test_levels_are_counted_and_text_is_a_level() -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(2, size=1000)
    flips = generator.random(1000) < 0.2
    y = np.where(flips, 1 - np.roll(x, 1), np.roll(x, 1))
    truth = math.log(2) + 0.2 * math.log(0.2) + 0.8 * math.log(0.8)
    result = _transfer(x, y)
    assert truth in result.interval
    assert result.p_value < 0.05
    assert result.given_columns == ("y0(t-1)",)
    written = pd.DataFrame({"weather": np.array(["dry", "wet"])[y]})
    named = _transfer(x, written, discrete=["x0", "weather"])
    assert named.value == pytest.approx(result.value)
    assert named.y_columns == ("weather(t)",)


def test_both_ways_is_a_row_for_each_direction_and_a_sentence() -> None:
    x, y = _driven(500, 0)
    frames = pd.DataFrame({"load": x}), pd.DataFrame({"power": y})
    table = transfer_both_ways(*frames, permutations=39)
    alone = _transfer(*frames)
    assert table["value_nats"].iloc[0] == alone.value
    assert table[["source", "target"]].to_numpy().tolist() == [["load", "power"], ["power", "load"]]
    said = transfer_answer(table)
    assert said.startswith(f"load tells {alone.value:.3f} nats [")
    assert said.endswith("not shown)")
    untested = transfer_both_ways(*frames, permutations=0)
    assert "(not tested)" in transfer_answer(untested)


def test_rows_are_sorted_by_their_times_and_gaps_are_said() -> None:
    x, y = _driven(300, 0)
    shuffled = np.random.default_rng(0).permutation(300)
    assert _transfer(x[shuffled], y[shuffled], order=shuffled).value == _transfer(x, y).value
    times = np.arange(300) + 100 * (np.arange(300) > 150)
    assert UnevenTimeWarning in {type(each) for each in _transfer(x, y, order=times).warnings}


def test_rows_in_whose_past_a_value_is_missing_are_left_out() -> None:
    x, y = _driven(300, 0)
    x[100] = np.nan
    with pytest.raises(UserError, match=r"x0\(t-1\) has 1 missing"):
        _transfer(x, y)
    result = _transfer(x, y, missing="drop", history=2)
    assert (result.pairs, result.rows_left_out) == (297, 1)


def test_a_target_that_its_own_past_determines_is_told_nothing() -> None:
    x = np.random.default_rng(0).standard_normal(300)
    wave = _transfer(x, np.sin(0.3 * np.arange(300)), history=2)
    assert (wave.value, wave.p_value) == (0, 1)
    assert DeterminedColumnWarning in {type(each) for each in wave.warnings}
    chaos = [0.3]
    for _ in range(299):
        chaos.append(3.99 * chaos[-1] * (1 - chaos[-1]))
    assert SaturationWarning in {type(each) for each in _transfer(x, np.array(chaos)).warnings}
    constant = _transfer(x, np.ones(300))
    assert (constant.value, constant.p_value) == (0, 1)
    assert _transfer(np.ones(300), x).value == 0
    # Of its own past, or of the other's: one of them says all.
    copied = _transfer(x, np.roll(x, 1))
    assert copied.value == math.inf


def test_a_history_at_the_longest_is_warned_of() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 1500))
    x, y = noise[0], lfilter([1], [1, 0, 0, 0, -0.7], noise[1])
    result = _transfer(x, y, method="gaussian")
    assert len(result.given_columns) == 4
    assert any(
        isinstance(each, AssumptionWarning) and "the longest predicts y best" in str(each)
        for each in result.warnings
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"history": 0}, "history is 0: give a whole number of rows, at least 1"),
        ({"source_history": 1.5}, "source_history is 1.5: give"),
        ({"delay": True}, "delay is True: give"),
        ({"history": 60}, "100 rows leave 40 that have a past of 60 rows"),
        ({"delay": 200}, "100 rows leave 0 that have a past of 200 rows"),
        ({"order": None}, "a transfer needs rows in time: give order='rows'"),
        ({"order": np.arange(99)}, "order has 99 times for 100 rows: give one for each row"),
        ({"discrete": ["colour"]}, "unknown discrete column 'colour': choose one of x0, y0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(settings: dict[str, Any], message: str) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 100))
    with pytest.raises(UserError) as refused:
        _transfer(x, y, **settings)
    assert str(refused.value).startswith(message)


def test_too_few_rows_and_unequal_ones_are_refused() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 50))
    with pytest.raises(UserError, match="50 rows leave 49 that have a past of 1 rows"):
        _transfer(x, y)
    with pytest.raises(UserError, match="x has 50 rows and y has 40: give as many"):
        _transfer(x, y[:40])
