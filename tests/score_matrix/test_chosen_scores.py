"""Sums over chosen and over corrected negatives, beside loops over single scores."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from infomax.bounds import BOUNDS
from infomax.errors import UserError
from infomax.score_matrix import ChosenScores, DebiasedScores, DenseScores

NUMBER, BESIDE = 5, 3
DRAW = torch.Generator().manual_seed(0)
SCORES = torch.randn(2, NUMBER, NUMBER + BESIDE, generator=DRAW, dtype=torch.float64)
CHOSEN = torch.rand(2, NUMBER, NUMBER + BESIDE, generator=DRAW) < 0.5
# The first anchor of the first matrix has no negative, the second two.
CHOSEN[0, 0] = False
CHOSEN[0, 1] = torch.tensor([1, 0, 0, 1, 0, 0, 0, 0], dtype=torch.bool)


def looped(scores: Tensor, chosen: Tensor) -> dict[str, float]:
    """Return each sum as a loop over single scores has it."""
    anchors = range(NUMBER)
    of_anchors = [
        [float(scores[i, j]) for j in range(scores.shape[1]) if chosen[i, j] and i != j]
        for i in anchors
    ]
    negatives = [each for of_anchor in of_anchors for each in of_anchor]
    joint = [float(scores[i, i]) for i in anchors]
    sums = [
        math.log(math.exp(own) + sum(map(math.exp, of_anchor)))
        for own, of_anchor in zip(joint, of_anchors, strict=True)
    ]
    return {
        "joint_mean": sum(each**2 for each in joint) / NUMBER,
        "negatives_mean": sum(each**2 for each in negatives) / len(negatives),
        "log_partition": math.log(sum(map(math.exp, negatives)) / len(negatives)),
        "anchors_contrast": (sum(joint) - sum(sums)) / NUMBER,
        "log_candidates": sum(math.log(1 + len(each)) for each in of_anchors) / NUMBER,
        "mean": sum(map(len, of_anchors)) / NUMBER,
        "without": sum(not each for each in of_anchors) / NUMBER,
    }


def sums_of(matrix: ChosenScores) -> dict[str, Tensor]:
    return {
        "joint_mean": matrix.joint_mean(torch.square),
        "negatives_mean": matrix.negatives_mean(torch.square),
        "log_partition": matrix.log_partition(),
        "anchors_contrast": matrix.anchors_contrast(),
        "log_candidates": matrix.log_candidates,
        **matrix.count()._asdict(),
    }


def test_every_sum_over_chosen_negatives_is_what_a_loop_gives() -> None:
    got = sums_of(ChosenScores(SCORES, CHOSEN, NUMBER))
    for index in range(2):
        for name, expected in looped(SCORES[index], CHOSEN[index]).items():
            assert float(got[name][index]) == pytest.approx(expected, rel=1e-12), name


def test_sums_by_candidate_are_those_by_anchor_of_the_matrix_turned() -> None:
    square, chosen = SCORES[..., :NUMBER], CHOSEN[..., :NUMBER]
    given, turned = (
        ChosenScores(*each, NUMBER) for each in ((square, chosen), (square.mT, chosen.mT))
    )
    torch.testing.assert_close(given.candidates_contrast(), turned.anchors_contrast())
    torch.testing.assert_close(given.log_anchors, turned.log_candidates)
    with pytest.raises(UserError, match="for each anchor by itself"):
        ChosenScores(SCORES, CHOSEN, NUMBER).candidates_contrast()


@pytest.mark.parametrize("name", [n for n in BOUNDS if BOUNDS[n]().computed_from != "whole"])
def test_bounds_of_all_other_pairs_chosen_are_those_of_the_matrix(name: str) -> None:
    square = SCORES[..., :NUMBER]
    every = ChosenScores(square, torch.ones_like(square, dtype=torch.bool), NUMBER)
    assert not every.count().without.any()
    torch.testing.assert_close(BOUNDS[name]().objective(every), BOUNDS[name]().objective(square))


def test_infonce_of_chosen_negatives_ends_at_the_log_of_how_many_candidates_anchors_have() -> None:
    apart = 100 * torch.eye(4)
    chosen = torch.tensor([[0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 1, 1, 0]]).bool()
    read = BOUNDS["infonce"]().estimate(ChosenScores(apart, chosen, 4))
    assert float(read) == pytest.approx((math.log(2) + math.log(3) + 0 + math.log(4)) / 4)


def test_a_batch_without_any_negative_is_refused_where_all_are_one_mean() -> None:
    none = ChosenScores(torch.eye(3), torch.zeros(3, 3, dtype=torch.bool), 3)
    assert float(BOUNDS["infonce"]().estimate(none)) == 0
    assert float(none.count().without) == 1
    with pytest.raises(UserError, match="no anchor of a batch has a negative"):
        BOUNDS["nwj"]().estimate(none)


def chuang(scores: Tensor, tau_plus: float, lowest: float) -> list[float]:
    """Return what stands in the place of the mean of each anchor, by equations 7 and 8."""
    count = len(scores)
    means = [
        sum(math.exp(scores[i, j]) for j in range(count) if j != i) / (count - 1)
        for i in range(count)
    ]
    return [
        max((mean - tau_plus * math.exp(scores[i, i])) / (1 - tau_plus), math.exp(lowest))
        for i, mean in enumerate(means)
    ]


@pytest.mark.parametrize("tau_plus", [0.0, 0.1, 0.7])
def test_debiased_sums_are_those_of_its_paper(tau_plus: float) -> None:
    scores = SCORES[0, :, :NUMBER]
    matrix = DebiasedScores(scores, tau_plus=tau_plus, lowest_score=torch.tensor(-0.5))
    corrected = chuang(scores, tau_plus, -0.5)
    # At 0.7 some anchors are held at the lowest score, and some are not.
    assert (tau_plus == 0.7) == any(each == math.exp(-0.5) for each in corrected)
    log_mean = math.log(sum(corrected) / NUMBER)
    assert float(matrix.log_partition()) == pytest.approx(log_mean, rel=1e-12)
    terms = [
        float(scores[i, i]) - math.log(math.exp(scores[i, i]) + (NUMBER - 1) * each)
        for i, each in enumerate(corrected)
    ]
    assert float(matrix.anchors_contrast()) == pytest.approx(sum(terms) / NUMBER, rel=1e-12)


def test_debiased_scores_of_any_size_stay_finite_with_their_gradients() -> None:
    scores = torch.tensor([[200.0, -200.0], [200.0, -200.0]]).requires_grad_()
    value = DebiasedScores(scores, tau_plus=0.1, lowest_score=torch.tensor(-200.0))
    (value.anchors_contrast() + value.log_partition()).backward()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


@pytest.mark.parametrize(
    "matrix",
    [
        lambda scores: ChosenScores(scores, CHOSEN[0], NUMBER),
        lambda scores: DebiasedScores(
            scores[:, :NUMBER], tau_plus=0.1, lowest_score=torch.tensor(-5.0)
        ),
    ],
)
def test_gradients_are_those_of_differences(matrix: Callable[[Tensor], ChosenScores]) -> None:
    scores = SCORES[0].clone().requires_grad_()
    for read in ("anchors_contrast", "log_partition"):
        assert torch.autograd.gradcheck(
            lambda each, read=read: getattr(matrix(each), read)(), scores
        )


def test_dense_scores_have_as_many_candidates_as_pairs() -> None:
    dense = DenseScores(torch.zeros(4, 4))
    assert dense.log_candidates == dense.log_anchors == math.log(4)
