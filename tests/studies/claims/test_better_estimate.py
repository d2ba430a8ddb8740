"""Claims on InfoNCE with an anchor class beside InfoNCE, in each direction."""

from typing import Any

import pytest

ANCHORS = ("infonce-anchor", "infonce-anchor(nu=0.1)", "infonce-anchor(nu=10)")
TRUTH = 3.0
SAMPLES, IMAGES = "high-normal-2-2-3", "mnist"


def sampled(made_up: Any, plain: float, anchors: tuple[float, float, float]) -> dict[str, Any]:
    for seed in made_up.seeds:
        for bound, end in zip(("infonce", *ANCHORS), (plain, *anchors), strict=True):
            made_up.run(
                "better-estimate",
                {
                    ("test", "bound"): [0.0, end + made_up.jitter(seed) * (bound == "infonce")],
                    ("test", "true_information"): [TRUTH],
                },
                seed=seed,
                dataset=SAMPLES,
                encoder="identity",
                critic="separable",
                bound=bound,
            )
    claims: dict[str, Any] = made_up.judged()
    return claims


def test_the_estimate_nearer_to_the_truth_counts_from_either_side(
    made_up: Any, direction: Any
) -> None:
    # InfoNCE is 0.4 below, the anchor's estimate is above by as much and less, or more.
    claims = sampled(made_up, 2.6, (3.4 - 0.2 * direction.sign,) * 3)
    claim = claims[f"anchor-nearer-to-truth:{SAMPLES}"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.2 * direction.sign)
    assert claim.figure == "anchor-samples"


def test_an_estimate_that_is_no_bound_may_lie_above_the_truth(made_up: Any) -> None:
    claims = sampled(made_up, 2.6, (3.2,) * 3)
    assert claims[f"anchor-not-above-truth:{SAMPLES}"].effect == pytest.approx(-0.2)


def test_nu_is_judged_by_the_widest_difference(made_up: Any) -> None:
    claim = sampled(made_up, 2.6, (2.9, 2.8, 3.2))[f"nu-matters-little:{SAMPLES}"]
    assert claim.effect == pytest.approx(0.2 - 0.4)
    assert claim.allowed == 0.2


def coded(made_up: Any, **of_anchor: float) -> dict[str, Any]:
    """Judge runs of which those of InfoNCE have 0.9 of everything, and 3 nats in either estimate.

    Args:
        made_up: records to add to.
        **of_anchor: metrics that are others with an anchor.
    """
    same = {
        "probe_accuracy": 0.9,
        "probe_accuracy_notebook": 0.9,
        "class_map_at_r": 0.9,
        "partner_recall_at_1_x_to_y": 0.9,
        "partner_recall_at_1_y_to_x": 0.9,
        "bound": 3.0,
        "information_critic": 3.0,
    }
    for seed in made_up.seeds:
        for bound in ("infonce", "infonce-anchor"):
            values = same if bound == "infonce" else {**same, **of_anchor}
            jitter = made_up.jitter(seed, 1e-5) * (bound == "infonce")
            curves = {("test", metric): [0.0, end + jitter] for metric, end in values.items()}
            made_up.run("better-codes", curves, seed=seed, bound=bound)
    claims: dict[str, Any] = made_up.judged()
    return claims


def test_codes_are_judged_by_the_probe(made_up: Any, direction: Any) -> None:
    accuracy = 0.9 + 0.05 * direction.sign
    claims = coded(made_up, probe_accuracy=accuracy, probe_accuracy_notebook=accuracy)
    claim = claims[f"anchor-codes-better:{IMAGES}"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.05 * direction.sign, abs=1e-9)
    as_good = claims[f"anchor-as-good-by-probe-accuracy:{IMAGES}"]
    assert as_good.verdict == ("contradicted" if direction.sign else "supported")


def test_codes_are_judged_by_retrieval(made_up: Any, direction: Any) -> None:
    moved = 0.9 + 0.03 * direction.sign
    claims = coded(made_up, partner_recall_at_1_x_to_y=moved, class_map_at_r=moved)
    partners = claims[f"anchor-finds-partners-x-to-y:{IMAGES}"]
    assert partners.effect == pytest.approx(0.03 * direction.sign, abs=1e-9)
    assert f"anchor-finds-partners-y-to-x:{IMAGES}" in claims
    classes = claims[f"anchor-as-good-by-class-map-at-r:{IMAGES}"]
    expected = 0.01 - 0.03 * abs(direction.sign)
    assert classes.effect == pytest.approx(expected, abs=1e-4)


def test_the_estimate_is_held_against_an_independent_one(made_up: Any) -> None:
    claims = coded(made_up, bound=3.5, information_critic=3.2)
    claim = claims[f"anchor-nearer-to-independent-estimate:{IMAGES}"]
    assert claim.verdict == "contradicted"
    assert claim.effect == pytest.approx(-0.3, abs=1e-4)
    assert f"nu-matters-little:{IMAGES}" not in claims
