"""The curve of a log of losses, with its ceiling and its chance."""

import math

import numpy as np
import pandas as pd

from infomax.report.loss_curve import draw_loss_curve

CURVE = pd.DataFrame({"row": [1, 2, 3], "loss": [4.9, 3.0, 2.0], "value_nats": [0.0, 1.9, 2.9]})


def test_curve_ceiling_chance_and_held_out_pairs_stand_where_they_are() -> None:
    axes = draw_loss_curve(CURVE, ceiling=4.85, held_out=1.5).axes[0]
    drawn, *lines = axes.lines
    np.testing.assert_array_equal(drawn.get_ydata(), CURVE["value_nats"])
    assert [line.get_ydata()[0] for line in lines] == [4.85, 0.0, 1.5]  # type: ignore[index]
    assert [text.get_text() for text in axes.texts] == ["ceiling 4.85", "chance 0", "held out 1.5"]
    assert axes.get_ylim()[1] > 4.85


def test_losses_are_drawn_as_they_are_where_none_is_read() -> None:
    axes = draw_loss_curve(CURVE.assign(value_nats=math.nan), ceiling=math.nan).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), CURVE["loss"])
    assert axes.get_ylabel() == "loss, as logged"
    assert len(axes.lines) == 1
