"""Every caution is raised by a fit made for it, and none by a fit that is as it should be."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.estimation.neural.diagnostics import warnings_of_fit
from infomax.estimation.neural.fit import Course, NeuralFit
from infomax.warnings import (
    CapWarning,
    EstimationWarning,
    GapWarning,
    HeavyTailWarning,
    StillIncreasingWarning,
)

every_bound = pytest.mark.parametrize("name", BOUNDS)
infonce_bounds = pytest.mark.parametrize(
    "name", [name for name in BOUNDS if name.startswith("infonce")]
)
other_bounds = pytest.mark.parametrize(
    "name", [name for name in BOUNDS if not name.startswith("infonce")]
)


def kinds(cautions: Sequence[EstimationWarning]) -> list[type[EstimationWarning]]:
    return [type(caution) for caution in cautions]


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
        untrained_validation_scores=scores[None, None],
        train_estimate=float(bound.estimate(scores)) if train_estimate is None else train_estimate,
    )


def flat(number: int, *, own: float = 0.5) -> Tensor:
    return torch.zeros(number, number).fill_diagonal_(own)


@every_bound
def test_a_clean_fit_raises_no_caution(name: str) -> None:
    assert warnings_of_fit(fit_of(name, flat(30))) == []


@infonce_bounds
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


@pytest.mark.parametrize("name", ["nwj", "donsker-varadhan", "mine", "jensen-shannon"])
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


@pytest.mark.parametrize("name", [*(n for n in BOUNDS if n.startswith("infonce")), "smile"])
def test_infonce_and_smile_rest_on_no_such_mean(name: str) -> None:
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
