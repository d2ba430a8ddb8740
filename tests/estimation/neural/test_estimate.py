"""Intervals of trained critics hold what they say, and every warning is of a fit made for it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from infomax import estimate_mi
from infomax.bounds import BOUNDS
from infomax.estimation.neural.bootstrap import bootstrap_interval
from infomax.estimation.neural.course import Course
from infomax.estimation.neural.estimate import reads_on, result_of_fit
from infomax.estimation.neural.fit import NeuralFit
from infomax.estimation.neural.fit_warnings import warnings_of_fit
from infomax.estimation.result import tails_of
from infomax.estimation.samples import read_samples
from infomax.estimation.task import EstimationSettings, EstimationTask
from infomax.warnings import (
    CapWarning,
    EstimationWarning,
    GapWarning,
    HeavyTailWarning,
    StillIncreasingWarning,
)

from ..conftest import NormalPairs

TAILS_OF_80, TAILS_OF_90 = tails_of("neither", 0.8), tails_of("neither", 0.9)


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
        intervals.append(
            bootstrap_interval(bound, scores, TAILS_OF_80, np.random.default_rng(seed))
        )
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
            TAILS_OF_90,
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
    interval = bootstrap_interval(bound, scores, TAILS_OF_90, np.random.default_rng(0))
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
        bootstrap_interval(BOUNDS["infonce"](), scores, TAILS_OF_90, np.random.default_rng(0)).width
        for scores in (different.mean(dim=0).expand(4, 80, 80), different)
    ]
    assert widths[1] > 1.1 * widths[0]


def test_bootstrap_is_wider_for_more_confidence_and_drawn_by_its_generator(
    normal_pairs: NormalPairs,
) -> None:
    scores = scores_of(0, 50, 2, normal_pairs)
    narrow, wide, again = (
        bootstrap_interval(
            BOUNDS["nwj"](), scores, tails_of("neither", confidence), np.random.default_rng(0)
        )
        for confidence in (0.5, 0.99, 0.99)
    )
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide == again


def test_critics_that_say_nothing_leave_all_that_so_many_pairs_can_show() -> None:
    for name, score in (("infonce-symmetric", 0.0), ("nwj", 1.0)):
        scores = torch.full((4, 24, 24), score)
        both_sides, at_least = (
            bootstrap_interval(BOUNDS[name](), scores, tails, np.random.default_rng(0))
            for tails in (tails_of("neither", 0.95), tails_of("lower bound", 0.95))
        )
        assert tuple(both_sides) == pytest.approx((0, math.log(24)))
        assert tuple(at_least) == (0, math.inf)


def test_the_interval_of_a_lower_bound_begins_where_the_wider_one_of_two_sides_does(
    normal_pairs: NormalPairs,
) -> None:
    scores = scores_of(0, 50, 2, normal_pairs)
    two_sided, at_least, at_most = (
        bootstrap_interval(BOUNDS["infonce"](), scores, tails, np.random.default_rng(0))
        for tails in (
            tails_of("neither", 0.9),
            tails_of("lower bound", 0.95),
            tails_of("upper bound", 0.95),
        )
    )
    assert at_least.low == pytest.approx(two_sided.low)
    assert at_most.high == pytest.approx(two_sided.high)
    assert (at_least.high, at_most.low) == (math.inf, -math.inf)


every_bound = pytest.mark.parametrize("name", BOUNDS)
CAPPED = [name for name, make in BOUNDS.items() if make().capped]
HEAVY_TAILED = [name for name, make in BOUNDS.items() if make().heavy_tailed]
capped_bounds = pytest.mark.parametrize("name", CAPPED)
other_bounds = pytest.mark.parametrize("name", [name for name in BOUNDS if name not in CAPPED])


def kinds(warnings: Sequence[EstimationWarning]) -> list[type[EstimationWarning]]:
    return [type(warning) for warning in warnings]


def fit_of(
    name: str, scores: Tensor, *, train_estimate: float | None = None, **course: Any
) -> NeuralFit:
    """Return what two refits would leave whose mean critic scores the test pairs like this."""
    bound = BOUNDS[name]()
    difference = torch.linspace(-9, 9, len(scores))[:, None]
    return NeuralFit(
        bound=bound,
        test_scores=torch.stack([scores + difference, scores - difference]),
        course=Course(
            **{
                "steps": [0, 100, 200],
                "train": torch.zeros(3, 2),
                "validation": torch.zeros(3, 2),
                "settled": True,
                **course,
            }
        ),
        validation_scores=scores[None, None],
        train_estimate=float(bound.estimate(scores)) if train_estimate is None else train_estimate,
    )


def flat(number: int, *, own: float = 0.5) -> Tensor:
    return torch.zeros(number, number).fill_diagonal_(own)


@every_bound
def test_a_clean_fit_raises_no_caution(name: str) -> None:
    assert warnings_of_fit(fit_of(name, flat(30))) == []


@capped_bounds
def test_the_cap_is_near(name: str) -> None:
    # InfoNCE of one score for all partners and 0 for all others, solved for the score.
    number = 30
    for below, near in ((0.31, False), (0.29, True)):
        own = math.log((number - 1) / (math.exp(below) - 1))
        fit = fit_of(name, flat(number, own=own))
        assert fit.value == pytest.approx(math.log(number) - below, abs=1e-5)
        cautions = warnings_of_fit(fit)
        assert kinds(cautions) == [CapWarning] * near
    assert str(cautions[0]).startswith(
        f"{BOUNDS[name]().label} of 30 test pairs cannot exceed log 30 = 3.40 nats, and the "
        "estimate is within 0.3"
    )


@other_bounds
def test_what_has_no_cap_is_near_none(name: str) -> None:
    assert CapWarning not in kinds(warnings_of_fit(fit_of(name, flat(30, own=9.0))))


@every_bound
def test_the_bound_was_still_rising(name: str) -> None:
    (caution,) = warnings_of_fit(fit_of(name, flat(30), settled=False))
    assert type(caution) is StillIncreasingWarning
    assert str(caution).startswith("the validation bound was still rising after 200 updates")


@pytest.mark.parametrize(
    ("own", "gap", "found"),
    # A tenth of a nat where there is little, and a quarter of the value where there is much.
    [(0.0, 0.09, False), (0.0, 0.11, True), (2.5, 0.40, False), (2.5, 0.60, True)],
)
def test_training_pairs_are_known_better_than_new_ones(own: float, gap: float, found: bool) -> None:
    clean = fit_of("infonce", flat(30, own=own))
    assert clean.value == pytest.approx(0.0 if own == 0 else 1.955, abs=0.3)
    fit = fit_of("infonce", flat(30, own=own), train_estimate=clean.value + gap)
    cautions = warnings_of_fit(fit)
    assert kinds(cautions) == [GapWarning] * found
    if found:
        assert f"{clean.value + gap:.2f} nats on training pairs" in str(cautions[0])
    # Whoever reads less on training pairs has learned nothing by heart.
    assert warnings_of_fit(fit_of("infonce", flat(30), train_estimate=-3.0)) == []


@pytest.mark.parametrize("name", HEAVY_TAILED)
@pytest.mark.parametrize(("high", "found"), [(0, False), (120, False), (80, True), (1, True)])
def test_the_mean_exponential_rests_on_few_negatives(name: str, high: int, found: bool) -> None:
    scores = flat(30, own=4.0)
    # So many of 870 negatives carry the mean, or all do.
    rows, columns = (~torch.eye(30, dtype=torch.bool)).nonzero()[:high].T
    scores[rows, columns] = 12.0
    cautions = warnings_of_fit(fit_of(name, scores))
    assert (HeavyTailWarning in kinds(cautions)) is found
    if found:
        said = str(cautions[-1])
        assert said.startswith(f"the mean exponential of 870 negatives rests on {high} of them")


@pytest.mark.parametrize("name", [name for name in BOUNDS if name not in HEAVY_TAILED])
def test_bounds_without_a_heavy_tail_rest_on_no_such_mean(name: str) -> None:
    scores = flat(30, own=4.0)
    scores[3, 5] = 12.0
    assert warnings_of_fit(fit_of(name, scores)) == []


def test_all_that_is_wrong_with_a_fit_is_said() -> None:
    scores = flat(30, own=9.0)
    scores[3, 5] = 9.0
    fit = fit_of("donsker-varadhan", scores, train_estimate=99.0, settled=False)
    assert kinds(warnings_of_fit(fit)) == [StillIncreasingWarning, GapWarning, HeavyTailWarning]
    capped = fit_of("infonce", flat(30, own=9.0), train_estimate=99.0, settled=False)
    assert kinds(warnings_of_fit(capped)) == [CapWarning, StillIncreasingWarning, GapWarning]


def normal_fit(information: float, pairs: int = 800) -> tuple[NeuralFit, EstimationTask]:
    """Return critics that know 4 + 4 normal columns exactly, and a task of as many pairs."""
    generator = np.random.default_rng(0)
    correlation = math.sqrt(1 - math.exp(-information / 2))
    x, noise = torch.from_numpy(generator.normal(size=(2, pairs, 4)))
    left = 1 - correlation**2
    y = correlation * x + math.sqrt(left) * noise
    squares = (y.unsqueeze(-3) - correlation * x.unsqueeze(-2)).square().sum(dim=-1)
    scores = (y.square().sum(dim=-1) - squares / left) / 2 - 2 * math.log(left)
    course = Course([0], torch.zeros(1, 2), torch.zeros(1, 2), settled=True)
    fit = NeuralFit(
        BOUNDS["infonce-symmetric"](),
        test_scores=scores.expand(2, pairs, pairs).clone(),
        course=course,
        validation_scores=scores.expand(2, 1, pairs, pairs),
        train_estimate=0.0,
    )
    samples = read_samples(x.numpy(), y.numpy())
    return fit, EstimationTask(samples, EstimationSettings(permutations=9))


def test_exact_critics_are_read_beyond_what_infonce_can() -> None:
    fit, task = normal_fit(6.0)
    assert fit.value < 5.5
    capped, read = (result_of_fit(fit, task, "why", beyond_cap=beyond) for beyond in (False, True))
    assert capped.method == "infonce-symmetric"
    assert capped.value == pytest.approx(fit.value)
    assert read.method == "donsker-varadhan"
    assert read.kind == "lower bound"
    assert read.value == pytest.approx(6.0, abs=0.3)
    assert capped.interval.low < read.interval.low < 6.0
    assert math.isinf(read.interval.high)
    assert (
        "cannot exceed log 800 = 6.68, so its critics are read by Donsker-Varadhan" in read.reason
    )
    assert read.p_value == capped.p_value


def test_a_normaliser_of_few_terms_is_not_read_and_little_information_needs_none() -> None:
    assert not reads_on(normal_fit(2.0)[0])
    fit, _ = normal_fit(6.0)
    assert reads_on(fit)
    # One negative that outweighs all others.
    fit.test_scores[:, 0, 1] = 18.0
    assert not reads_on(fit)


@pytest.mark.filterwarnings("ignore::infomax.warnings.EstimationWarning")
def test_more_levels_than_critics_can_learn_one_by_one_are_numbers() -> None:
    # Halves of digits: 61 columns of 17 shades, of which indicators told critics nothing.
    x, y = np.hsplit(load_digits().data, 2)
    result = estimate_mi(x, y, permutations=0)
    assert result.method == "infonce-symmetric"
    assert result.value > 2.5
    assert result.value == estimate_mi(x, y, discrete=[], permutations=0).value
