"""The cosine critic against a loop, and codes that break normalisations."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from infomax.bounds import infonce
from infomax.critics import CosineCritic, unit_length
from infomax.errors import UserError


def codes(seed: int, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


def critic(size: int, temperature: float = 0.1) -> CosineCritic:
    return CosineCritic(size, size, torch.Generator(), temperature=temperature)


def test_a_temperature_that_is_learned_begins_as_one_that_is_not() -> None:
    learned = CosineCritic(3, 3, torch.Generator(), temperature=0.2, learn_temperature=True)
    assert repr(learned) == "CosineCritic(temperature=0.2, learned)"
    x, y = codes(0, 4, 3, dtype=torch.float32), codes(1, 4, 3, dtype=torch.float32)
    torch.testing.assert_close(learned(x, y), critic(3, 0.2)(x, y))


def test_a_temperature_that_is_learned_begins_at_no_less_than_it_may_have() -> None:
    with pytest.raises(UserError, match=r"^temperature is 0\.001, and one that is learned does"):
        CosineCritic(3, 3, torch.Generator(), temperature=0.001, learn_temperature=True)


def naive_scores(x: Tensor, y: Tensor, temperature: float) -> Tensor:
    rows = []
    for one in x.double().tolist():
        row = []
        for other in y.double().tolist():
            product = math.fsum(a * b for a, b in zip(one, other, strict=True))
            row.append(product / (math.hypot(*one) * math.hypot(*other) * temperature))
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


@pytest.mark.parametrize("temperature", [0.07, 0.1, 2.0])
def test_equals_a_loop_over_pairs(temperature: float) -> None:
    x, y = codes(0, 6, 5), codes(1, 7, 5)
    torch.testing.assert_close(critic(5, temperature)(x, y), naive_scores(x, y, temperature))


@given(st.integers(0, 100), st.floats(-9, 15), st.floats(-9, 15))
def test_the_lengths_of_codes_do_not_matter(seed: int, x_size: float, y_size: float) -> None:
    x, y = codes(seed, 4, 3), codes(seed + 1, 4, 3)
    scaled = critic(3)(10.0**x_size * x, 10.0**y_size * y)
    torch.testing.assert_close(scaled, critic(3)(x, y))
    assert scaled.abs().max() <= 10 * (1 + 1e-12)


def test_infonce_cannot_exceed_twice_the_inverse_temperature() -> None:
    x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    # Two opposite pairs: log 2 - log(1 + exp(-2 / temperature)).
    value = infonce(critic(2, temperature=1.0)(x, x)).item()
    assert value == pytest.approx(math.log(2) - math.log1p(math.exp(-2)))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_codes_of_zeros_score_zero_and_break_no_gradient(dtype: torch.dtype) -> None:
    x, y = codes(0, 4, 3, dtype=dtype), codes(1, 4, 3, dtype=dtype)
    x[1], y[2] = 0, 0
    x.requires_grad_()
    scores = critic(3)(x, y)
    assert (scores[1] == 0).all()
    assert (scores[:, 2] == 0).all()
    infonce(scores).backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert (x.grad[1] == 0).all()
    assert (x.grad[0] != 0).any()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("size", [1e-4, 1.0, 3e4])
def test_half_precision_scores_what_its_codes_have_in_full(dtype: torch.dtype, size: float) -> None:
    x, y = (size * codes(seed, 5, 4).clamp(-2, 2) for seed in (0, 1))
    x, y = x.to(dtype), y.to(dtype)
    scores = critic(4)(x, y)
    assert scores.dtype == torch.float32
    torch.testing.assert_close(scores.double(), naive_scores(x, y, 0.1), rtol=1e-5, atol=1e-5)


def test_under_autocast_scores_are_right_to_what_bfloat16_holds() -> None:
    x, y = codes(0, 6, 5, dtype=torch.float32), codes(1, 6, 5, dtype=torch.float32)
    x[0] = 0
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = critic(5)(x, y)
    expected = critic(5)(x, y)
    assert (scores[0] == 0).all()
    torch.testing.assert_close(scores.float(), expected, rtol=0, atol=10 * 2**-7)


def test_gradients_agree_with_finite_differences() -> None:
    x, y = codes(0, 2, 4, 3).requires_grad_(), codes(1, 2, 4, 3).requires_grad_()
    assert torch.autograd.gradcheck(critic(3), (x, y))


def test_it_has_no_parameters() -> None:
    assert not list(critic(3).parameters())


def test_unit_length_leaves_shortest_codes_as_zeros() -> None:
    lengths = unit_length(torch.tensor([[3e-12, 4e-12], [3e-13, 4e-13]])).norm(dim=1)
    torch.testing.assert_close(lengths, torch.tensor([1.0, 0.0]))


def test_codes_of_two_sizes_are_refused() -> None:
    with pytest.raises(UserError, match="cosine critic needs codes of one size, not 4 and 3"):
        CosineCritic(4, 3, torch.Generator())


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_that_is_not_above_zero_is_refused(temperature: float) -> None:
    with pytest.raises(UserError, match=f"temperature is {temperature}: give a number above 0"):
        critic(3, temperature)


def test_scores_are_as_large_as_it_says_and_no_larger() -> None:
    x = codes(0, 6, 5)
    for temperature in (0.1, 4.0):
        made = critic(5, temperature)
        assert float(made(x, x).max()) == pytest.approx(made.largest_score)
        assert made.largest_score == pytest.approx(1 / temperature)
    assert CosineCritic(5, 5, torch.Generator()).temperature == 0.1
