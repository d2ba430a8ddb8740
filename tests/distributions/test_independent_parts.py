"""Independent pairs side by side."""

import pytest
import torch

from infomax.distributions import DISTRIBUTIONS, AdditiveUniform, IndependentParts
from infomax.errors import UserError

NOISY, CROSS = AdditiveUniform("noisy", 0.1), DISTRIBUTIONS["1v1-X-0.9"]


def test_sizes_and_information_are_sums_over_the_parts() -> None:
    dense = DISTRIBUTIONS["multinormal-dense-2-2-0.5"]
    both = IndependentParts("both", (NOISY, dense, CROSS))
    assert (both.x_size, both.y_size) == (4, 4)
    parts = (NOISY, dense, CROSS)
    expected = sum(part.mutual_information for part in parts)
    assert both.mutual_information == pytest.approx(expected)
    assert both.information_error == CROSS.information_error > 0


def test_a_part_that_is_there_twice_is_drawn_twice_and_errs_together() -> None:
    twice = IndependentParts("twice", (CROSS, CROSS))
    x, y = twice.sample(200, torch.Generator().manual_seed(0))
    assert (x[:, 0] != x[:, 1]).all()
    assert abs(float(torch.corrcoef(x.T)[0, 1])) < 0.3
    assert y.shape == (200, 2)
    assert twice.information_error == pytest.approx(2 * CROSS.information_error)


def test_refuses_to_be_made_of_nothing() -> None:
    with pytest.raises(UserError, match="'wrong' has no parts"):
        IndependentParts("wrong", ())
