"""Claims on encoders at a matched bound, in each direction."""

from typing import Any

import pytest

MATCHED = {"mlp": 2.05, "convnet": 1.9}
OUTWEIGHS = "architecture-outweighs-bound-and-target:mnist"
FLATTERS = "training-bound-above-held-out-when-matched:mnist:infonce"


def matched(
    made_up: Any,
    accuracies: dict[str, float],
    bounds: dict[str, float],
    *,
    held_out: float = 1.5,
    notebook: dict[str, float] | None = None,
    relative_jitter: float = 1e-3,
    convnet_jitter: float = 0.0,
) -> None:
    for seed in made_up.seeds:
        for encoder, accuracy in accuracies.items():
            for bound, shift in (("infonce", 0.0), ("nwj", -0.01)):
                ours = accuracy * (1 + made_up.jitter(seed, relative_jitter)) + shift
                if encoder == "convnet":
                    ours += made_up.jitter(seed, convnet_jitter)
                finals = {
                    ("train", "bound"): bounds[encoder],
                    ("test", "bound"): held_out + made_up.jitter(seed),
                    ("test", "probe_accuracy"): ours,
                    ("test", "probe_accuracy_notebook"): (
                        notebook[encoder] + shift if notebook else ours
                    ),
                }
                made_up.run(
                    "matched-bound",
                    {name: [0.0, 0.0, value] for name, value in finals.items()},
                    seed=seed,
                    encoder=encoder,
                    bound=bound,
                    target=2.0,
                )


def test_a_better_convnet_at_a_matched_bound(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.88, "convnet": 0.95}, MATCHED)
    claims = made_up.judged()
    better = claims["convnet-above-mlp:mnist:infonce:2"]
    assert better.verdict == "supported"
    assert better.effect == pytest.approx(0.07)
    outweighs = claims[OUTWEIGHS]
    assert outweighs.verdict == "supported"
    assert outweighs.effect == pytest.approx(0.06, abs=1e-3)
    assert "varied here: bound" in outweighs.note


def test_a_worse_convnet_at_a_matched_bound(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.95, "convnet": 0.88}, MATCHED)
    assert made_up.judged()["convnet-above-mlp:mnist:nwj:2"].verdict == "contradicted"


def test_a_convnet_that_cannot_be_told_from_the_mlp(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.9, "convnet": 0.9}, MATCHED, convnet_jitter=0.01)
    assert made_up.judged()["convnet-above-mlp:mnist:nwj:2"].verdict == "inconclusive"


def test_an_architecture_that_matters_less_than_the_estimator(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.900, "convnet": 0.902}, MATCHED)
    claim = made_up.judged()[OUTWEIGHS]
    assert claim.verdict == "contradicted"
    assert claim.effect == pytest.approx(-0.008, abs=1e-3)


def test_an_architecture_that_matters_as_much_as_the_estimator(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.90, "convnet": 0.91}, MATCHED, convnet_jitter=0.005)
    claim = made_up.judged()[OUTWEIGHS]
    assert claim.verdict == "inconclusive"
    assert claim.seeds == 3


def test_bounds_that_do_not_match_decide_nothing(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.88, "convnet": 0.95}, {"mlp": 2.0, "convnet": 1.2})
    claims = made_up.judged()
    claim = claims["convnet-above-mlp:mnist:infonce:2"]
    assert claim.verdict == "inconclusive"
    assert "convnet reads 1.20 where infonce was to be held at 2 nats" in claim.note
    assert claim.effect == pytest.approx(0.07)
    assert claims[OUTWEIGHS].verdict == "inconclusive"


def test_the_notebooks_probe_may_disagree(made_up: Any) -> None:
    better, worse = {"mlp": 0.88, "convnet": 0.95}, {"mlp": 0.95, "convnet": 0.88}
    matched(made_up, better, MATCHED, notebook=worse)
    claims = made_up.judged()
    assert claims["convnet-above-mlp:mnist:infonce:2"].verdict == "supported"
    assert "probe disagrees: contradicted" in claims["convnet-above-mlp:mnist:infonce:2"].note
    assert "disagrees" not in claims[OUTWEIGHS].note, "it matters as much, the other way"


def test_the_training_bound_beside_the_held_out_one(made_up: Any, direction: Any) -> None:
    matched(
        made_up,
        {"mlp": 0.88, "convnet": 0.95},
        {"mlp": 2.05, "convnet": 2.0},
        held_out=2.0 - 0.3 * direction.sign,
    )
    claim = made_up.judged()[FLATTERS]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.3 * direction.sign), "that of the ConvNet is smallest"
    assert claim.sentence.endswith("for every encoder and target.")


def test_one_architecture_alone_decides_nothing(made_up: Any) -> None:
    matched(made_up, {"mlp": 0.88}, MATCHED)
    claims = made_up.judged()
    assert {claims[name].seeds for name in (OUTWEIGHS, FLATTERS)} == {0}
    assert claims["convnet-above-mlp:mnist:nwj:2"].effect is None


def test_nothing_else_varied_leaves_nothing_to_outweigh(made_up: Any) -> None:
    for seed in made_up.seeds:
        for encoder in ("mlp", "convnet"):
            curves = {("test", "probe_accuracy"): [0.0, 0.9], ("train", "bound"): [0.0, 2.0]}
            made_up.run("matched-bound", curves, seed=seed, encoder=encoder, target=2.0)
    claim = made_up.judged()[OUTWEIGHS]
    assert claim.effect is None
    assert "neither bound nor target" in claim.note
