"""The registry: every bound is what it says it is, and none shares its state."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from infomax.bounds import (
    BOUNDS,
    DENSITY_BOUNDS,
    Bound,
    PlainBound,
    check_bound,
    find_bound,
    infonce,
    mean_of_pairs,
)
from infomax.errors import UserError

SIDES = {name: make().kind for name, make in BOUNDS.items()}
every_bound = pytest.mark.parametrize("name", BOUNDS)


def critics(log_ratio: Tensor) -> dict[str, Tensor]:
    """Return scores of the best critic and of others."""
    noise = torch.randn(log_ratio.shape, generator=torch.Generator().manual_seed(1))
    return {
        "best": log_ratio,
        "best of NWJ": log_ratio + 1,
        "too flat": 0.5 * log_ratio,
        "noisy": log_ratio + 0.5 * noise,
        "ignorant": noise,
    }


@every_bound
def test_has_the_name_it_is_registered_by(name: str) -> None:
    assert BOUNDS[name]().name == name


@pytest.mark.parametrize("number", [2, 5, 16])
@pytest.mark.parametrize("name", [name for name, kind in SIDES.items() if kind == "lower bound"])
def test_a_lower_bound_is_on_average_below_the_information_whatever_the_critic(
    name: str,
    number: int,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.7, number=number, batches=4_000)
    for critic, scores in critics(pairs.log_ratio).items():
        values = BOUNDS[name]().estimate(scores)
        limit = pairs.information + 4 * standard_error(values)
        assert values.mean().item() <= limit, critic


@pytest.mark.parametrize("name", [name for name, kind in SIDES.items() if kind == "neither"])
def test_neither_is_on_average_above_the_information_or_below_it(
    name: str,
    gaussian_pairs: Callable[..., Any],
    standard_error: Callable[[Tensor], float],
) -> None:
    pairs = gaussian_pairs(correlation=0.9, number=3, batches=4_000)
    found = [BOUNDS[name]().estimate(scores) for scores in critics(pairs.log_ratio).values()]
    assert any(each.mean().item() > pairs.information + 4 * standard_error(each) for each in found)
    below = BOUNDS[name]().estimate(torch.zeros_like(pairs.log_ratio))
    assert below.mean().item() == pytest.approx(0)


@every_bound
def test_knows_nothing_from_scores_that_are_all_the_same(name: str) -> None:
    bound = BOUNDS[name]()
    scores = torch.full((6, 6), bound.optimal_shift, dtype=torch.float64)
    assert bound.estimate(scores).item() == pytest.approx(0, abs=1e-12)


@every_bound
def test_grows_with_the_scores_of_the_pairs_however_it_is_trained(name: str) -> None:
    bound = BOUNDS[name]()
    scores = torch.zeros(2, 4, 4, requires_grad=True)
    bound.objective(scores).sum().backward()
    assert scores.grad is not None
    joint = scores.grad.diagonal(dim1=-2, dim2=-1)
    assert (joint > 0).all()
    assert (scores.grad.sum(dim=-1) < joint).all()


@every_bound
def test_leading_sizes_are_a_batch(name: str, drawn: Callable[..., Tensor]) -> None:
    scores = drawn(0, 3, 2, 5, 5)
    bound = BOUNDS[name]()
    for together, alone in (
        (bound.estimate(scores), BOUNDS[name]().estimate),
        (bound.objective(scores), lambda each: BOUNDS[name]().objective(each)),
    ):
        assert together.shape == (3, 2)
        for i in range(3):
            for j in range(2):
                assert together[i, j].item() == pytest.approx(alone(scores[i, j]).item())


@every_bound
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_is_stable_for_huge_scores(name: str, dtype: torch.dtype, size: float) -> None:
    scores = torch.full((8, 8), size, dtype=dtype).fill_diagonal_(-size).requires_grad_()
    bound = BOUNDS[name]()
    trained, read = bound.objective(scores), bound.estimate(scores)
    # What goes down by an exponential of a score of 600, as NWJ does, is out of range at 1e4.
    high = torch.full((8, 8), 600.0, dtype=torch.float64).fill_diagonal_(-600.0)
    overflows = size > 0 and BOUNDS[name]().estimate(high).item() < -1e200
    assert read.item() == -math.inf if overflows else read.isfinite()
    if bound.objective_is_estimate and overflows:
        assert trained.item() == -math.inf
        return
    trained.backward()
    assert trained.isfinite()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


@every_bound
@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_refuses_scores_that_are_not_square(name: str, shape: tuple[int, ...]) -> None:
    for function in (BOUNDS[name]().objective, BOUNDS[name]().estimate):
        with pytest.raises(UserError, match=r"^scores have shape .* expected \(\.\.\., N, N\)"):
            function(torch.zeros(shape))


@pytest.mark.parametrize("name", [name for name in BOUNDS if not BOUNDS[name]().capped])
def test_refuses_a_batch_without_negatives(name: str) -> None:
    for function in (BOUNDS[name]().objective, BOUNDS[name]().estimate):
        with pytest.raises(UserError, match="at least 2"):
            function(torch.zeros(1, 1))


def test_what_remembers_is_made_anew(drawn: Callable[..., Tensor]) -> None:
    first, second = BOUNDS["mine"](), BOUNDS["mine"]()
    assert isinstance(first, nn.Module)
    assert isinstance(second, nn.Module)
    first.objective(drawn(0, 4, 4))
    assert first.state_dict()["log_average"].shape == ()
    assert second.state_dict()["log_average"].shape == (0,)


def test_a_plain_bound_trains_the_function_that_it_reads() -> None:
    bound = BOUNDS["infonce"]()
    assert isinstance(bound, PlainBound)
    assert bound.function is infonce
    assert bound.objective_is_estimate
    assert not BOUNDS["smile"]().objective_is_estimate


@every_bound
@pytest.mark.parametrize("largest", [0.01, 1.0, 10.0])
def test_no_scores_within_reach_are_above_the_ceiling_and_the_best_reach_it(
    name: str, largest: float
) -> None:
    bound, generator = BOUNDS[name](), torch.Generator().manual_seed(0)
    highest = bound.ceiling(12, largest_score=largest)
    for _ in range(50):
        scores = largest * (2 * torch.rand(12, 12, generator=generator) - 1)
        assert float(bound.estimate(scores.fill_diagonal_(largest))) <= highest
    best = torch.full((12, 12), -largest).fill_diagonal_(largest)
    assert float(bound.estimate(best)) == pytest.approx(highest, abs=1e-4)


@every_bound
def test_without_a_largest_score_only_what_no_scores_lift_has_a_ceiling(name: str) -> None:
    bound, best = BOUNDS[name](), torch.full((8, 8), -50.0).fill_diagonal_(50.0)
    lifted = float(bound.estimate(best)) > math.log(8) + 1e-4
    assert bound.ceiling(8) == (math.inf if lifted else math.log(8))


def test_the_ceiling_of_infonce_is_the_log_of_the_batch_size_and_nwj_has_none() -> None:
    assert BOUNDS["infonce"]().ceiling(8) == math.log(8)
    assert BOUNDS["nwj"]().ceiling(8) == math.inf


@pytest.mark.parametrize(
    ("name", "computed_from", "capped", "heavy_tailed"),
    [
        ("infonce", "tiles", True, False),
        ("infonce-columns", "tiles", True, False),
        ("infonce-symmetric", "tiles", True, False),
        ("infonce-anchor", "whole", False, False),
        ("nwj", "tiles", False, True),
        ("donsker-varadhan", "tiles", False, True),
        ("mine", "tiles", False, True),
        ("jensen-shannon", "rows", False, True),
        ("smile", "rows", False, False),
        ("barber-agakov", "rows", False, False),
        ("difference-of-entropies", "rows", False, False),
        ("club", "rows", False, False),
        ("leave-one-out", "rows", False, False),
    ],
)
def test_what_tests_of_other_rooms_go_by_is_as_the_sources_say(
    name: str, computed_from: str, capped: bool, heavy_tailed: bool
) -> None:
    # Those tests ask the attributes, and would pass over a bound that has lost one.
    bound = {**BOUNDS, **DENSITY_BOUNDS}[name]()
    told = (bound.computed_from, bound.capped, bound.heavy_tailed)
    assert told == (computed_from, capped, heavy_tailed)


def test_the_ceiling_is_of_double_precision() -> None:
    # Of a mean over negatives that are all alike, whatever their number: 2 s.
    assert BOUNDS["mine"]().ceiling(12, largest_score=0.01) == pytest.approx(0.02, rel=1e-12)


@pytest.mark.parametrize("name", DENSITY_BOUNDS)
def test_a_bound_of_a_density_is_trained_by_the_likelihood_of_the_pairs(
    name: str, drawn: Callable[..., Tensor]
) -> None:
    scores = drawn(0, 3, 4, 4)
    bound = DENSITY_BOUNDS[name]()
    expected = [sum(float(each[i, i]) for i in range(4)) / 4 for each in scores]
    assert bound.objective(scores).tolist() == pytest.approx(expected)
    assert bound.name == name
    assert bound.summary().startswith("By ")
    assert bound.exact_entropy == (name == "barber-agakov")


class Separation(Bound):
    name, kind = "separation", "neither"

    def estimate(self, scores: Tensor, /) -> Tensor:
        """Pairs less ``all``.

        More of it.
        """
        return scores.diagonal(dim1=-2, dim2=-1).mean(-1) - scores.mean((-2, -1))


def test_a_bound_of_ones_own_has_a_default_for_all_but_name_kind_and_estimate(
    drawn: Callable[..., Tensor],
) -> None:
    bound, scores = find_bound("separation", {"separation": Separation}), drawn(0, 4, 4)
    assert torch.equal(bound.objective(scores), bound.estimate(scores))
    assert bound.objective_is_estimate
    assert bound.summary() == "Pairs less all."
    assert (bound.computed_from, bound.ceiling(8)) == ("whole", math.inf)
    assert (bound.heavy_tailed, bound.optimal_shift, bound.equal_loss) == (False, 0.0, "")


def test_a_plain_bound_is_summed_up_by_its_function() -> None:
    assert BOUNDS["nwj"]().summary() == (
        "NWJ lower bound, in nats, with all pairs off the diagonal as negatives."
    )


class WithoutEstimate(Bound):
    name, kind = "without", "neither"


class WithoutKind(Bound):
    name = "without"

    def estimate(self, scores: Tensor, /) -> Tensor:
        return infonce(scores)


class Alike(nn.Module):
    name, kind = "alike", "neither"
    estimate = staticmethod(infonce)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (WithoutEstimate, r"^the bound ours \(WithoutEstimate\) lacks estimate: derive it from "),
        (WithoutKind, r"^the bound ours \(WithoutKind\) lacks kind: derive it from "),
        (object, r"^the bound ours \(object\) lacks name, kind and estimate: derive it from "),
        (
            Alike,
            r"^the bound ours \(Alike\) lacks all that has a default: derive it from "
            "infomax.bounds.Bound, which has a default for all but name, kind and estimate$",
        ),
    ],
)
def test_what_is_no_bound_is_refused_with_what_it_lacks(made: type[Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_bound("ours", {"ours": made})


@pytest.mark.parametrize(("given", "called"), [(Alike(), "alike"), (3, "3")])
def test_what_has_no_name_is_called_by_what_it_is(given: Any, called: str) -> None:
    with pytest.raises(UserError, match=rf"^the bound {called} \({type(given).__name__}\) lacks "):
        check_bound(given)


def test_the_mean_of_pairs_needs_a_single_one() -> None:
    assert mean_of_pairs(torch.tensor([[1.5]])).item() == 1.5


def test_an_unknown_bound_is_refused_with_the_choices() -> None:
    with pytest.raises(UserError, match=r"^unknown bound 'infonc': did you mean 'infonce'"):
        find_bound("infonc")
    with pytest.raises(UserError, match=r"^unknown bound 'infonce': choose one of ours$"):
        find_bound("infonce", {"ours": Separation})
