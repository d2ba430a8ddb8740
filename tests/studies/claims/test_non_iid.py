"""Claims on negatives that are not i.i.d., in each direction."""

from typing import Any

import pytest

TRUTH = 0.0204
BELOW = "iid-estimate-below-information:gaussian-iid"
ABOVE = "dependent-estimate-above-information:gaussian-dependent"


def sampled(
    made_up: Any, dataset: str, end: float, *, smoothed: float | None = None
) -> dict[str, Any]:
    for seed in made_up.seeds:
        for bound in ("infonce", "nwj"):
            final = end + made_up.jitter(seed, 1e-4)
            shown = final if smoothed is None else smoothed + made_up.jitter(seed, 1e-4)
            made_up.run(
                "non-iid",
                {
                    ("test", "bound"): [-0.5, 0.3, final],
                    ("train", "bound_smoothed"): [-0.5, 0.3, shown],
                    # The truth does not change, so it is recorded once.
                    ("test", "true_information"): [TRUTH],
                },
                seed=seed,
                dataset=dataset,
                encoder="identity",
                critic="deep-concat",
                bound=bound,
            )
    claims: dict[str, Any] = made_up.judged()
    return claims


@pytest.mark.parametrize("bound", ["infonce", "nwj"])
def test_iid_batches(made_up: Any, direction: Any, bound: str) -> None:
    claims = sampled(made_up, "gaussian-iid", TRUTH - 0.01 * direction.sign)
    assert set(claims) == {f"{BELOW}:infonce", f"{BELOW}:nwj"}
    claim = claims[f"{BELOW}:{bound}"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.01 * direction.sign)
    assert claim.dataset == "gaussian-iid"
    assert claim.figure == "fig4c"


@pytest.mark.parametrize("bound", ["infonce", "nwj"])
def test_dependent_batches(made_up: Any, direction: Any, bound: str) -> None:
    claims = sampled(made_up, "gaussian-dependent", TRUTH + 0.4 * direction.sign)
    assert set(claims) == {f"{ABOVE}:infonce", f"{ABOVE}:nwj"}
    claim = claims[f"{ABOVE}:{bound}"]
    assert claim.verdict == direction.verdict
    assert claim.effect == pytest.approx(0.4 * direction.sign)


def test_both_samplings_are_judged_apart(made_up: Any) -> None:
    sampled(made_up, "gaussian-iid", TRUTH - 0.01)
    claims = sampled(made_up, "gaussian-dependent", TRUTH + 0.4)
    assert len(claims) == 4
    assert {claim.verdict for claim in claims.values()} == {"supported"}


def test_a_disagreement_of_the_smoothed_curve_is_told(made_up: Any) -> None:
    claim = sampled(made_up, "gaussian-iid", TRUTH - 0.01, smoothed=TRUTH + 0.02)[
        f"{BELOW}:infonce"
    ]
    assert claim.verdict == "supported"
    assert claim.note.endswith(
        "The smoothed training curve disagrees: contradicted, effect -0.0200"
    )


def test_a_distribution_that_the_paper_does_not_have_is_not_judged(made_up: Any) -> None:
    assert sampled(made_up, "gaussian-of-my-own", 1.0) == {}
