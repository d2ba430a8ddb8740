"""The spiral: a rotation by an angle that the length decides."""

import numpy as np
import pytest
import torch
from scipy.linalg import expm
from torch import Tensor

from infomax.distributions import Spiral
from infomax.errors import UserError

planes = pytest.mark.parametrize("plane", [(0, 1), (1, 2), (3, 0)])


@pytest.fixture
def rows() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randn(200, 4, generator=generator, dtype=torch.float64)


@planes
def test_is_the_exponential_of_its_generator(plane: tuple[int, int], rows: Tensor) -> None:
    generator = np.zeros((4, 4))
    generator[plane] = -1
    generator[plane[::-1]] = 1
    expected = [expm(0.7 * (row @ row) * generator) @ row for row in rows.numpy()]
    np.testing.assert_allclose(Spiral(plane, speed=0.7)(rows).numpy(), expected, atol=1e-12)


@planes
def test_keeps_lengths_and_is_undone_by_the_opposite_speed(
    plane: tuple[int, int], rows: Tensor
) -> None:
    turned = Spiral(plane, speed=0.7)(rows)
    assert (turned - rows).abs().max() > 1
    torch.testing.assert_close(turned.norm(dim=1), rows.norm(dim=1))
    torch.testing.assert_close(Spiral(plane, speed=-0.7)(turned), rows)


def test_leaves_other_values_and_its_argument_alone(rows: Tensor) -> None:
    before = rows.clone()
    turned = Spiral((1, 2), speed=0.7)(rows)
    assert torch.equal(turned[:, [0, 3]], rows[:, [0, 3]])
    assert torch.equal(rows, before)


@pytest.mark.parametrize("plane", [(0, 0), (-1, 0), (2, -3)])
def test_refuses_what_is_no_plane(plane: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="give two different ones, counted from 0"):
        Spiral(plane, speed=1.0)


def test_refuses_rows_without_the_plane(rows: Tensor) -> None:
    with pytest.raises(UserError, match="rows of 4: give rows of at least 5 values"):
        Spiral((0, 4), speed=1.0)(rows)
