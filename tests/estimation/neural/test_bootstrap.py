"""Intervals: they hold what they say as often as they say, and shrink as they must."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.neural.bootstrap import bootstrap_interval, interval_of_terms

from ..conftest import NormalPairs


def critic_scores(x: Tensor, y: Tensor) -> Tensor:
    """Return the log density ratio of normal variables of correlation 0.6."""
    distance = (y.unsqueeze(-2) - 0.6 * x.unsqueeze(-1)).square() / 0.64
    return -0.5 * math.log(0.64) - distance / 2 + y.square().unsqueeze(-2) / 2


def scores_of(seed: int, number: int, refits: int, normal_pairs: NormalPairs) -> Tensor:
    x, y = (torch.from_numpy(side[:, 0]) for side in normal_pairs(seed, number, correlation=0.6))
    return critic_scores(x, y).expand(refits, number, number).clone()


@pytest.mark.parametrize(("confidence", "deviations"), [(0.95, 1.959964), (0.6827, 1.0)])
def test_of_terms_is_the_value_and_so_many_standard_errors(
    confidence: float, deviations: float
) -> None:
    terms = np.random.default_rng(0).normal(size=400)
    interval = interval_of_terms(0.7, terms, confidence)
    error = math.sqrt(((terms - terms.mean()) ** 2).mean() / 400)
    assert interval.low == pytest.approx(0.7 - deviations * error, rel=1e-4)
    assert interval.high == pytest.approx(0.7 + deviations * error, rel=1e-4)


def test_of_terms_that_are_all_the_same_is_of_second_order() -> None:
    interval = interval_of_terms(0.1, np.full(50, 3.0), 0.95, second_order=0.04)
    assert interval.width / 2 == pytest.approx(1.959964 * 0.2)
    assert interval_of_terms(0.1, np.full(50, 3.0), 0.95).width == 0
    both = interval_of_terms(0.1, np.tile([-1.0, 1.0], 25), 0.95, second_order=0.04)
    assert both.width / 2 == pytest.approx(1.959964 * math.sqrt(1 / 50 + 0.04))


@pytest.mark.parametrize("confidence", [0.5, 0.9])
def test_of_terms_covers_a_mean_as_often_as_it_says(confidence: float) -> None:
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(1_000):
        terms = 0.4 + generator.exponential(size=200) - 1
        covered += 0.4 in interval_of_terms(float(terms.mean()), terms, confidence)
    assert binomtest(covered, 1_000, confidence).pvalue > 0.001


def test_of_terms_shrinks_with_the_root_of_their_number() -> None:
    terms = np.random.default_rng(0).normal(size=100)
    few, many = (interval_of_terms(0.0, np.tile(terms, times), 0.95).width for times in (1, 16))
    assert few / many == pytest.approx(4)


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
