"""Claims on bijective encoders, in each direction."""

import math
from collections.abc import Callable
from typing import Any

import pytest


def bijective(
    made_up: Any, curves: Callable[[int], dict[tuple[str, str], list[float]]]
) -> dict[str, Any]:
    for seed in made_up.seeds:
        for bound in ("infonce", "nwj"):
            made_up.run(
                "bijective",
                curves(seed),
                seed=seed,
                encoder="realnvp-additive",
                bound=bound,
            )
    claims: dict[str, Any] = made_up.judged()
    return claims


@pytest.mark.parametrize("bound", ["infonce", "nwj"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_the_estimate(made_up: Any, direction: Any, split: str, bound: str) -> None:
    end = 1.0 + 0.4 * direction.sign
    claims = bijective(
        made_up, lambda seed: {(split, "bound"): [1.0, 9.0, end + made_up.jitter(seed)]}
    )
    claim = claims[f"{split}-bound-rises-with-bijective-encoder:mnist:{bound}"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.4 * direction.sign)
    assert claim.figure == "fig1ab"
    assert claim.sentence.startswith("Not in the paper") == (split == "test")


@pytest.mark.parametrize(("untrained", "raw"), [(0.85, 0.80), (0.80, 0.85)])
def test_accuracy_is_held_against_the_better_of_untrained_and_raw(
    made_up: Any, probed: Any, direction: Any, untrained: float, raw: float
) -> None:
    made_up.raw_pixels("bijective", raw)
    end = 0.85 + 0.02 * direction.sign
    claims = bijective(made_up, lambda seed: probed([untrained, 0.1, end + made_up.jitter(seed)]))
    claim = claims["accuracy-rises-with-bijective-encoder:mnist:nwj"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.02 * direction.sign)
    assert claim.seeds == 3, "raw pixels of one seed are compared with every seed"


def test_the_notebooks_probe_is_held_against_its_own_raw_pixels(made_up: Any, probed: Any) -> None:
    made_up.raw_pixels("bijective", 0.85, notebook=0.84)
    claims = bijective(
        made_up,
        lambda seed: probed(
            [0.85, 0.83, 0.845 + made_up.jitter(seed)],
            notebook=[0.83, 0.84, 0.86 + made_up.jitter(seed)],
        ),
    )
    claim = claims["accuracy-rises-with-bijective-encoder:mnist:infonce"]
    assert claim.verdict == "contradicted"
    assert claim.note.endswith("The notebook's probe disagrees: supported, effect +0.0200")


def test_without_raw_pixels_accuracy_decides_nothing(made_up: Any, probed: Any) -> None:
    claims = bijective(made_up, lambda seed: probed([0.8, 0.9, 0.9 + made_up.jitter(seed)]))
    claim = claims["accuracy-rises-with-bijective-encoder:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.effect is None
    assert "raw pixels were not measured" in claim.note


def test_the_largest_reconstruction_error_counts(made_up: Any, direction: Any) -> None:
    largest = 1e-4 - 5e-5 * direction.sign
    claims = bijective(
        made_up,
        lambda seed: {
            ("test", "reconstruction_error"): [1e-7, largest + made_up.jitter(seed, 1e-6), 1e-6],
            ("test", "reconstruction_error_float64"): [1e-15] * 3,
        },
    )
    claim = claims["bijective-encoder-stays-invertible:mnist:infonce"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(5e-5 * direction.sign, abs=1e-12)


def test_a_reconstruction_that_is_no_number_is_told(made_up: Any) -> None:
    claims = bijective(
        made_up, lambda _: {("test", "reconstruction_error"): [1e-7, math.nan, 1e-7]}
    )
    claim = claims["bijective-encoder-stays-invertible:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert "not finite" in claim.note


def test_the_training_bound_beside_the_held_out_one(made_up: Any, direction: Any) -> None:
    claims = bijective(
        made_up,
        lambda seed: {
            ("train", "bound"): [0.0, 0.0, 3.0 + made_up.jitter(seed)],
            ("test", "bound"): [0.0, 0.0, 3.0 - 0.2 * direction.sign],
        },
    )
    claim = claims["training-bound-above-held-out-with-bijective-encoder:mnist:infonce"]
    assert claim.verdict == direction.verdict
    assert claim.sentence.endswith("lie above the bound on held-out pairs.")
    assert claim.note == "Effect: training minus held-out bound, nats"
