"""The identity of InfoNCE and the k-pair loss, on made-up records."""

import math
from typing import Any

import pytest

NAME = "infonce-is-k-pair-loss:mnist:infonce"
LOG_K = math.log(128)


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


def test_each_direction(made_up: Any, direction: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, 1e-6, seed=seed, critic="bilinear")
        off = 1e-4 - direction.sign * 5e-5 + made_up.jitter(seed, 1e-6)
        run_off_by(made_up, -off, seed=seed, critic="concat")
    claim = made_up.judged()[NAME]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(direction.sign * 5e-5, abs=1e-9)
    assert claim.steps == 600


def test_an_identity_needs_no_runs_at_one_step(made_up: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, 1e-6, seed=seed, critic="bilinear", steps=2 + seed % 2)
    claim = made_up.judged()[NAME]
    assert claim.verdict == "supported"
    assert claim.seeds == 3


def test_values_that_are_not_finite_are_told(made_up: Any) -> None:
    for seed in made_up.seeds:
        run_off_by(made_up, math.inf if seed == 1 else 0.0, seed=seed, critic="bilinear")
    claim = made_up.judged()[NAME]
    assert claim.verdict == "inconclusive"
    assert "not finite" in claim.note


def test_without_the_log_of_the_batch_size_nothing_is_decided(made_up: Any) -> None:
    losses = {("train", "bound"): [0.0, 3.0], ("train", "k_pair_loss"): [4.85, 1.85]}
    for seed in made_up.seeds:
        made_up.run("critics", losses, seed=seed)
    claim = made_up.judged()[NAME]
    assert claim.verdict == "inconclusive"
    assert claim.seeds == 0


def test_it_is_not_claimed_of_a_bound_that_was_not_measured_beside_the_loss(made_up: Any) -> None:
    for seed in made_up.seeds:
        made_up.run("critics", {("train", "bound"): [0.0, 3.0]}, seed=seed, bound="nwj")
    assert not any(name.startswith("infonce-is") for name in made_up.judged())
