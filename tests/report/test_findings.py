from dataclasses import replace
from typing import Any

import pytest

from infomax.report.claim_groups import claim_groups, counts
from infomax.report.effects import shown_effect
from infomax.report.findings import against_untrained, basis, found, in_short
from infomax.report.findings.wording import WORDINGS
from infomax.report.outcomes import outcomes
from infomax.studies.claims import judge_claims
from infomax.studies.verdicts import Claim, Verdict

TIMES = " \N{MULTIPLICATION SIGN} "


def set_final(material: Any, split: str, metric: str, **values: float) -> None:
    for critic, value in values.items():
        material.set_value(value, split=split, metric=metric, critic=critic, step=600)


def judged(critics: Any, *, concat_bound: float, concat_accuracy: float) -> str:
    for split in ("train", "test"):
        set_final(critics, split, "bound", bilinear=3.0, separable=3.0, concat=concat_bound)
    set_final(
        critics, "test", "probe_accuracy", bilinear=0.9, separable=0.92, concat=concat_accuracy
    )
    # Every seed alike has no spread; an interval of no width is still an interval.
    return " ".join(found(judge_claims(critics.records)))


def test_a_tighter_bound_with_worse_codes_bought_nothing(critics: Any) -> None:
    text = judged(critics, concat_bound=3.5, concat_accuracy=0.88)
    assert "bound on training batches is tighter than the simpler critics' (+0.50 nats)" in text
    assert "classified worse than those from the simpler critics (+0.0200 in accuracy)" in text
    assert "the concat critic's tighter bound did not buy a better representation" in text


def test_a_tighter_bound_with_better_codes_is_not_said_to_have_bought_nothing(critics: Any) -> None:
    text = judged(critics, concat_bound=3.5, concat_accuracy=0.95)
    assert "did not come with the worst representation" in text
    assert "did not buy" not in text


def test_without_a_tighter_bound_there_is_nothing_to_buy_with(critics: Any) -> None:
    text = judged(critics, concat_bound=2.5, concat_accuracy=0.88)
    assert "had no tighter bound to buy a better representation with" in text


def test_two_seeds_decide_nothing(make_material: Any) -> None:
    text = in_short(judge_claims(make_material("critics", seeds=(0, 1)).records))
    assert text == (
        "With InfoNCE and NWJ, whether a tighter bound bought a better representation cannot be "
        "told from these runs."
    )


def test_unmatched_bounds_decide_nothing(make_material: Any) -> None:
    material = make_material("matched-bound", targets=(2.0,))
    material.set_value(0.5, metric="bound", split="train", encoder="convnet", step=600)
    text = in_short(judge_claims(material.records))
    assert (
        "With InfoNCE at 2 nats and NWJ at 2 nats, whether the ConvNet's codes are classified "
        "better than the MLP's at the same bound cannot be told from these runs."
    ) in text
    assert "Whether the encoder's architecture changes accuracy more" in text


def test_every_claim_of_the_catalogue_has_words(everything: Any) -> None:
    claims = judge_claims(everything.records)
    assert len(claims) > 30
    assert {claim.claim.partition(":")[0] for claim in claims} == set(WORDINGS)


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "inconclusive"])
def test_no_sentence_is_stronger_than_its_verdict(everything: Any, verdict: Verdict) -> None:
    claims = [replace(claim, verdict=verdict) for claim in judge_claims(everything.records)]
    for group in claim_groups(claims):
        for sentence in (*found(group.claims), in_short(group.claims)):
            open_ended = "cannot be told" in sentence
            assert open_ended is (verdict == "inconclusive"), sentence
        assert in_short(group.claims)


def test_estimators_are_named_where_their_verdicts_differ(everything: Any) -> None:
    claims = [
        replace(claim, verdict="contradicted" if claim.claim.endswith(":nwj") else claim.verdict)
        for claim in judge_claims(everything.records)
        if claim.claim.startswith("condition-number-grows")
    ]
    assert in_short(claims) == (
        "With InfoNCE, the residual encoder becomes harder to invert: the condition number of its "
        "Jacobian grows. With NWJ, the residual encoder becomes easier to invert: the condition "
        "number of its Jacobian falls."
    )


def test_an_unknown_claim_is_quoted() -> None:
    claim = Claim("new:mnist", "fig9", "mnist", "All is well.", "contradicted", 1.0, None, 3, 1, "")
    assert found([claim]) == ["Contradicted: All is well."]
    (group,) = claim_groups([claim])
    assert (group.study, group.heading, group.title) == ("", "Figure 9, MNIST", "")


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
    assert sum(number for _, number in counts(claims)) == len(claims)
    assert groups[0].budget == "3 seeds, 21,000 steps"


def test_raw_pixels_and_the_untrained_encoder_are_named(critics: Any) -> None:
    text = against_untrained(critics.records)
    assert "raw pixels have 0.851, the untrained MLP encoder 0." in text


def test_what_was_not_probed_is_not_compared(make_material: Any) -> None:
    assert against_untrained(make_material("non-iid").records) == ""


def test_the_budget_is_said(critics: Any) -> None:
    became = outcomes(critics.records, None)
    text = basis(judge_claims(critics.records), critics.studies, became)
    assert "(critics: 600 of 21,000 steps and 3 of 20 seeds)" in text
    assert "Of 5 claims judged" in text


@pytest.mark.parametrize(
    ("effect", "ci", "shown"),
    [
        (None, None, "not measured"),
        (0.012, None, "+0.0120"),
        (0.25, (0.1, 0.4), "+0.250 [0.100, 0.400]"),
        (-1.5, (-2.0, -1.0), "\N{MINUS SIGN}1.50 [\N{MINUS SIGN}2.00, \N{MINUS SIGN}1.00]"),
        (3e7, (1e7, 7e7), "+3.0_10⁷ [1.0_10⁷, 7.0_10⁷]".replace("_", TIMES)),
        (2e-5, (1e-5, 3e-5), "+2.0_10⁻⁵ [1.0_10⁻⁵, 3.0_10⁻⁵]".replace("_", TIMES)),
    ],
)
def test_effects_are_shown_with_their_interval(
    effect: float | None, ci: tuple[float, float] | None, shown: str
) -> None:
    claim = Claim("c", "fig3", "mnist", "s", "inconclusive", effect, ci, 3, 600, "")
    assert shown_effect(claim) == shown
