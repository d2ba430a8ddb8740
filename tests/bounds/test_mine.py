"""MINE: its gradient against one written by hand, and a state that survives."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from infomax.bounds import Mine, donsker_varadhan
from infomax.errors import UserError

Drawn = Callable[..., Tensor]


def gradient(mine: Mine, scores: Tensor) -> Tensor:
    leaf = scores.clone().requires_grad_()
    (found,) = torch.autograd.grad(mine.objective(leaf).sum(), leaf)
    return found


def by_hand(batches: list[Tensor], rate: float) -> list[Tensor]:
    """Return the gradient of each batch, with loops and without logs."""
    number = len(batches[0])
    pairs = number * (number - 1)
    average, found = math.nan, []
    for place, scores in enumerate(batches):
        negatives = {
            (i, j): math.exp(scores[i, j]) for i in range(number) for j in range(number) if i != j
        }
        mean = sum(negatives.values()) / pairs
        average = (1 - rate) * average + rate * mean if place else mean
        of_batch = torch.eye(number, dtype=torch.float64) / number
        for (i, j), exponential in negatives.items():
            of_batch[i, j] = -exponential / (pairs * average)
        found.append(of_batch)
    return found


@given(
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(2, 6),
    scale=st.floats(0, 3),
    rate=st.floats(1e-3, 0.999),
)
def test_has_the_gradient_written_by_hand(
    drawn: Drawn, seed: int, number: int, scale: float, rate: float
) -> None:
    mine = Mine(rate)
    batches = list(drawn(seed, 4, number, number, scale=scale))
    for scores, expected in zip(batches, by_hand(batches, rate), strict=True):
        torch.testing.assert_close(gradient(mine, scores), expected, rtol=1e-9, atol=1e-12)


def test_the_first_gradient_is_that_of_donsker_and_varadhan_and_later_ones_are_not(
    drawn: Drawn,
) -> None:
    mine = Mine()
    for place, scores in enumerate(drawn(0, 2, 5, 5)):
        leaf = scores.clone().requires_grad_()
        (uncorrected,) = torch.autograd.grad(donsker_varadhan(leaf), leaf)
        assert torch.allclose(gradient(mine, scores), uncorrected) == (place == 0)


def test_the_value_that_is_trained_is_the_value_that_is_read(drawn: Drawn) -> None:
    mine = Mine()
    for scores in drawn(0, 5, 2, 6, 6, scale=3):
        assert torch.equal(mine.objective(scores), mine.estimate(scores))
        assert torch.equal(mine.estimate(scores), donsker_varadhan(scores))


def test_each_leading_index_has_an_average_of_its_own(drawn: Drawn) -> None:
    batches = drawn(0, 4, 3, 5, 5)
    together, alone = Mine(), [Mine() for _ in range(3)]
    for scores in batches:
        gradients = gradient(together, scores)
        for place, mine in enumerate(alone):
            torch.testing.assert_close(gradients[place], gradient(mine, scores[place]))
    assert together.log_average.shape == (3,)
    assert together.log_average.tolist() == pytest.approx([m.log_average.item() for m in alone])


def test_reading_does_not_move_the_average(drawn: Drawn) -> None:
    mine = Mine()
    mine.objective(drawn(0, 4, 4))
    before = mine.log_average.clone()
    mine.estimate(drawn(1, 7, 4, 4))
    assert torch.equal(mine.log_average, before)


@pytest.mark.parametrize("leading", [(), (1,), (3,), (2, 3)])
def test_goes_on_from_its_state_dict_to_the_same_bits(
    drawn: Drawn, leading: tuple[int, ...]
) -> None:
    mine, restored, forgetful = Mine(), Mine(), Mine()
    for scores in drawn(0, 3, *leading, 5, 5):
        mine.objective(scores)
    # As part of a whole, as it would be in a checkpoint.
    state = nn.ModuleDict({"bound": mine}).state_dict()
    nn.ModuleDict({"bound": restored}).load_state_dict(state)
    assert restored.log_average.shape == leading
    later = drawn(1, *leading, 5, 5)
    expected = gradient(mine, later)
    assert torch.equal(gradient(restored, later), expected)
    assert torch.equal(restored.log_average, mine.log_average)
    assert not torch.equal(gradient(forgetful, later), expected)


def test_a_state_from_before_the_first_batch_is_none(drawn: Drawn) -> None:
    used, scores = Mine(), drawn(0, 4, 4)
    used.objective(drawn(1, 2, 4, 4))
    used.load_state_dict(Mine().state_dict())
    assert torch.equal(gradient(used, scores), gradient(Mine(), scores))


def test_a_restored_state_is_a_copy(drawn: Drawn) -> None:
    mine, restored = Mine(), Mine()
    mine.objective(drawn(0, 4, 4))
    state = mine.state_dict()
    restored.load_state_dict(state)
    restored.objective(drawn(1, 4, 4))
    assert torch.equal(state["log_average"], mine.log_average)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_never_overflows_when_scores_leap(dtype: torch.dtype) -> None:
    mine = Mine()
    for size in (0.0, 1e4, -1e4, 3e4):
        found = gradient(mine, torch.full((4, 4), size, dtype=dtype))
        assert found.isfinite().all()
        # The average holds a hundredth of the batch, so its gradient is at most a hundredfold.
        assert found.min().item() >= -1.01 / (12 * 0.01)
        assert mine.log_average.isfinite()


def test_refuses_scores_of_other_leading_sizes(drawn: Drawn) -> None:
    mine = Mine()
    mine.objective(drawn(0, 3, 4, 4))
    with pytest.raises(UserError, match=r"leading sizes \(2,\) .* averaged over \(3,\)"):
        mine.objective(drawn(0, 2, 4, 4))
    with pytest.raises(UserError, match=r"leading sizes \(\)"):
        mine.objective(drawn(0, 4, 4))


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, math.nan])
def test_refuses_a_rate_that_averages_nothing(rate: float) -> None:
    with pytest.raises(UserError, match=f"rate of MINE's moving average is {rate}"):
        Mine(rate)
