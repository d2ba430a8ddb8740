"""The difference of entropies against a loop, the truth, and both sides of it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import difference_of_entropies
from infomax.errors import UserError


def test_agrees_with_a_loop_for_each_leading_index(drawn: Callable[..., Tensor]) -> None:
    conditional, marginal = drawn(0, 3, 2, 6), drawn(1, 3, 2, 6)
    together = difference_of_entropies(conditional, marginal)
    assert together.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            total = sum(float(conditional[i, j, k] - marginal[i, j, k]) for k in range(6))
            assert together[i, j].item() == pytest.approx(total / 6)


def test_with_the_true_densities_is_the_information_of_gaussians_and_with_others_on_either_side(
    gaussian_pairs: Callable[..., Any], standard_error: Callable[[Tensor], float]
) -> None:
    pairs = gaussian_pairs(correlation=0.8, number=64, batches=400)
    conditional = pairs.log_conditional.diagonal(dim1=-2, dim2=-1)
    exact = difference_of_entropies(conditional, pairs.log_marginal)
    error = 4 * standard_error(exact)
    assert exact.mean().item() == pytest.approx(pairs.information, abs=error)
    below = difference_of_entropies(pairs.log_marginal, pairs.log_marginal)
    assert below.mean().item() < pairs.information - error
    above = difference_of_entropies(conditional, pairs.log_marginal - 0.5)
    assert above.mean().item() > pairs.information + error


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_refuses_no_pairs(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="at least 1 pair"):
        difference_of_entropies(torch.zeros(shape), torch.zeros(shape))


def test_refuses_densities_of_other_pairs() -> None:
    with pytest.raises(UserError, match=r"marginal .* shape \(1,\): expected \(4,\)"):
        difference_of_entropies(torch.zeros(4), torch.zeros(1))


def test_a_single_pair_is_enough() -> None:
    assert difference_of_entropies(torch.tensor([-1.0]), torch.tensor([-4.0])).item() == 3.0
