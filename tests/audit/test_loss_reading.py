"""What a reading says: estimates and their sign, limits, units, and what cannot be."""

import json
import math
from typing import Any

import pytest
import torch
from rich.console import Console

from infomax.audit import LossReading, read_loss
from infomax.bounds import donsker_varadhan, infonce, nwj
from infomax.losses import k_pair_loss
from infomax.warnings import (
    BelowChanceWarning,
    HeavyTailWarning,
    ImpossibleLossWarning,
    NearCeilingWarning,
)


def kinds_of(reading: LossReading) -> list[type]:
    return [type(each) for each in reading.warnings]


def test_a_reading_is_the_bound_of_the_same_scores() -> None:
    scores = torch.randn(16, 16, generator=torch.Generator().manual_seed(0)).double()
    scores += 4 * torch.eye(16)
    logged = k_pair_loss(scores).item()
    for loss in ("infonce", "k-pair"):
        reading = read_loss(logged, loss=loss, batch_size=16)
        assert reading.nats == pytest.approx(infonce(scores).item(), abs=1e-12)
    for loss, bound in (("donsker-varadhan", donsker_varadhan), ("nwj", nwj)):
        value = bound(scores).item()
        assert read_loss(-value, loss=loss).nats == pytest.approx(value)
        assert read_loss(value, loss=loss, logged="estimate").nats == pytest.approx(value)


def test_an_estimate_with_the_sign_of_a_loss_is_asked_about() -> None:
    reading = read_loss(2.5, loss="mine")
    assert kinds_of(reading) == [BelowChanceWarning]
    assert "say logged='estimate'" in str(reading.warnings[0])
    assert "At least 2.500 nats" in read_loss(2.5, loss="mine", logged="estimate").answer()


def test_no_lower_bound_of_few_samples_is_trusted() -> None:
    assert kinds_of(read_loss(-6.0, loss="nwj", batch_size=64)) == [HeavyTailWarning]
    assert kinds_of(read_loss(-4.0, loss="nwj", batch_size=64)) == []


@pytest.mark.parametrize(
    ("value", "settings", "told"),
    [
        (-0.5, {"batch_size": 64}, "a loss of -0.5 nats is below 0, the least"),
        (0.01, {"batch_size": 64, "temperature": 1.0}, "is below 2.254, the least"),
        (7.0, {"batch_size": 64, "temperature": 1.0}, "is above 6.145, the most"),
        (-25.0, {"loss": "donsker-varadhan", "temperature": 0.1}, "is below -20, the least"),
        (-1.5, {"loss": "simsiam"}, "a loss of -1.5 is below -1, the least"),
        (math.inf, {"batch_size": 64}, "the loss is inf: exponentials of scores have overflowed"),
    ],
)
def test_what_cannot_be_is_said(value: float, settings: dict[str, Any], told: str) -> None:
    reading = read_loss(value, **settings)
    assert kinds_of(reading) == [ImpossibleLossWarning]
    assert told in str(reading.warnings[0])


def test_a_temperature_limits_what_can_be_read() -> None:
    reading = read_loss(2.3, batch_size=64, temperature=1.0)
    assert reading.scale.ceiling == pytest.approx(math.log(64) - math.log1p(63 * math.exp(-2)))
    assert reading.share == pytest.approx(reading.nats / reading.scale.ceiling)
    assert kinds_of(reading) == [NearCeilingWarning]


def test_worse_than_chance_is_said() -> None:
    reading = read_loss(6.0, batch_size=64)
    assert reading.answer() == "6 is worse than chance: it reads -1.841 nats."
    assert kinds_of(reading) == [BelowChanceWarning]


def test_the_formula_is_filled_in_in_both_units() -> None:
    reading = read_loss(2.0, loss="nt-xent", batch_size=64)
    assert reading.details()["formula"] == "I >= ln(2 N - 1) - L = ln 127 - 2 = 2.844 nats"
    assert reading.details("bits")["formula"].endswith(" = 2.844 nats = 4.103 bits")
    assert reading.answer("bits").startswith("At least 4.103 bits are learnt, 59 %")


def test_data_are_strict_json_and_say_what_is_not_finite() -> None:
    data = read_loss(2.0, loss="supcon", temperature=0.1).as_dict()
    json.dumps(data, allow_nan=False)
    assert data["value_nats"] is None
    assert data["not_finite"]["value_nats"] == "nan"
    assert data["batch_size_at_chance"] == pytest.approx((math.exp(1.4) + 1) / 2)


def test_it_prints_itself_in_a_terminal() -> None:
    console = Console(width=200, record=True, file=None, quiet=False)
    reading = read_loss(2.0, batch_size=64)
    with console.capture() as shown:
        console.print(reading)
    assert reading.answer() in shown.get()
    assert str(reading).splitlines()[0] == reading.answer()
