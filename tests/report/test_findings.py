"""What was found, as strong as the verdicts are."""

import re
from dataclasses import replace
from typing import Any

import pytest

from infomax.report.findings import (
    against_untrained,
    answer,
    budget_of,
    claim_groups,
    format_effect,
    interval_positions,
    opening,
    verdict_of,
)
from infomax.report.undecided import group_undecided
from infomax.studies.catalogue import STUDIES
from infomax.studies.claims import judge_claims
from infomax.studies.paper import PAPER_STUDIES
from infomax.studies.verdicts import Claim, Verdict
from tests.report.conftest import NAMES
from tests.report.made_up_claims import made_up

TIMES = " \N{MULTIPLICATION SIGN} "


def set_final(material: Any, split: str, metric: str, **values: float) -> None:
    for critic, value in values.items():
        material.set_value(value, split=split, metric=metric, critic=critic, step=600)


def judged(critics: Any, *, concat_bound: float, concat_accuracy: float) -> list[Claim]:
    for split in ("train", "test"):
        set_final(critics, split, "bound", bilinear=3.0, separable=3.0, concat=concat_bound)
    set_final(
        critics, "test", "probe_accuracy", bilinear=0.9, separable=0.92, concat=concat_accuracy
    )
    # Every seed alike has no spread; an interval of no width is still an interval.
    return judge_claims(critics.records)


@pytest.mark.parametrize(
    ("bound", "accuracy", "said"),
    [
        (3.5, 0.88, "Concat critic: bound 0.50 nats tighter; codes 2.0 percentage points worse"),
        (
            3.5,
            0.95,
            "Concat critic: bound 0.50 nats tighter; codes 5.0 percentage points better than the "
            "worst",
        ),
        (2.5, 0.88, "Concat critic: bound 0.50 nats looser; codes 2.0 percentage points worse"),
    ],
)
def test_an_answer_says_which_way_it_came_out_and_by_how_much(
    critics: Any, bound: float, accuracy: float, said: str
) -> None:
    assert answer(judged(critics, concat_bound=bound, concat_accuracy=accuracy), NAMES) == said


def test_two_seeds_decide_nothing(make_material: Any) -> None:
    claims = judge_claims(make_material("critics", seeds=(0, 1)).records)
    assert answer(claims, NAMES) == "Concat critic: is its bound tighter? are its codes worse?"
    assert verdict_of(claims) == "inconclusive"


def test_unmatched_bounds_decide_nothing(make_material: Any) -> None:
    material = make_material("matched-bound", targets=(2.0,))
    material.set_value(0.5, metric="bound", split="train", encoder="convnet", step=600)
    claims = judge_claims(material.records)
    assert answer(claims, NAMES) == "At the same bound, does the ConvNet do better?"
    (open_ones,) = group_undecided(
        [claim for claim in claims if claim.words],
        material.studies,
        preset="quick",
        command="infomax reproduce --out 'my runs'",
    )
    assert "do not compare fairly" in open_ones.reason
    assert open_ones.command == (
        "infomax reproduce matched-bound --preset quick --steps 1200 --seeds 3 "
        "--out 'my runs-longer'"
    )


@pytest.mark.parametrize("study", [entry.full.name for entry in PAPER_STUDIES])
def test_every_study_has_a_claim_that_answers_it(everything: Any, study: str) -> None:
    groups = {group.study: group for group in claim_groups(judge_claims(everything.records))}
    said = answer(groups[study].claims, NAMES)
    assert said
    assert len(said.split()) <= 15
    assert verdict_of(groups[study].claims) == "supported"


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "inconclusive"])
def test_an_answer_is_a_question_where_it_is_open(everything: Any, verdict: Verdict) -> None:
    claims = [replace(claim, verdict=verdict) for claim in judge_claims(everything.records)]
    for group in claim_groups(claims):
        said = answer(group.claims, NAMES)
        assert said.endswith("?") is (verdict == "inconclusive")
        assert "{}" not in said


def test_opposite_verdicts_are_said_in_opposite_words(everything: Any) -> None:
    claims = judge_claims(everything.records)
    other = [replace(claim, verdict="contradicted") for claim in claims]
    for one, two in zip(claim_groups(claims), claim_groups(other), strict=True):
        assert answer(one.claims, NAMES) != answer(two.claims, NAMES)


def test_estimators_are_named_where_their_verdicts_differ(everything: Any) -> None:
    claims = [
        replace(claim, verdict="contradicted" if claim.claim.endswith(":nwj") else claim.verdict)
        for claim in judge_claims(everything.records)
        if claim.claim.startswith("condition-number-grows")
    ]
    said = answer(claims, NAMES)
    assert re.fullmatch(
        r"Harder to invert: the condition number grows \d+-fold \(InfoNCE\); "
        r"easier to invert: the condition number falls \d+-fold \(NWJ\)",
        said,
    )
    assert verdict_of(claims) is None


