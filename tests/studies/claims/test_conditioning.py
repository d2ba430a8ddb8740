"""Claims on an encoder that starts near the identity, in each direction."""

import math
from collections.abc import Callable
from typing import Any

import pytest


def conditioning(
    made_up: Any, curves: Callable[[int], dict[tuple[str, str], list[float]]]
) -> dict[str, Any]:
    for seed in made_up.seeds:
        made_up.run("conditioning", curves(seed), seed=seed, encoder="residual-mlp")
    claims: dict[str, Any] = made_up.judged()
    return claims


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_estimate(made_up: Any, direction: Any, split: str) -> None:
    end = 1.0 + 0.4 * direction.sign
    claims = conditioning(
        made_up, lambda seed: {(split, "bound"): [1.0, 9.0, end + made_up.jitter(seed)]}
    )
    claim = claims[f"{split}-bound-rises-with-residual-encoder:mnist:infonce"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.4 * direction.sign)
    assert claim.figure == "fig2"


def test_accuracy(made_up: Any, probed: Any, direction: Any) -> None:
    made_up.raw_pixels("conditioning", 0.84)
    end = 0.85 + 0.02 * direction.sign
    claims = conditioning(made_up, lambda seed: probed([0.85, 0.9, end + made_up.jitter(seed)]))
    claim = claims["accuracy-rises-with-residual-encoder:mnist:infonce"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.02 * direction.sign)


def test_the_condition_number(made_up: Any, direction: Any) -> None:
    end = 0.1 + 2.0 * direction.sign
    claims = conditioning(
        made_up,
        lambda seed: {
            ("train", "log_condition_number_p50"): [0.1, 1.0, end + made_up.jitter(seed)],
            ("train", "log_condition_number_max"): [0.2, 9.0, 9.0],
        },
    )
    claim = claims["condition-number-grows:mnist:infonce"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(2.0 * direction.sign)


def test_a_singular_jacobian_is_told(made_up: Any) -> None:
    claims = conditioning(
        made_up, lambda _: {("train", "log_condition_number_p50"): [0.1, 1.0, math.inf]}
    )
    claim = claims["condition-number-grows:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert "not finite" in claim.note


def test_the_training_bound_beside_the_held_out_one(made_up: Any, direction: Any) -> None:
    claims = conditioning(
        made_up,
        lambda seed: {
            ("train", "bound"): [0.0, 0.0, 3.0 + made_up.jitter(seed)],
            ("test", "bound"): [0.0, 0.0, 3.0 - 0.2 * direction.sign],
        },
    )
    claim = claims["training-bound-above-held-out-with-residual-encoder:mnist:infonce"]
    assert claim.verdict == direction.verdict
