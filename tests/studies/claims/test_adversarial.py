"""Claims on the adversarial encoder, in each direction."""

from collections.abc import Callable
from typing import Any

import pytest

BELOW_RAW = "adversarial-accuracy-below-raw-pixels:mnist"
FALLS = "adversarial-accuracy-falls:mnist"


def adversarial(
    made_up: Any, curves: Callable[[int], dict[tuple[str, str], list[float]]]
) -> dict[str, Any]:
    for seed in made_up.seeds:
        made_up.run(
            "adversarial",
            curves(seed),
            seed=seed,
            encoder="realnvp-affine",
            critic="",
            bound="",
        )
    claims: dict[str, Any] = made_up.judged()
    return claims


def test_accuracy_below_raw_pixels(made_up: Any, probed: Any, direction: Any) -> None:
    made_up.raw_pixels("adversarial", 0.85)
    end = 0.85 - 0.3 * direction.sign
    claims = adversarial(made_up, lambda seed: probed([0.5, 0.5, end + made_up.jitter(seed)]))
    claim = claims[BELOW_RAW]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.3 * direction.sign)
    assert claim.seeds == 3
    assert claim.figure == "fig1c"


def test_accuracy_falls(made_up: Any, probed: Any, direction: Any) -> None:
    end = 0.85 - 0.3 * direction.sign
    claims = adversarial(made_up, lambda seed: probed([0.85, 0.1, end + made_up.jitter(seed)]))
    claim = claims[FALLS]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.3 * direction.sign)


def test_without_raw_pixels_only_the_fall_is_judged(made_up: Any, probed: Any) -> None:
    claims = adversarial(made_up, lambda seed: probed([0.85, 0.5, 0.3 + made_up.jitter(seed)]))
    assert claims[BELOW_RAW].verdict == "inconclusive"
    assert claims[BELOW_RAW].effect is None
    assert "raw pixels were not measured" in claims[BELOW_RAW].note
    assert claims[FALLS].verdict == "supported"


def test_the_notebooks_probe_may_disagree(made_up: Any, probed: Any) -> None:
    made_up.raw_pixels("adversarial", 0.85)
    claims = adversarial(
        made_up,
        lambda seed: probed(
            [0.85, 0.5, 0.3 + made_up.jitter(seed)],
            notebook=[0.85, 0.5, 0.95 + made_up.jitter(seed)],
        ),
    )
    for name in (BELOW_RAW, FALLS):
        assert claims[name].verdict == "supported"
        assert "probe disagrees: contradicted, effect -0.1000" in claims[name].note


def test_the_largest_reconstruction_error_in_double_precision_counts(
    made_up: Any, direction: Any
) -> None:
    largest = 1e-6 - 5e-7 * direction.sign
    claims = adversarial(
        made_up,
        lambda seed: {
            ("test", "reconstruction_error"): [1e-7, 1.0, 1.0],
            ("test", "reconstruction_error_float64"): [
                1e-14,
                largest + made_up.jitter(seed, 1e-8),
                1e-14,
            ],
        },
    )
    claim = claims["adversarial-encoder-stays-invertible:mnist"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(5e-7 * direction.sign, abs=1e-12)