def test_what_both_estimators_say_names_its_subject_once_and_each_size(critics: Any) -> None:
    (claim,) = (
        each for each in judge_claims(critics.records) if each.claim.startswith("tighter-train")
    )
    one = replace(claim, claim="c:nwj", verdict="supported", effect=0.5)
    other = replace(claim, claim="c:infonce", verdict="contradicted", effect=-0.5)
    assert answer([one, other], NAMES) == (
        "Concat critic: bound 0.50 nats tighter (NWJ), 0.50 nats looser (InfoNCE)"
    )
    assert answer([replace(one, effect=1e-7)], NAMES) == "Concat critic: bound <0.0001 nats tighter"


def test_an_unknown_claim_has_no_answer() -> None:
    claim = Claim("new:mnist", "fig9", "mnist", "All is well.", "contradicted", 1.0, None, 3, 1, "")
    assert answer([claim], NAMES) == ""
    (group,) = claim_groups([claim])
    assert (group.study, group.heading, group.title) == ("", "Figure 9, MNIST", "")
    assert opening([group]) == "Of 1 claim, 1 contradicted."


def test_claims_are_grouped_in_the_order_of_the_paper(everything: Any) -> None:
    claims = judge_claims(everything.records)
    groups = claim_groups(list(reversed(claims)))
    assert [group.heading for group in groups] == [
        "Figure 1a, 1b, MNIST",
        "Figure 1c, MNIST",
        "Figure 2, MNIST",
        "Figure 3, MNIST",
        "Figure 4a, 4b, MNIST",
        # Its two samplings are what is compared.
        "Figure 4c",
    ]
    assert sum(len(group.of("supported")) for group in groups) == len(claims)
    assert opening(groups) == (
        "The paper's main finding is seen again in 6 of 6 figures; "
        f"of {len(claims)} claims, {len(claims)} supported."
    )


def test_raw_pixels_and_the_untrained_encoder_are_named(critics: Any) -> None:
    text = against_untrained(critics.records, NAMES)
    assert "raw pixels have 0.851, the untrained MLP encoder 0." in text


def test_what_was_not_probed_is_not_compared(make_material: Any) -> None:
    assert against_untrained(make_material("non-iid").records, NAMES) == ""


def test_the_budget_is_said(critics: Any) -> None:
    assert budget_of(critics.studies) == (
        "3 of the paper's 20 seeds and 600 of the paper's 21,000 steps: a verdict speaks of these "
        "runs alone."
    )
    assert budget_of([STUDIES["critics"].full]) == ""


@pytest.mark.parametrize(
    ("effect", "ci", "shown"),
    [
        (None, None, "not measured"),
        (0.012, None, "+0.0120"),
        (0.25, (0.1, 0.4), "+0.250 [0.100, 0.400]"),
        (-1.5, (-2.0, -1.0), "\N{MINUS SIGN}1.50 [\N{MINUS SIGN}2.00, \N{MINUS SIGN}1.00]"),
        (3e7, (1e7, 7e7), "+3.0_10⁷ [1.0_10⁷, 7.0_10⁷]".replace("_", TIMES)),
        (2e-5, (1e-5, 3e-5), "+2.0_10⁻⁵ [1.0_10⁻⁵, 3.0_10⁻⁵]".replace("_", TIMES)),
        (2e-5, (2e-5, 2e-5), "+2.0_10⁻⁵, the same for all seeds".replace("_", TIMES)),
    ],
)
def test_effects_are_shown_with_their_interval(
    effect: float | None, ci: tuple[float, float] | None, shown: str
) -> None:
    claim = Claim("c", "fig3", "mnist", "s", "inconclusive", effect, ci, 3, 600, "")
    assert format_effect(claim) == shown


def test_a_claim_of_equality_shows_how_much_of_what_is_allowed_was_used() -> None:
    claim = made_up(*(1e-4 - apart for apart in (1e-6, 2e-6, 3e-6)), allowed=1e-4)
    assert claim.verdict == "supported"
    assert format_effect(claim) == f"2.0{TIMES}10⁻⁶ of 10⁻⁴ allowed"


def test_an_interval_is_drawn_around_a_zero_in_the_middle() -> None:
    places = interval_positions(made_up(1.0, 2.0, 3.0))
    assert places is not None
    low, effect, high = places
    assert 40 < low < 50 < effect < high == 96
    assert interval_positions(made_up(1.0)) is None
    assert interval_positions(made_up(0.0, 0.0, 0.0)) is None
