"""A bound over batches, with its interval."""

import math

import pytest
import torch
from scipy import stats
from torch import Tensor

from infomax.bounds import donsker_varadhan, infonce, nwj
from infomax.critics import BilinearCritic
from infomax.encoders import MLPEncoder
from infomax.errors import UserError
from infomax.evaluation import BatchMean, ScoreFunction, means_over_batches
from infomax.score_matrix import TiledScores
from infomax.training import PairModel

Batches = list[tuple[Tensor, Tensor]]


def untrained() -> PairModel:
    generator = torch.Generator().manual_seed(0)
    x_encoder, y_encoder = (MLPEncoder((2, 2, 1), generator, layer_sizes=(6, 3)) for _ in range(2))
    return PairModel(x_encoder, y_encoder, BilinearCritic(3, 3, generator))


def random_batches(number: int, scale: float = 1.0) -> Batches:
    generator = torch.Generator().manual_seed(1)
    x, y = scale * torch.randn(2, number, 16, 4, generator=generator)
    return list(zip(x, y, strict=True))


def bound_over_batches(model: PairModel, batches: Batches, bound: ScoreFunction) -> BatchMean:
    return means_over_batches(model, batches, {"bound": bound})["bound"]


def test_functions_see_the_same_batches() -> None:
    model, batches = untrained(), random_batches(5)
    both = means_over_batches(model, iter(batches), {"one": infonce, "two": nwj})
    assert both["one"] == bound_over_batches(model, batches, infonce)
    assert both["two"] == bound_over_batches(model, batches, nwj)


def test_is_the_mean_over_batches_with_students_interval() -> None:
    model, batches = untrained(), random_batches(20)
    values = [infonce(model(x, y)).item() for x, y in batches]
    estimate = bound_over_batches(model, batches, infonce)
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert estimate.mean == pytest.approx(sum(values) / len(values))
    assert (estimate.low, estimate.high) == pytest.approx(tuple(interval), rel=1e-5)


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    model, batches = untrained(), random_batches(2_000)
    truth = bound_over_batches(model, batches, infonce).mean
    covered = 0
    for start in range(0, 2_000, 20):
        estimate = bound_over_batches(model, batches[start : start + 20], infonce)
        covered += estimate.low <= truth <= estimate.high
    assert covered >= 88


@pytest.mark.parametrize("bound", [infonce, donsker_varadhan], ids=["infonce", "dv"])
def test_of_two_batches_the_interval_comes_from_their_pairs(bound: ScoreFunction) -> None:
    # A fixed critic on pairs that share much: the expectation is that of 4,000 other batches.
    def scores(x: Tensor, y: Tensor) -> Tensor:
        return 3 * torch.tanh(x @ y.mT)

    def batches(number: int, seed: int) -> Batches:
        generator = torch.Generator().manual_seed(seed)
        x, noise = torch.randn(2, number, 32, 2, generator=generator)
        return list(zip(x, 0.8 * x + 0.6 * noise, strict=True))

    def mean(of: Batches) -> BatchMean:
        return means_over_batches(scores, of, {"bound": bound})["bound"]

    truth = float(torch.stack([bound(scores(x, y)) for x, y in batches(4_000, 1)]).mean())
    found = [mean(some) for some in (batches(2, seed) for seed in range(2, 202))]
    covered = sum(each.low <= truth <= each.high for each in found)
    assert 180 <= covered <= 198
    widths = torch.tensor([each.high - each.low for each in found])
    means = torch.tensor([each.mean for each in found])
    # Two batches by themselves have one degree of freedom: 12.7 standard errors on either side.
    assert widths.median() < 2 * 3 * means.std()


@pytest.mark.parametrize("size", [4, 13])
def test_of_few_batches_the_interval_is_the_jackknifes(size: int) -> None:
    batches = [(x[:size], y[:size]) for x, y in random_batches(3)]
    found = means_over_batches(lambda x, y: x @ y.mT, batches, {"bound": infonce})["bound"]
    parts, variance, freedom = min(10, size), 0.0, 0
    for x, y in batches:
        without = []
        for part in range(parts):
            kept = [row for row in range(size) if row % parts != part]
            without.append(float(infonce(x[kept] @ y[kept].mT)))
        mean = sum(without) / parts
        variance += (parts - 1) / parts * sum((each - mean) ** 2 for each in without)
        freedom += parts - 1
    half = stats.t.ppf(0.975, freedom) * math.sqrt(variance) / 3
    expected = (found.mean - half, found.mean + half)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-4)


def test_of_batches_too_small_to_leave_pairs_out_the_interval_is_students() -> None:
    batches = [(x[:3], y[:3]) for x, y in random_batches(4)]
    found = means_over_batches(lambda x, y: x @ y.mT, batches, {"bound": infonce})["bound"]
    values = [float(infonce(x @ y.mT)) for x, y in batches]
    expected = tuple(stats.ttest_1samp(values, 0.0).confidence_interval(0.95))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-4)


def test_intervals_end_at_the_ceiling() -> None:
    x = 3 * torch.eye(16)[torch.randperm(16, generator=torch.Generator().manual_seed(0))]
    sharp, dull = (x, x), (x, torch.roll(x, 1, 0) + x)
    found = means_over_batches(
        lambda x, y: x @ y.mT, [sharp, dull], {"bound": infonce}, ceilings={"bound": math.log(16)}
    )["bound"]
    assert found.high <= math.log(16)
    assert found.low < found.mean < math.log(16)


def test_tiles_have_the_intervals_of_the_whole() -> None:
    batches = random_batches(3)
    whole = means_over_batches(lambda x, y: x @ y.mT, batches, {"bound": infonce})["bound"]
    tiles = means_over_batches(
        lambda x, y: TiledScores(x, y, rows_at_once=5), batches, {"bound": infonce}
    )["bound"]
    assert (tiles.low, tiles.high) == pytest.approx((whole.low, whole.high), rel=1e-4)


def test_an_infinite_value_is_told_and_has_no_interval() -> None:
    estimate = bound_over_batches(untrained(), random_batches(4, scale=1e4), nwj)
    assert estimate.mean == -math.inf
    assert math.isnan(estimate.low)
    assert math.isnan(estimate.high)


def test_one_batch_has_no_interval() -> None:
    with pytest.raises(UserError, match="at least 2"):
        bound_over_batches(untrained(), random_batches(1), infonce)
