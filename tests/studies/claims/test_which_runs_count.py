"""Which runs a claim is judged on: several data sets, failures and interruptions."""

from typing import Any

import pytest

from infomax.records import records_table
from infomax.studies.claims import judge_claims

CRITICS = ("bilinear", "separable", "concat")
TIGHTER = "tighter-train-bound-with-concat"


def add(made_up: Any, critic: str, seed: int, *, steps: int = 600, **others: Any) -> None:
    """Add a run whose curve is known at every step; by step 600, concat leads by 0.5 nats."""
    ends = {0: 0.0, 300: 9.0 if critic == "concat" else 1.0, 600: 3.0 + 0.5 * (critic == "concat")}
    curve = [value for step, value in ends.items() if step <= steps]
    made_up.run("critics", {("train", "bound"): curve}, seed=seed, critic=critic, **others)


def test_no_records_make_no_claims() -> None:
    assert judge_claims(records_table([])) == []


def test_a_failed_run_takes_its_seed_out(made_up: Any) -> None:
    for seed in range(4):
        for critic in CRITICS:
            add(made_up, critic, seed, fails=seed == 3 and critic == "concat")
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.seeds == 3
    assert claim.verdict == "supported"


def test_a_study_of_failed_runs_makes_no_claims(made_up: Any) -> None:
    made_up.raw_pixels("critics", 0.85)
    for critic in CRITICS:
        add(made_up, critic, 0, fails=True)
    assert made_up.judged() == {}


def test_data_sets_are_judged_apart(made_up: Any, probed: Any) -> None:
    for dataset, raw, end in (("mnist", 0.85, 0.90), ("cifar10", 0.35, 0.30)):
        made_up.raw_pixels("bijective", raw, dataset=dataset)
        for seed in made_up.seeds:
            curves = probed([0.3, 0.3, end + made_up.jitter(seed)])
            made_up.run("bijective", curves, seed=seed, dataset=dataset, encoder="realnvp-additive")
    name = "accuracy-rises-with-bijective-encoder"
    claims = made_up.judged()
    mnist, cifar10 = claims[f"{name}:mnist:infonce"], claims[f"{name}:cifar10:infonce"]
    assert (mnist.dataset, mnist.verdict) == ("mnist", "supported")
    assert (cifar10.dataset, cifar10.verdict) == ("cifar10", "contradicted")
    assert mnist.effect == pytest.approx(0.05)
    assert cifar10.effect == pytest.approx(-0.05)
    assert mnist.seeds == cifar10.seeds == 3


def test_studies_do_not_lend_each_other_raw_pixels(made_up: Any, probed: Any) -> None:
    made_up.raw_pixels("conditioning", 0.1)
    for seed in made_up.seeds:
        curves = probed([0.3, 0.3, 0.9])
        made_up.run("bijective", curves, seed=seed, encoder="realnvp-additive")
    claim = made_up.judged()["accuracy-rises-with-bijective-encoder:mnist:infonce"]
    assert "raw pixels were not measured" in claim.note


def test_names_are_unique_over_all_studies(made_up: Any) -> None:
    curves = {("train", "bound"): [0.0, 1.0], ("test", "bound"): [0.0, 1.0]}
    beside_the_loss = {**curves, ("train", "k_pair_loss"): [4.0, 3.0]}
    for study in ("bijective", "adversarial", "conditioning", "critics", "matched-bound"):
        for dataset in ("mnist", "cifar10"):
            for bound in ("infonce", "nwj"):
                for target in (2.0, 4.0):
                    made_up.run(
                        study,
                        beside_the_loss if bound == "infonce" else curves,
                        seed=0,
                        dataset=dataset,
                        bound=bound,
                        target=target,
                    )
    assert len(made_up.judged()) == 2 * (2 * 5 + 3 + 2 * 5 + 2 * 4 + 1 + 2 * 3 + 1)


def test_a_seed_whose_runs_stand_at_different_steps_is_left_out(made_up: Any) -> None:
    for seed in range(5):
        for critic in CRITICS:
            add(made_up, critic, seed, steps=300 if seed == 4 and critic == "separable" else 600)
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.seeds == 4
    assert claim.steps == 600
    assert claim.verdict == "supported"
    assert "Left out, as not all of their runs stand at step 600: seed(s) 4" in claim.note


def test_a_seed_that_is_behind_the_others_is_left_out(made_up: Any) -> None:
    for seed in range(4):
        for critic in CRITICS:
            add(made_up, critic, seed, steps=300 if seed == 0 else 600)
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.effect == pytest.approx(0.5)
    assert claim.seeds == 3
    assert "seed(s) 0" in claim.note


def test_no_seed_with_all_runs_at_one_step_decides_nothing(made_up: Any) -> None:
    for seed in made_up.seeds:
        for critic in CRITICS:
            add(made_up, critic, seed, steps=300 if critic == "concat" else 600)
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.effect is None
    assert "seed(s) 0, 1, 2" in claim.note


def test_runs_that_were_all_interrupted_at_one_step_are_compared_there(made_up: Any) -> None:
    for seed in made_up.seeds:
        for critic in CRITICS:
            add(made_up, critic, seed, steps=300)
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.steps == 300
    assert claim.effect == pytest.approx(8.0)
    assert "Left out" not in claim.note


def test_a_run_that_was_not_trained_says_nothing(made_up: Any, probed: Any) -> None:
    made_up.raw_pixels("bijective", 0.85)
    for seed in range(4):
        untrained = seed == 3
        curves = probed([0.5] if untrained else [0.8, 0.9 + made_up.jitter(seed)])
        made_up.run("bijective", curves, seed=seed, encoder="realnvp-additive")
    claim = made_up.judged()["accuracy-rises-with-bijective-encoder:mnist:infonce"]
    assert claim.seeds == 3
    assert claim.verdict == "supported"


def test_effects_without_any_spread_have_a_point_for_an_interval(made_up: Any) -> None:
    for seed in made_up.seeds:
        for critic in CRITICS:
            add(made_up, critic, seed)
    claim = made_up.judged()[f"{TIGHTER}:mnist:infonce"]
    assert claim.ci == (0.5, 0.5)
    assert claim.verdict == "supported"


def test_sentences_call_bounds_by_their_labels_and_names_of_claims_by_their_names(
    made_up: Any,
) -> None:
    for seed in made_up.seeds:
        for critic in CRITICS:
            add(made_up, critic, seed)
    claims = made_up.judged(labels={"infonce": "InfoNCE"})
    assert claims[f"{TIGHTER}:mnist:infonce"].sentence.startswith("Trained by InfoNCE, ")
    without = made_up.judged()
    assert without[f"{TIGHTER}:mnist:infonce"].sentence.startswith("Trained by infonce, ")


def test_what_is_not_in_the_paper_says_so(made_up: Any) -> None:
    for seed in made_up.seeds:
        for critic in CRITICS:
            made_up.run(
                "critics",
                {("train", "bound"): [0.0, 2.0], ("test", "bound"): [0.0, 1.0]},
                seed=seed,
                critic=critic,
            )
    claims = made_up.judged()
    assert {claim.in_paper for claim in claims.values()} == {True, False}
    for claim in claims.values():
        assert claim.sentence.startswith("Not in the paper: ") is not claim.in_paper
        assert claim.as_json()["in_paper"] is claim.in_paper
