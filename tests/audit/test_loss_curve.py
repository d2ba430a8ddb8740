"""The losses of a training: which are read, and each in nats."""

import math

import numpy as np
import pytest

from infomax.audit import read_loss, read_losses
from infomax.errors import UserError
from infomax.warnings import ImpossibleLossWarning


def test_the_mean_of_the_last_tenth_is_read() -> None:
    losses = np.linspace(4.8, 2.0, 50)
    curve = read_losses(losses, batch_size=128)
    assert curve.averaged == 5
    assert curve.last == read_loss(float(losses[-5:].mean()), batch_size=128)
    assert str(curve).startswith("50 losses, from 4.8 to 2.114, the mean of the last 5;")


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "supcon", "batch_size": 8, "temperature": 0.5},
        {"loss": "nwj"},
        {"loss": "club"},
        {"loss": "mine", "logged": "estimate"},
        {"loss": "simsiam"},
    ],
)
def test_each_loss_is_read_as_one_alone(settings: dict[str, object]) -> None:
    losses = [0.9, 0.4, -0.3]
    frame = read_losses(losses, **settings).to_frame()
    alone = [read_loss(loss, **settings).nats for loss in losses]  # type: ignore[arg-type]
    np.testing.assert_allclose(frame["value_nats"], alone)
    in_bits = read_losses(losses, **settings).to_frame("bits")["value_bits"]
    np.testing.assert_allclose(in_bits * math.log(2), alone)


def test_losses_that_failed_are_counted_and_not_averaged() -> None:
    curve = read_losses([3.0, 2.0, math.nan], batch_size=64)
    assert curve.last.value == 2.0
    assert curve.told() == "2 losses, from 3 to 2, the last; the least is 2"
    assert [type(each) for each in curve.warnings] == [ImpossibleLossWarning]
    assert "1 of 3 losses are not finite, the first at row 3" in str(curve)
    assert curve.as_dict()["losses_not_finite"] == 1
    with pytest.raises(UserError, match="no finite loss"):
        read_losses([math.nan], batch_size=64)
