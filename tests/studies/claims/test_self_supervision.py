"""Claims about self-supervision, on records that speak for them, against them, and for neither."""

from collections.abc import Mapping
from typing import Any

import pytest

from infomax.records import Split
from infomax.studies.self_supervision import NAMED_METHODS, PROTOTYPES

METHODS = (*NAMED_METHODS, *PROTOTYPES)
INFORMATION = ("information_copula", "information_neighbours", "information_critic", "cos_dv")
Curves = Mapping[tuple[Split, str], list[float]]


def run(made_up: Any, study: str, loss: str, seed: int, curves: Mapping[str, list[float]]) -> None:
    of_test: Curves = {("test", metric): curve for metric, curve in curves.items()}
    made_up.run(study, of_test, seed=seed, critic="", bound="", loss=loss)


def methods(made_up: Any, sign: int) -> None:
    """Make up a run of each method and seed, of which everything speaks in one direction."""
    made_up.raw_pixels("self-supervision", 0.80)
    for seed in made_up.seeds:
        jitter = made_up.jitter(seed, 0.01)
        # Of no direction: seeds rise, fall and stay.
        slope = sign or seed - 1
        for loss in METHODS:
            curves = {
                "probe_accuracy": [0.79, 0.8, 0.8 + 0.05 * slope + jitter],
                **{metric: [1.0, 1.0 + slope, 1.0 + 2 * slope] for metric in INFORMATION},
                "dv_agreement_at_0.01": [0.5, 0.5, 0.5 + 0.3 * slope + jitter],
                "marginal_agreement": [0.9, 0.4 * slope, 0.4 * slope + jitter],
            }
            run(made_up, "self-supervision", loss, seed, curves)


CLAIMS = {
    **{f"{metric.replace('_', '-')}-grows": 0 for metric in INFORMATION},
    "byol-beats-untrained": 0,
    "predictor-of-simsiam-supplies-marginal": 0,
    "barlow-twins-has-the-gradient-of-dv": 0,
}


def test_each_claim_can_come_out_either_way(made_up: Any, direction: Any) -> None:
    methods(made_up, direction.sign)
    judged = made_up.judged()
    for name in CLAIMS:
        assert judged[f"{name}:mnist"].verdict == direction.verdict, name


def test_prototypes_are_judged_against_the_best_named_method_of_each_seed(made_up: Any) -> None:
    for seed in made_up.seeds:
        for loss, accuracy in (("byol", 0.9), ("dino", 0.95), ("sdmi", 0.945), ("jmi", 0.9)):
            jittered = accuracy + made_up.jitter(seed)
            run(made_up, "self-supervision", loss, seed, {"probe_accuracy": [0.8, jittered]})
    judged = made_up.judged()
    assert judged["sdmi-within-a-point:mnist"].verdict == "supported"
    assert judged["sdmi-within-a-point:mnist"].effect == pytest.approx(0.005)
    assert judged["jmi-within-a-point:mnist"].verdict == "contradicted"


@pytest.mark.parametrize(("order", "verdict"), [(1, "supported"), (-1, "contradicted")])
def test_information_is_asked_whether_it_ranks_methods(
    made_up: Any, order: int, verdict: str
) -> None:
    for seed in made_up.seeds:
        for place, loss in enumerate(NAMED_METHODS):
            curves = {
                "probe_accuracy": [0.8, 0.8 + 0.01 * place],
                # Two of them stand the other way round, in another pair for each seed.
                "information_copula": [0.0, 1.0 + order * (place + 1.5 * (place == seed))],
            }
            run(made_up, "self-supervision", loss, seed, curves)
    claim = made_up.judged()["information-copula-ranks-accuracy:mnist"]
    assert claim.verdict == verdict
    assert claim.effect == pytest.approx(order * (1 - 2 / 21), abs=1e-9)


def test_without_raw_pixels_no_method_is_better_than_they(made_up: Any) -> None:
    for seed in made_up.seeds:
        run(made_up, "self-supervision", "byol", seed, {"probe_accuracy": [0.8, 0.9]})
    claim = made_up.judged()["byol-beats-untrained:mnist"]
    assert (claim.verdict, claim.lacks) == ("inconclusive", "fairness")


def test_agreement_must_fall_as_factors_grow(made_up: Any) -> None:
    for seed in made_up.seeds:
        jitter = made_up.jitter(seed)
        for loss, small, large in (("barlow-twins", 0.8, 0.1), ("vicreg", 0.3, 0.4)):
            curves = {
                "dv_agreement_at_0.001": [0.0, small + jitter],
                "dv_agreement_at_0.3": [0.0, large - jitter],
            }
            run(made_up, "self-supervision", loss, seed, curves)
    judged = made_up.judged()
    assert judged["barlow-twins-agrees-at-small-factors:mnist"].verdict == "supported"
    assert judged["vicreg-agrees-at-small-factors:mnist"].verdict == "contradicted"
    assert judged["vicreg-has-the-gradient-of-dv:mnist"].verdict == "contradicted"


@pytest.mark.parametrize(("largest", "verdict"), [(1e-12, "supported"), (1e-6, "contradicted")])
def test_an_identity_must_hold_at_every_evaluation(
    made_up: Any, largest: float, verdict: str
) -> None:
    for seed in made_up.seeds:
        errors = [largest + made_up.jitter(seed, 1e-13), 0.0]
        run(made_up, "self-supervision", "jmi", seed, {"identity_error": errors})
    assert made_up.judged()["stop-gradient-changes-nothing:mnist"].verdict == verdict


COLLAPSES = ("joint-alone", "predictor-alone", "stop-gradient-alone")


def parts(made_up: Any, sign: int) -> None:
    """Make up runs of parts that collapse, or do not, as is claimed."""
    for seed in made_up.seeds:
        jitter = made_up.jitter(seed, 0.02)
        slope = sign or seed - 1
        for loss in (*COLLAPSES, "simsiam"):
            spread = 0.1 + (0.05 if loss == "simsiam" else -0.05) * slope + jitter * bool(sign)
            curves = {"spread": [0.5, spread], "effective_rank": [9.0, 5.0]}
            run(made_up, "ssl-ablations", loss, seed, curves)
        pairs = (
            *(("sdmi-in-turn", 1), ("sdmi-at-once", 0), ("jmi", 0.5), ("learnt-critic", 0)),
            *(("byol-momentum-0", 0), ("byol-momentum-0.99", 1)),
        )
        for loss, share in pairs:
            accuracy = 0.9 + 0.05 * share * slope + jitter * share * bool(sign)
            run(made_up, "ssl-ablations", loss, seed, {"probe_accuracy": [0.8, accuracy]})


def test_each_claim_on_parts_can_come_out_either_way(made_up: Any, direction: Any) -> None:
    parts(made_up, direction.sign)
    judged = made_up.judged()
    names = [
        *(f"{loss}-collapses" for loss in COLLAPSES),
        *("simsiam-does-not-collapse", "jmi-better-than-learnt-critic"),
        *("sdmi-in-turn-better-than-sdmi-at-once", "sdmi-in-turn-better-than-jmi"),
        "byol-momentum-0.99-better-than-byol-momentum-0",
    ]
    for name in names:
        assert judged[f"{name}:mnist"].verdict == direction.verdict, name
