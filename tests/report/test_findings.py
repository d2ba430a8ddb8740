from typing import Any

import pytest

from infomax.report.findings import Findings, findings, shown_effect
from infomax.report.outcomes import outcomes
from infomax.studies.claims import judge_claims
from infomax.studies.verdicts import Claim

TIMES = " \N{MULTIPLICATION SIGN} "


def found(material: Any) -> Findings:
    became = outcomes(material.records, None)
    return findings(material.records, judge_claims(material.records), material.studies, became)


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
    return found(critics).found


def test_a_tighter_bound_with_worse_codes_bought_nothing(critics: Any) -> None:
    text = judged(critics, concat_bound=3.5, concat_accuracy=0.88)
    assert "tighter by 0.50 nats on training batches" in text
    assert "by 0.0200 in probe accuracy below the worse of the two" in text
    assert "the tighter bound did not buy a better representation" in text


def test_a_tighter_bound_with_better_codes_is_not_said_to_have_bought_nothing(critics: Any) -> None:
    text = judged(critics, concat_bound=3.5, concat_accuracy=0.95)
    assert "did not come with the worst representation" in text
    assert "did not buy" not in text


def test_without_a_tighter_bound_there_is_nothing_to_buy_with(critics: Any) -> None:
    text = judged(critics, concat_bound=2.5, concat_accuracy=0.88)
    assert "it had no tighter bound" in text


def test_two_seeds_decide_nothing(make_material: Any) -> None:
    text = found(make_material("critics", seeds=(0, 1))).found
    assert text.count("cannot be told from these runs") == 2
    assert "did not buy" not in text


def test_unmatched_bounds_decide_nothing(make_material: Any) -> None:
    material = make_material("matched-bound", targets=(2.0,))
    material.set_value(0.5, metric="bound", split="train", encoder="convnet", step=600)
    text = found(material).found
    assert "whether the ConvNet's codes are better than the MLP's cannot be told" in text
    assert "Whether the architecture matters more" in text


def test_matched_bounds_decide(make_material: Any) -> None:
    text = found(make_material("matched-bound", targets=(2.0,))).found
    assert "Held at 2 nats of infonce, the ConvNet's codes were classified better" in text


def test_raw_pixels_and_the_untrained_encoder_are_named(critics: Any) -> None:
    text = found(critics).found
    assert "raw pixels have 0.851 and the untrained encoder 0.7" in text


def test_the_budget_is_said(critics: Any) -> None:
    basis = found(critics).basis
    assert "critics ran 600 of 21,000 steps with 3 of 20 seeds" in basis
    assert "Of 4 claims judged" in basis


@pytest.mark.parametrize(
    ("effect", "ci", "shown"),
    [
        (None, None, "not measured"),
        (0.012, None, "+0.0120"),
        (-1.5, (-2.0, -1.0), "\N{MINUS SIGN}1.50 [\N{MINUS SIGN}2.00, \N{MINUS SIGN}1.00]"),
        (3e7, (1e7, 7e7), "+3.0_10⁷ [1.0_10⁷, 7.0_10⁷]".replace("_", TIMES)),
    ],
)
def test_effects_are_shown_with_their_interval(
    effect: float | None, ci: tuple[float, float] | None, shown: str
) -> None:
    claim = Claim("c", "fig3", "s", "inconclusive", effect, ci, 3, 600, "")
    assert shown_effect(claim) == shown
