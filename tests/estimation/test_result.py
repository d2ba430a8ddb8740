"""An estimate in words and as data."""

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from infomax.estimation import Interval, MIResult
from infomax.warnings import CapWarning, GapWarning


def result(**changes: Any) -> MIResult:
    settings: dict[str, Any] = {
        "value": 0.41321,
        "interval": Interval(0.38, math.inf),
        "p_value": 0.005,
        "method": "infonce",
        "kind": "lower bound",
        "reason": "it was asked for",
        "pairs": 2_000,
        "confidence": 0.95,
        "null_values": np.array([0.0, 0.1]),
        "observed": 0.5,
        "history": pd.DataFrame({"step": [0.0]}),
        "warnings": (CapWarning("close to the cap"), GapWarning("more pairs would help")),
    }
    return MIResult(**{**settings, **changes})


def test_an_interval_holds_its_ends_and_what_is_between() -> None:
    interval = Interval(-0.1, 0.3)
    assert all(value in interval for value in (-0.1, 0.0, 0.3))
    assert not any(value in interval for value in (-0.11, 0.31, math.inf, math.nan))
    assert interval.width == pytest.approx(0.4)
    assert math.inf in Interval(math.inf, math.inf)


def test_says_all_that_matters_in_lines() -> None:
    assert str(result()).splitlines() == [
        "I(X; Y) is at least 0.413 nats  [0.380, ∞) (95 %)",
        "any dependence at all: yes (p = 0.005)",
        "method: infonce (lower bound), 2000 pairs",
        "why: it was asked for",
        "warning: close to the cap",
        "warning: more pairs would help",
    ]


def test_says_as_many_decimals_as_tell_the_ends_apart() -> None:
    weak = result(value=0.000217, interval=Interval(0.000085, 0.000346), kind="neither")
    assert "= 0.00022 nats  [0.00009, 0.00035]" in str(weak)
    at_least = result(value=0.000217, interval=Interval(0.000085, math.inf))
    assert "is at least 0.00022 nats  [0.00009, ∞)" in str(at_least)
    assert "= 0.000 nats  [0.000, 0.000]" in str(
        result(value=0.0, interval=Interval(0.0, 0.0), kind="neither")
    )
    infinite = result(value=math.inf, interval=Interval(math.inf, math.inf), kind="neither")
    assert "= inf nats  [inf, inf]" in str(infinite)


def test_says_how_many_rows_were_left_out() -> None:
    told = [result(rows_left_out=rows).pairs_told for rows in (0, 1, 2)]
    assert told[0] == "2000 pairs"
    assert told[1] == "2000 pairs, 1 row with missing values left out"
    assert told[2] == "2000 pairs, 2 rows with missing values left out"


def test_says_what_is_no_bound_and_what_is_not_shown() -> None:
    said = str(result(kind="neither", p_value=0.25, confidence=0.995, warnings=()))
    assert "(99.5 %)" in said
    assert "method: infonce (no bound), 2000 pairs" in said
    assert "any dependence at all: not shown (p = 0.25)" in said
    assert "warning" not in said


@pytest.mark.parametrize(
    ("p_value", "confidence", "found"),
    [(0.05, 0.95, True), (0.06, 0.95, False), (0.06, 0.9, False), (0.005, 0.999, True)],
)
def test_verdict_is_at_one_level_whatever_the_confidence(
    p_value: float, confidence: float, found: bool
) -> None:
    verdict = result(p_value=p_value, confidence=confidence).verdict
    assert verdict.startswith("yes (" if found else "not shown (")


@pytest.mark.parametrize(
    ("reading", "read_as"),
    [
        ((-0.162, -0.301, -0.023), (0, 0, 0.139)),
        ((-0.01, -0.03, 0.01), (0, 0, 0.02)),
        ((0.01, -0.03, 0.05), (0.01, 0, 0.05)),
        ((0.2, 0.1, 0.3), (0.2, 0.1, 0.3)),
    ],
)
def test_no_information_is_below_0_and_the_reading_is_kept(
    reading: tuple[float, ...], read_as: tuple[float, ...]
) -> None:
    value, *ends = reading
    found = dataclasses.replace(
        result(value=value, interval=Interval(*ends), kind="neither"), warnings=()
    )  # which must not read what was read
    assert (found.value, *found.interval) == pytest.approx(read_as)
    assert found.raw_value == found.as_dict()["raw_value_nats"] == value
    assert f"I(X; Y) = {read_as[0]:.3f} nats" in str(found)


