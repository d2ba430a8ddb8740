"""The stairs of 2, 4, 6, 8 and 10 nats."""

import math

import numpy as np
import pytest

from infomax.distributions import DISTRIBUTIONS, staircase_gaussian
from infomax.errors import UserError

from .conftest import Draw

stairs = pytest.mark.parametrize("nats", [2, 4, 6, 8, 10])


@stairs
def test_a_stair_holds_what_its_name_says(nats: int) -> None:
    stair = DISTRIBUTIONS[f"staircase-gaussian-20-{nats}"]
    assert (stair.x_size, stair.y_size) == (20, 20)
    assert stair.mutual_information == pytest.approx(nats, rel=1e-12)


@stairs
def test_the_pairs_share_it_evenly(nats: int, draw: Draw) -> None:
    number = 20_000
    x, y = draw(DISTRIBUTIONS[f"staircase-gaussian-20-{nats}"], number)
    correlation = math.sqrt(1 - math.exp(-nats / 10))
    # Five standard errors: the largest of 400 is within 4.4 in all but one case in 200.
    np.testing.assert_allclose(
        x.T @ y / number, correlation * np.eye(20), atol=5 * math.sqrt(2 / number)
    )


def test_a_stair_without_information_is_independent() -> None:
    assert staircase_gaussian("flat", pairs=3, information=0).mutual_information == 0


@pytest.mark.parametrize("information", [-1.0, math.inf, math.nan])
def test_refuses_information_that_is_no_number_of_nats(information: float) -> None:
    with pytest.raises(UserError, match=r"'wrong' is to hold .* nats"):
        staircase_gaussian("wrong", pairs=20, information=information)


def test_refuses_to_have_no_pair() -> None:
    with pytest.raises(UserError, match="'wrong' has 0 pairs"):
        staircase_gaussian("wrong", pairs=0, information=2.0)
