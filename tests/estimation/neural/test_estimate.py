"""Intervals of trained critics: they hold what they say as often as they say, and shrink."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.neural.estimate import bootstrap_interval

from ..conftest import NormalPairs


def critic_scores(x: Tensor, y: Tensor) -> Tensor:
    """Return the log density ratio of normal variables of correlation 0.6."""
    distance = (y.unsqueeze(-2) - 0.6 * x.unsqueeze(-1)).square() / 0.64
    return -0.5 * math.log(0.64) - distance / 2 + y.square().unsqueeze(-2) / 2


def scores_of(seed: int, number: int, refits: int, normal_pairs: NormalPairs) -> Tensor:
    x, y = (torch.from_numpy(side[:, 0]) for side in normal_pairs(seed, number, correlation=0.6))
    return critic_scores(x, y).expand(refits, number, number).clone()


@pytest.mark.parametrize("name", ["infonce", "nwj", "donsker-varadhan"])
def test_bootstrap_covers_the_expectation_of_a_bound(name: str, normal_pairs: NormalPairs) -> None:
    bound, number, data_sets = BOUNDS[name](), 60, 120
    values, covered = [], []
    intervals = []
    for seed in range(data_sets):
        scores = scores_of(seed, number, 1, normal_pairs)
        values.append(float(bound.estimate(scores[0])))
        intervals.append(bootstrap_interval(bound, scores, 0.8, np.random.default_rng(seed)))
    expectation = float(np.mean(values))
    covered = [expectation in interval for interval in intervals]
    # Of few pairs the bootstrap covers a little less than it says.
    assert 0.65 < np.mean(covered) < 0.92
    width = float(np.mean([interval.width for interval in intervals]))
    assert width / (2 * 1.2816) == pytest.approx(np.std(values), rel=0.2)


def test_bootstrap_shrinks_with_the_root_of_the_number_of_pairs(normal_pairs: NormalPairs) -> None:
    widths = [
        bootstrap_interval(
            BOUNDS["infonce"](),
            scores_of(0, number, 2, normal_pairs),
            0.9,
            np.random.default_rng(0),
        ).width
        for number in (40, 640)
    ]
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.3)


def test_bootstrap_lies_around_the_value_of_the_mean_critic(normal_pairs: NormalPairs) -> None:
    generator = torch.Generator().manual_seed(0)
    scores = scores_of(0, 80, 4, normal_pairs)
    scores += 1.5 * torch.randn(scores.shape, generator=generator, dtype=scores.dtype)
    bound = BOUNDS["infonce"]()
    value = float(bound.estimate(scores.mean(dim=0)))
    interval = bootstrap_interval(bound, scores, 0.9, np.random.default_rng(0))
    middle = (interval.low + interval.high) / 2
    assert value in interval
    assert middle == pytest.approx(value, abs=0.15 * interval.width)
    # Means of refits that repeat are noisier critics: what was resampled lies lower than the value.
    repeated = float(bound.estimate(scores[[0, 0, 1, 1]].mean(dim=0)))
    assert repeated < value - 0.05


def test_bootstrap_knows_that_refits_differ(normal_pairs: NormalPairs) -> None:
    alike = scores_of(0, 80, 4, normal_pairs)
    factors = torch.tensor([0.1, 0.5, 1.0, 2.0], dtype=alike.dtype)
    different = alike * factors[:, None, None]
    widths = [
        bootstrap_interval(BOUNDS["infonce"](), scores, 0.9, np.random.default_rng(0)).width
        for scores in (different.mean(dim=0).expand(4, 80, 80), different)
    ]
    assert widths[1] > 1.1 * widths[0]


def test_bootstrap_is_wider_for_more_confidence_and_drawn_by_its_generator(
    normal_pairs: NormalPairs,
) -> None:
    scores = scores_of(0, 50, 2, normal_pairs)
    narrow, wide, again = (
        bootstrap_interval(BOUNDS["nwj"](), scores, confidence, np.random.default_rng(0))
        for confidence in (0.5, 0.99, 0.99)
    )
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide == again


def test_critics_that_say_nothing_leave_all_that_so_many_pairs_can_show() -> None:
    for name, score in (("infonce-symmetric", 0.0), ("nwj", 1.0)):
        scores = torch.full((4, 24, 24), score)
        interval = bootstrap_interval(BOUNDS[name](), scores, 0.95, np.random.default_rng(0))
        assert tuple(interval) == pytest.approx((0, math.log(24)))
