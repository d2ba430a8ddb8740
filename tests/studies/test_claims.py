"""Claims on made-up records with a known answer, in each direction."""

import json
import math
from collections.abc import Callable

import pytest

from infomax.records import FAILED, Record, Split, records_table
from infomax.studies.claims import judge_claims
from infomax.studies.verdicts import Claim

Values = dict[tuple[Split, str], float]
SEEDS = (0, 1, 2)


def run(
    values: Values,
    *,
    seed: int,
    study: str = "critics",
    encoder: str = "mlp",
    critic: str = "bilinear",
    estimator: str = "infonce",
    target: float = math.nan,
    step: int = 600,
) -> list[Record]:
    return [
        Record(
            study=study,
            dataset="mnist",
            encoder=encoder,
            critic=critic,
            estimator=estimator,
            target=target,
            seed=seed,
            step=at,
            split=split,
            metric=metric,
            # The start is the same for all; only the end may be judged.
            value=value if at else 0.0,
        )
        for at in (0, step)
        for (split, metric), value in values.items()
    ]


def measured(
    bound: float, held_out: float, accuracy: float, notebook: float | None = None
) -> Values:
    return {
        ("train", "bound"): bound,
        ("test", "bound"): held_out,
        ("test", "probe_accuracy"): accuracy,
        ("test", "probe_accuracy_notebook"): accuracy if notebook is None else notebook,
    }


def jitter(seed: int) -> float:
    return 0.001 * (seed - 1)


def judged(records: list[Record]) -> dict[str, Claim]:
    claims = judge_claims(records_table(records))
    assert len({claim.claim for claim in claims}) == len(claims)
    return {claim.claim: claim for claim in claims}


def critics(concat: Callable[[int], Values], seeds: tuple[int, ...] = SEEDS) -> list[Record]:
    records = []
    for seed in seeds:
        simple = measured(3.0 + jitter(seed), 2.8, 0.90 + jitter(seed))
        records += run(simple, seed=seed, critic="bilinear")
        records += run(simple, seed=seed, critic="separable")
        records += run(concat(seed), seed=seed, critic="concat")
    return records


def test_as_in_the_paper() -> None:
    claims = judged(critics(lambda _: measured(3.5, 3.2, 0.85)))
    for name in ("tighter-train-bound-with-concat", "tighter-test-bound-with-concat"):
        assert claims[f"{name}:infonce"].verdict == "supported"
    accuracy = claims["lower-accuracy-with-concat:infonce"]
    assert accuracy.verdict == "supported"
    assert accuracy.effect == pytest.approx(0.05)
    assert accuracy.seeds == 3
    assert accuracy.steps == 600
    assert claims["training-bound-above-held-out:infonce"].verdict == "supported"


def test_against_the_paper() -> None:
    claims = judged(critics(lambda _: measured(2.5, 2.6, 0.95)))
    tighter = claims["tighter-train-bound-with-concat:infonce"]
    assert tighter.verdict == "contradicted"
    assert tighter.effect == pytest.approx(-0.5)
    assert claims["lower-accuracy-with-concat:infonce"].verdict == "contradicted"


def test_an_interval_that_holds_0_is_inconclusive() -> None:
    claims = judged(critics(lambda seed: measured(3.0 + 0.2 * (seed - 1), 2.8, 0.90)))
    claim = claims["tighter-train-bound-with-concat:infonce"]
    assert claim.verdict == "inconclusive"
    assert claim.ci is not None
    assert claim.ci[0] < 0 < claim.ci[1]


def test_two_seeds_are_too_few() -> None:
    claim = judged(critics(lambda seed: measured(3.5 + jitter(seed), 3.2, 0.85), seeds=(0, 1)))[
        "tighter-train-bound-with-concat:infonce"
    ]
    assert claim.verdict == "inconclusive"
    assert "at least 3" in claim.note
    assert claim.ci is not None


def test_a_seed_with_a_failed_run_is_not_counted() -> None:
    records = critics(lambda _: measured(3.5, 3.2, 0.85), seeds=(0, 1, 2, 3))
    failed = run({("train", FAILED): math.nan}, seed=3, critic="concat", step=700)
    claim = judged(records + failed)["tighter-train-bound-with-concat:infonce"]
    assert claim.seeds == 3
    assert claim.verdict == "supported"


def test_an_infinite_held_out_bound_is_told_and_can_be_written() -> None:
    claim = judged(critics(lambda seed: measured(3.5, -math.inf if seed == 1 else 3.2, 0.85)))[
        "tighter-test-bound-with-concat:infonce"
    ]
    assert claim.verdict == "inconclusive"
    assert claim.effect is None
    assert "not finite" in claim.note
    json.dumps(claim.as_json(), allow_nan=False)


def test_a_disagreement_of_the_notebooks_probe_is_told() -> None:
    claim = judged(critics(lambda _: measured(3.5, 3.2, 0.85, notebook=0.95)))[
        "lower-accuracy-with-concat:infonce"
    ]
    assert claim.verdict == "supported"
    assert "notebook's probe disagrees: contradicted" in claim.note


def matched(accuracies: dict[str, float], bounds: dict[str, float]) -> list[Record]:
    records = []
    for seed in SEEDS:
        for encoder, accuracy in accuracies.items():
            for estimator, shift in (("infonce", 0.0), ("nwj", -0.01)):
                values = measured(bounds[encoder], 1.5, accuracy + shift + jitter(seed) * accuracy)
                records += run(
                    values,
                    seed=seed,
                    study="matched-bound",
                    encoder=encoder,
                    estimator=estimator,
                    target=2.0,
                )
    return records


MATCHED = {"mlp": 2.05, "convnet": 1.9}


def test_a_better_convnet_at_a_matched_bound() -> None:
    claims = judged(matched({"mlp": 0.88, "convnet": 0.95}, MATCHED))
    better = claims["convnet-above-mlp:infonce:2"]
    assert better.verdict == "supported"
    assert better.effect == pytest.approx(0.07)
    outweighs = claims["architecture-outweighs-estimator-and-target"]
    assert outweighs.verdict == "supported"
    assert outweighs.effect == pytest.approx(0.06, abs=1e-3)
    assert "varied here: estimator" in outweighs.note


def test_a_worse_convnet_at_a_matched_bound() -> None:
    claims = judged(matched({"mlp": 0.95, "convnet": 0.88}, MATCHED))
    assert claims["convnet-above-mlp:nwj:2"].verdict == "contradicted"


def test_an_architecture_that_matters_less_than_the_estimator() -> None:
    claims = judged(matched({"mlp": 0.900, "convnet": 0.902}, MATCHED))
    claim = claims["architecture-outweighs-estimator-and-target"]
    assert claim.verdict == "contradicted"
    assert claim.effect == pytest.approx(-0.008, abs=1e-3)


def test_bounds_that_do_not_match_decide_nothing() -> None:
    claims = judged(matched({"mlp": 0.88, "convnet": 0.95}, {"mlp": 2.0, "convnet": 1.2}))
    claim = claims["convnet-above-mlp:infonce:2"]
    assert claim.verdict == "inconclusive"
    assert "convnet reads 1.20 where infonce was to be held at 2 nats" in claim.note
    assert claim.effect == pytest.approx(0.07)


def test_no_records_make_no_claims() -> None:
    assert judge_claims(records_table([])) == []
