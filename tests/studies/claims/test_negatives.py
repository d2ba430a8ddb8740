"""Claims about how negatives are drawn, on records that speak for and against them."""

from collections.abc import Mapping

import pandas as pd
import pytest

from infomax.records import Record, Split, records_table
from infomax.studies.claims import judge_claims
from infomax.studies.verdicts import Claim

WAYS = ("in-batch", "uniform", "hard", "semi-hard")
SEEDS = range(5)


def judged(
    values: Mapping[tuple[Split, str], Mapping[str, float]], *, between_seeds: float = 0.001
) -> dict[str, Claim]:
    """Judge runs whose values differ between seeds by that much in all.

    Args:
        values: by split and metric, the value of each way of drawing negatives.
    """
    rows = [
        Record(
            study="negatives",
            dataset="mnist",
            encoder="mlp",
            critic="cosine",
            bound="infonce",
            target=float("nan"),
            loss="",
            negatives=way,
            seed=seed,
            step=100,
            split=split,
            metric=metric,
            value=value + between_seeds * seed / max(SEEDS),
        )
        for (split, metric), of_ways in values.items()
        for way, value in of_ways.items()
        for seed in SEEDS
    ]
    table: pd.DataFrame = records_table(rows)
    return {each.claim.partition(":")[0]: each for each in judge_claims(table)}


def of_ways(*values: float) -> dict[str, float]:
    return dict(zip(WAYS, values, strict=True))


@pytest.mark.parametrize("sign", [1, -1])
def test_each_claim_comes_out_as_the_records_have_it(sign: int) -> None:
    accuracy = of_ways(0.90, 0.90 if sign > 0 else 0.95, 0.90 + 0.02 * sign, 0.90 + 0.04 * sign)
    found = judged(
        {
            ("test", "probe_accuracy"): accuracy,
            ("test", "probe_accuracy_notebook"): accuracy,
            ("train", "estimate_on_negatives"): {
                way: sign * each for way, each in accuracy.items()
            },
            ("test", "bound"): {way: -sign * each for way, each in accuracy.items()},
        },
        between_seeds=0.001 if sign > 0 else 0.2,
    )
    expected = {
        "negatives-move-accuracy": sign,
        "negatives-without-labels-move-accuracy": sign,
        "training-estimate-orders-negatives-as-probe": sign,
        "held-out-bound-orders-negatives-as-probe": -sign,
        "hard-better-than-in-batch": sign,
        "semi-hard-better-than-in-batch": sign,
        "uniform-as-in-batch": sign,
    }
    assert found.keys() == expected.keys()
    for name, side in expected.items():
        assert found[name].verdict == ("supported" if side > 0 else "contradicted"), name


def test_the_best_way_of_each_seed_by_itself_is_no_proof_that_ways_differ() -> None:
    # In each seed another way is best, by far more than seeds differ on average.
    rows = judged({("test", "probe_accuracy"): of_ways(0.9, 0.9, 0.9, 0.9)}, between_seeds=0.01)
    effect = rows["negatives-move-accuracy"].effect
    assert effect == pytest.approx(-0.01)


@pytest.mark.parametrize(
    ("read", "verdicts"),
    [
        ((0.40, 0.20, 0.60), ("supported", "supported", "supported")),
        ((0.42, 0.45, 0.20), ("contradicted", "contradicted", "contradicted")),
    ],
)
def test_estimates_are_set_against_a_known_information(
    read: tuple[float, ...], verdicts: tuple[str, ...]
) -> None:
    ways = ("in-batch", "hard", "semi-hard")
    measured = (
        (100, "train", "estimate_on_negatives", read),
        (0, "test", "true_information", (0.41, 0.41, 0.41)),
    )
    rows = [
        Record(
            study="chosen-negatives",
            dataset="1v1-normal-0.75",
            encoder="identity",
            critic="deep-concat",
            bound="infonce",
            target=float("nan"),
            loss="",
            negatives=way,
            seed=seed,
            step=step,
            split="train" if split == "train" else "test",
            metric=metric,
            value=value + 0.001 * seed * (split == "train"),
        )
        for step, split, metric, values in measured
        for way, value in zip(ways, values, strict=True)
        for seed in SEEDS
    ]
    found = judge_claims(records_table(rows))
    assert tuple(each.verdict for each in found) == verdicts
