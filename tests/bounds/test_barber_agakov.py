"""Barber-Agakov against a loop and the truth."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import barber_agakov
from infomax.errors import UserError


def test_agrees_with_a_loop_for_each_leading_index(drawn: Callable[..., Tensor]) -> None:
    log_densities = drawn(0, 3, 2, 6)
    together = barber_agakov(log_densities, entropy=1.5)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            total = sum(float(log_densities[i, j, k]) for k in range(6))
            assert together[i, j].item() == pytest.approx(1.5 + total / 6)


def test_with_the_true_density_reaches_the_information_of_gaussians(
    gaussian_pairs: Callable[..., Any], standard_error: Callable[[Tensor], float]
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=64, batches=400)
    joint = pairs.log_conditional.diagonal(dim1=-2, dim2=-1)
    values = barber_agakov(joint, pairs.entropy_of_y)
    assert values.mean().item() == pytest.approx(pairs.information, abs=4 * standard_error(values))


def test_with_any_other_density_is_on_average_below_the_information(
    gaussian_pairs: Callable[..., Any], standard_error: Callable[[Tensor], float]
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=64, batches=400)
    ignorant = barber_agakov(pairs.log_marginal, pairs.entropy_of_y)
    assert ignorant.mean().item() == pytest.approx(0, abs=4 * standard_error(ignorant))
    scale = math.log(2 * math.pi * (1 - 0.8**2))
    squares = -2 * pairs.log_conditional.diagonal(dim1=-2, dim2=-1) - scale
    # Of the right mean and half the deviation.
    sure = -(scale - math.log(4) + 4 * squares) / 2
    narrow = barber_agakov(sure, pairs.entropy_of_y)
    assert narrow.mean().item() < pairs.information - 4 * standard_error(narrow)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_refuses_no_pairs(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r": expected \(\.\.\., N\) with at least 1 pair$"):
        barber_agakov(torch.zeros(shape), entropy=1.0)


def test_a_single_pair_is_enough() -> None:
    assert barber_agakov(torch.tensor([-1.0]), entropy=4.0).item() == 3.0