def test_as_dict_is_json_of_all_but_the_history_and_what_was_permuted() -> None:
    found = dict(result().as_dict())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found == {
        "value_nats": 0.41321,
        "raw_value_nats": 0.41321,
        "interval_nats": [0.38, None],
        "entropy_of_y_nats": None,
        "share_of_y": None,
        "confidence": 0.95,
        "p_value": 0.005,
        "method": "infonce",
        "kind": "lower bound",
        "reason": "it was asked for",
        "pairs": 2_000,
        "given": [],
        "parts": [],
        "rows_left_out": 0,
        "curve": [],
        "warnings": [
            {"type": "CapWarning", "message": "close to the cap"},
            {"type": "GapWarning", "message": "more pairs would help"},
        ],
    }


def test_what_is_infinite_is_no_number_of_json() -> None:
    found = dict(result(value=math.inf, interval=Interval(math.inf, math.inf)).as_dict())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["value_nats"] is None
    assert found["interval_nats"] == [None, None]


def test_says_where_test_and_interval_disagree() -> None:
    shown = result(interval=Interval(-0.1, 0.2), p_value=0.005)
    assert shown.verdict == "yes (p = 0.005), though the interval does not exclude 0"
    hidden = result(interval=Interval(0.1, 0.2), p_value=0.6)
    assert hidden.verdict == (
        "not shown (p = 0.6), though the interval excludes 0: one of both misleads"
    )
    assert result(interval=Interval(-0.1, 0.2), p_value=0.6).verdict == "not shown (p = 0.6)"


def test_bits_are_named_and_so_many_fewer() -> None:
    entropy = 2 * math.log(2)
    nats, bits = (
        result(entropy_of_y=entropy, most_shared=entropy).as_dict(unit) for unit in ("nats", "bits")
    )
    assert bits["value_bits"] == pytest.approx(nats["value_nats"] / math.log(2))
    # No more is shared than y holds, which ends what the lower bound leaves open.
    assert bits["interval_bits"] == pytest.approx([0.38 / math.log(2), 2.0])
    assert bits["entropy_of_y_bits"] == pytest.approx(2)
    assert not any(name.endswith("_nats") for name in bits)
    assert {name: bits[name] for name in bits if not name.endswith("_bits")} == {
        name: nats[name] for name in nats if not name.endswith("_nats")
    }


def test_a_lower_bound_below_what_a_side_holds_is_between_both() -> None:
    found = result(most_shared=0.7, entropy_of_y=0.69, history=pd.DataFrame())
    assert found.kind == "between"
    assert found.interval == Interval(0.38, 0.7)
    assert str(found).startswith("I(X; Y) is between 0.413 and 0.700 nats  [0.380, 0.700] (95 %)\n")
    assert "infonce (lower bound, and what a discrete side holds)" in str(found)
    assert "x shares between 0.413 and 0.700 nats with y (at least 60 % of what y" in found.answer()
    assert found.plot().axes[0].get_title().startswith("between 0.413 and 0.700 nats")
    above = result(most_shared=0.4)
    assert above.amount_told() == "between 0.400 and 0.400 nats"
    assert above.interval == Interval(0.38, 0.4)
    assert result(kind="neither", interval=Interval(0.3, 0.9), most_shared=0.7).kind == "neither"


@pytest.mark.parametrize(("entropy", "share"), [(0.82642, 0.5), (0.2, 1.0), (0.0, math.nan)])
def test_no_more_of_y_is_shared_than_it_holds(entropy: float, share: float) -> None:
    assert result(entropy_of_y=entropy).share_of_y == pytest.approx(share, nan_ok=True)
    assert math.isnan(result().share_of_y)
