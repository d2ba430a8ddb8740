"""A critic is the sum of its parts, each of which sees columns of its own."""

import numpy as np
import pytest
import torch
from torch import Tensor

from infomax.critics import BilinearCritic
from infomax.estimation.neural.critic import RefitCritic, SummedCritic, sum_critics


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def part(seed: int, x_size: int, y_size: int, rows: int = 6) -> RefitCritic:
    critic = BilinearCritic(x_size, y_size, torch.Generator().manual_seed(seed))
    x, y = drawn(seed, rows, x_size), drawn(seed + 1, rows, y_size)
    return RefitCritic.of_arrays(critic, x.numpy(), y.numpy())


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("sizes", [[], [(3, 2)], [(3, 2), (1, 4), (2, 2)]])
def test_scores_are_those_of_all_parts_and_the_shift(
    sizes: list[tuple[int, int]], shift: float
) -> None:
    parts = [part(seed, *each) for seed, each in enumerate(sizes)]
    summed = sum_critics(parts, 6, shift=shift)
    expected = sum((each.critic(each.x, each.y) for each in parts), torch.full((6, 6), shift))
    torch.testing.assert_close(summed.critic(summed.x, summed.y), expected)


@pytest.mark.parametrize("leading", [(3,), (2, 3)])
def test_leading_sizes_are_a_batch(leading: tuple[int, ...]) -> None:
    parts = [part(0, 3, 2), part(1, 1, 4)]
    critic = SummedCritic([each.critic for each in parts], [3, 1], [2, 4])
    x, y = drawn(0, *leading, 6, 4), drawn(1, *leading, 6, 6)
    together = critic(x, y)
    assert together.shape == (*leading, 6, 6)
    for index in np.ndindex(leading):
        torch.testing.assert_close(together[index], critic(x[index], y[index]))
