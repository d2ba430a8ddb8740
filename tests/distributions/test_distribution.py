"""Distributions seen through maps: what is kept, and which maps are refused."""

import pytest
import torch
from torch import Tensor

from infomax.distributions import (
    DISTRIBUTIONS,
    Spiral,
    Transformed,
    half_cube,
    swiss_roll,
)
from infomax.errors import UserError

SCALARS = DISTRIBUTIONS["1v1-normal-0.75"]
TRIPLES = DISTRIBUTIONS["multinormal-sparse-3-3-2-2.0"]


def first_of(rows: Tensor) -> Tensor:
    return rows[:, :1]


def test_samples_are_those_of_the_base_once_mapped() -> None:
    spiral = Spiral(plane=(1, 2), speed=0.3)
    mapped = Transformed("mapped", TRIPLES, half_cube, spiral)
    x, y = mapped.sample(50, torch.Generator().manual_seed(3))
    base_x, base_y = TRIPLES.sample(50, torch.Generator().manual_seed(3))
    assert torch.equal(x, half_cube(base_x))
    assert torch.equal(y, spiral(base_y))


def test_information_is_that_of_the_base_however_often_it_is_mapped() -> None:
    once = Transformed("once", TRIPLES, half_cube, torch.asinh)
    twice = Transformed("twice", once, torch.sigmoid, half_cube)
    assert twice.mutual_information == TRIPLES.mutual_information > 1


def test_sizes_are_those_after_the_map() -> None:
    rolled = Transformed("rolled", SCALARS, torch.asinh, swiss_roll)
    assert (rolled.x_size, rolled.y_size) == (1, 2)


def test_refuses_a_map_that_loses_values() -> None:
    with pytest.raises(UserError, match="'wrong' maps 3 values of x to 1"):
        Transformed("wrong", TRIPLES, first_of, half_cube)
    with pytest.raises(UserError, match="'wrong' maps 3 values of y to 1"):
        Transformed("wrong", TRIPLES, half_cube, first_of)


def test_refuses_a_map_that_is_not_made_for_the_base() -> None:
    with pytest.raises(UserError, match="a Swiss roll of rows of 3 values"):
        Transformed("wrong", TRIPLES, swiss_roll, half_cube)
    with pytest.raises(UserError, match=r"a spiral turns values \(0, 1\) of rows of 1"):
        Transformed("wrong", SCALARS, half_cube, Spiral(plane=(0, 1), speed=1.0))
