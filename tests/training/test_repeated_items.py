"""Views that come several times: which they are, and what they take off InfoNCE."""

import math
from collections import Counter

import numpy as np
import pytest
import torch

from infomax.experiments.pair_datasets import TensorPairDataset
from infomax.training import Pairs
from infomax.training.repeated_items import keys_of_pairs, keys_of_views, repeats_ceiling


@pytest.mark.parametrize("number", [5, 12, 17, 18])
def test_the_ceiling_is_the_mean_over_whole_batches(number: int) -> None:
    keys = np.random.default_rng(0).integers(0, 4, number)
    size = min(6, number)
    lost = []
    for start in range(0, number // size * size, size):
        copies = Counter(keys[start : start + size].tolist())
        lost.append(sum(each * math.log(each) for each in copies.values()) / size)
    expected = sum(lost) / len(lost)
    assert repeats_ceiling(keys, 6) == pytest.approx((math.log(size) - expected, expected))


def test_pairs_that_share_a_view_have_one_number() -> None:
    x = torch.tensor([0.0, 1.0, 2.0, 0.0, 3.0])[:, None]
    y = torch.tensor([5.0, 6.0, 6.0, 7.0, 8.0])[:, None]
    dataset = TensorPairDataset(Pairs(x, y))
    indices = np.array([4, 3, 2, 1, 0])
    x_keys, y_keys = keys_of_views(dataset, indices, 2)
    assert [x_keys.tolist().count(each) for each in x_keys] == [1, 2, 1, 1, 2]
    assert [y_keys.tolist().count(each) for each in y_keys] == [1, 1, 2, 2, 1]
    alone, third, second, first, zeroth = keys_of_pairs(dataset, indices, 2)
    assert third == zeroth
    assert first == second
    assert len({alone, third, first}) == 3
