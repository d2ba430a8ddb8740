"""Covariances: their structure, and what is none."""

import math

import numpy as np
import pytest

from infomax.distributions import Covariance, equicorrelation, paired_correlation
from infomax.distributions.covariance import check_covariance
from infomax.errors import UserError


def test_any_two_values_are_equally_correlated() -> None:
    expected = np.full((4, 4), 0.3)
    np.fill_diagonal(expected, 1)
    np.testing.assert_array_equal(equicorrelation(4, 0.3), expected)


def test_only_the_first_values_are_paired() -> None:
    covariance = np.array(paired_correlation(3, 4, [0.8, -0.2]))
    between = np.zeros((3, 4))
    between[0, 0], between[1, 1] = 0.8, -0.2
    np.testing.assert_array_equal(covariance[:3, :3], np.eye(3))
    np.testing.assert_array_equal(covariance[3:, 3:], np.eye(4))
    np.testing.assert_array_equal(covariance[:3, 3:], between)
    np.testing.assert_array_equal(covariance[3:, :3], between.T)


def test_refuses_more_correlations_than_pairs() -> None:
    with pytest.raises(UserError, match=r"3 correlations .* give at most 2"):
        paired_correlation(2, 5, [0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    "covariance",
    [
        ((1.0, 0.5), (0.5, 1.0), (0.0, 0.0)),
        ((1.0, 0.5), (0.5,)),
        ((1.0, 0.5), (0.4, 1.0)),
        ((1.0, 1.0), (1.0, 1.0)),
        ((1.0, 0.0), (0.0, math.inf)),
        ((1.0, math.nan), (math.nan, 1.0)),
        equicorrelation(4, -0.5),
    ],
)
def test_refuses_what_is_not_positive_definite(covariance: Covariance) -> None:
    with pytest.raises(UserError, match=r"this is .* give a symmetric, positive definite matrix"):
        check_covariance(covariance, 1, "this")


@pytest.mark.parametrize("x_size", [-1, 0, 3, 4])
def test_refuses_to_leave_nothing_on_one_side(x_size: int) -> None:
    with pytest.raises(UserError, match=f"this is of 3 values, of which {x_size} are to be x"):
        check_covariance(equicorrelation(3, 0.5), x_size, "this")


def test_shortens_a_large_covariance_in_its_refusal() -> None:
    with pytest.raises(UserError) as refused:
        check_covariance(equicorrelation(100, 1.0), 50, "this")
    assert len(str(refused.value)) < 500
