"""The Swiss roll: where it begins and ends, and that it never meets itself."""

import math

import numpy as np
import pytest
import torch

from infomax.distributions import swiss_roll
from infomax.errors import UserError

ROWS = torch.linspace(0, 1, 1001, dtype=torch.float64).unsqueeze(1)


def test_begins_down_and_ends_up() -> None:
    # At angles of 3 and 9 quarter turns: straight down, and straight up three times as far.
    ends = swiss_roll(torch.tensor([[0.0], [1.0]], dtype=torch.float64)).numpy()
    radius = 1.5 * math.pi / 21
    np.testing.assert_allclose(ends, [[0, -radius], [0, 3 * radius]], atol=1e-12)


def test_never_meets_itself() -> None:
    assert (swiss_roll(ROWS).norm(dim=1).diff() > 0).all()


def test_angle_and_distance_tell_where_it_came_from() -> None:
    rolled = swiss_roll(ROWS).numpy()
    distance = np.hypot(*rolled.T)
    angle = np.unwrap(np.arctan2(rolled[:, 1], rolled[:, 0]))
    np.testing.assert_allclose(distance, 1.5 * math.pi / 21 * (1 + 2 * ROWS[:, 0].numpy()))
    np.testing.assert_allclose(angle - angle[0], 3 * math.pi * ROWS[:, 0].numpy(), atol=1e-9)


@pytest.mark.parametrize("size", [0, 2])
def test_refuses_rows_that_are_not_of_one_value(size: int) -> None:
    with pytest.raises(UserError, match=f"a Swiss roll of rows of {size} values"):
        swiss_roll(torch.zeros(3, size))
