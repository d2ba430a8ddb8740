"""Claims on critics, and on InfoNCE and the k-pair loss beside them, in each direction."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

IDENTITY = "infonce-is-k-pair-loss:mnist:infonce"
LOG_K = math.log(128)

Curves = dict[tuple[str, str], list[float]]


def measured(
    bound: float, held_out: float, accuracy: float, notebook: float | None = None
) -> Curves:
    finals = {
        ("train", "bound"): bound,
        ("test", "bound"): held_out,
        ("test", "probe_accuracy"): accuracy,
        ("test", "probe_accuracy_notebook"): accuracy if notebook is None else notebook,
    }
    # The start is the same for all; only the end may be judged.
    return {name: [0.0, 0.0, value] for name, value in finals.items()}


def critics(
    made_up: Any, concat: Callable[[int], Curves], seeds: tuple[int, ...] = (0, 1, 2)
) -> None:
    for seed in seeds:
        jitter = made_up.jitter(seed)
        simple = measured(3.0 + jitter, 2.8, 0.90 + jitter)
        made_up.run("critics", simple, seed=seed, critic="bilinear")
        made_up.run("critics", simple, seed=seed, critic="separable")
        made_up.run("critics", concat(seed), seed=seed, critic="concat")


def test_as_in_the_paper(made_up: Any) -> None:
    critics(made_up, lambda _: measured(3.5, 3.2, 0.85))
    claims = made_up.judged()
    for name in ("tighter-train-bound-with-concat", "tighter-test-bound-with-concat"):
        assert claims[f"{name}:mnist:infonce"].verdict == "supported"
    accuracy = claims["lower-accuracy-with-concat:mnist:infonce"]
    assert accuracy.verdict == "supported"
    assert accuracy.effect == pytest.approx(0.05)
    assert accuracy.seeds == 3
    assert accuracy.steps == 600
    assert accuracy.dataset == "mnist"
    assert claims["training-bound-above-held-out:mnist:infonce"].verdict == "supported"


def test_against_the_paper(made_up: Any) -> None:
    critics(made_up, lambda _: measured(2.5, 2.6, 0.95))
    claims = made_up.judged()
    tighter = claims["tighter-train-bound-with-concat:mnist:infonce"]
    assert tighter.verdict == "contradicted"
    assert tighter.effect == pytest.approx(-0.5)
    assert claims["tighter-test-bound-with-concat:mnist:infonce"].verdict == "contradicted"
    assert claims["lower-accuracy-with-concat:mnist:infonce"].verdict == "contradicted"
    above = claims["training-bound-above-held-out:mnist:infonce"]
    assert above.verdict == "contradicted", "one critic's training bound lies below"


def test_an_interval_that_holds_0_is_inconclusive(made_up: Any) -> None:
    critics(
        made_up,
        lambda seed: measured(
            3.0 + 0.2 * (seed - 1), 2.8 + 0.3 * (seed - 1), 0.90 + 0.01 * (seed - 1)
        ),
    )
    claims = made_up.judged()
    for name in (
        "tighter-train-bound-with-concat",
        "tighter-test-bound-with-concat",
        "lower-accuracy-with-concat",
    ):
        claim = claims[f"{name}:mnist:infonce"]
        assert claim.verdict == "inconclusive"
        assert claim.ci is not None
        assert claim.ci[0] < 0 < claim.ci[1]


def test_a_critic_whose_two_bounds_cannot_be_told_apart(made_up: Any) -> None:
    critics(made_up, lambda seed: measured(3.5, 3.5 + 0.1 * (seed - 1), 0.9))
    claim = made_up.judged()["training-bound-above-held-out:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.effect == pytest.approx(0.0)
    assert claim.sentence.endswith("for every critic.")
    assert claim.note == (
        "Effect: training minus held-out bound, the smallest of the critics, nats"
    )


def test_two_seeds_are_too_few(made_up: Any) -> None:
    critics(made_up, lambda seed: measured(3.5 + made_up.jitter(seed), 3.2, 0.85), seeds=(0, 1))
    claim = made_up.judged()["tighter-train-bound-with-concat:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert "at least 3" in claim.note
    assert claim.ci is not None


def test_an_infinite_held_out_bound_is_told_and_can_be_written(made_up: Any) -> None:
    critics(made_up, lambda seed: measured(3.5, -math.inf if seed == 1 else 3.2, 0.85))
    claim = made_up.judged()["tighter-test-bound-with-concat:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.effect is None
    assert "not finite" in claim.note
    written = json.loads(json.dumps(claim.as_json(), allow_nan=False))
    beside = ["claim", "figure", "dataset", "sentence", "verdict"]
    assert list(written) == [
        *beside,
        *("effect", "ci", "seeds", "steps", "note", "lacks", "allowed", "in_paper"),
    ]
    assert written["lacks"] == "finite values"


def test_a_held_out_bound_that_is_no_number_is_told(made_up: Any) -> None:
    critics(made_up, lambda seed: measured(3.5, math.nan if seed == 1 else 3.2, 0.85))
    claims = made_up.judged()
    for name in ("tighter-test-bound-with-concat", "training-bound-above-held-out"):
        claim = claims[f"{name}:mnist:infonce"]
        assert claim.effect is None
        assert claim.seeds == 3
        assert "not finite" in claim.note


def test_a_disagreement_of_the_notebooks_probe_is_told(made_up: Any) -> None:
    critics(made_up, lambda _: measured(3.5, 3.2, 0.85, notebook=0.95))
    claim = made_up.judged()["lower-accuracy-with-concat:mnist:infonce"]
    assert claim.verdict == "supported"
    assert "notebook's probe disagrees: contradicted" in claim.note


def test_a_study_without_the_concat_critic_decides_nothing(made_up: Any) -> None:
    for seed in made_up.seeds:
        for critic in ("bilinear", "separable"):
            made_up.run("critics", measured(3.0, 2.8, 0.9), seed=seed, critic=critic)
    claim = made_up.judged()["lower-accuracy-with-concat:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.seeds == 0


def run_off_by(made_up: Any, off: float, *, seed: int, critic: str, steps: int = 3) -> None:
    """Add a run that is off at one evaluation of one split, and exact elsewhere."""
    bounds = [0.0, 3.0, 3.5][:steps]
    losses = [LOG_K - bound for bound in bounds]
    made_up.run(
        "critics",
        {
            ("train", "bound"): bounds,
            ("train", "k_pair_loss"): losses,
            ("train", "log_batch_size"): [LOG_K] * steps,
            ("test", "bound"): bounds,
            ("test", "k_pair_loss"): [losses[0], losses[1] + off, *losses[2:]],
            ("test", "log_batch_size"): [LOG_K] * steps,
        },
        seed=seed,
        critic=critic,
    )


def test_the_identity_in_each_direction(made_up: Any, direction: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, 1e-6, seed=seed, critic="bilinear")
        off = 1e-4 - direction.sign * 5e-5 + made_up.jitter(seed, 1e-6)
        run_off_by(made_up, -off, seed=seed, critic="concat")
    claim = made_up.judged()[IDENTITY]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(direction.sign * 5e-5, abs=1e-9)
    assert claim.steps == 600


def test_an_identity_needs_no_runs_at_one_step(made_up: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, 1e-6, seed=seed, critic="bilinear", steps=2 + seed % 2)
    claim = made_up.judged()[IDENTITY]
    assert claim.verdict == "supported"
    assert claim.seeds == 3


def test_an_identity_of_values_that_are_not_finite_is_told(made_up: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, math.inf if seed == 1 else 0.0, seed=seed, critic="bilinear")
    claim = made_up.judged()[IDENTITY]
    assert claim.verdict == "inconclusive"
    assert "not finite" in claim.note


def test_without_the_log_of_the_batch_size_nothing_is_decided(made_up: Any) -> None:
    losses = {("train", "bound"): [0.0, 3.0], ("train", "k_pair_loss"): [4.85, 1.85]}
    for seed in made_up.seeds:
        made_up.run("critics", losses, seed=seed)
    claim = made_up.judged()[IDENTITY]
    assert claim.verdict == "inconclusive"
    assert claim.seeds == 0


def test_no_identity_is_claimed_of_a_bound_that_was_not_measured_beside_the_loss(
    made_up: Any,
) -> None:
    for seed in made_up.seeds:
        made_up.run("critics", {("train", "bound"): [0.0, 3.0]}, seed=seed, bound="nwj")
    assert not any(name.startswith("infonce-is") for name in made_up.judged())
