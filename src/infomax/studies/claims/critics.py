"""Figure 3: whether a critic with a tighter bound has the better codes."""

from infomax.records import Split
from infomax.studies.claims.comparison import Comparison, Quantity, compare
from infomax.studies.claims.evidence import Evidence
from infomax.studies.claims.k_pair import infonce_is_k_pair_loss
from infomax.studies.claims.second_opinion import under_both_probes
from infomax.studies.claims.shared import smallest, training_bound_flatters
from infomax.studies.verdicts import Claim, Words

__all__ = ["critics_claims"]

_SIMPLE_CRITICS = ["bilinear", "separable"]
_ALL_CRITICS = [*_SIMPLE_CRITICS, "concat"]
_TIGHTER = Words(
    holds="concat critic: bound {} tighter",
    fails="concat critic: bound {} looser",
    question="concat critic: is its bound tighter?",
)
_WORSE = Words(
    holds="codes {} worse",
    fails="codes {} better than the worst",
    question="are its codes worse?",
    unit="accuracy",
)


def critics_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about critics of growing capacity on the same encoders."""
    claims = []
    for bound, part in evidence.bounds():
        critics = compare(part, critic=_ALL_CRITICS)
        claims += [
            _concat_bound(critics, bound, split="train"),
            _concat_bound(critics, bound, split="test"),
            _concat_accuracy(critics, bound),
            training_bound_flatters(
                critics,
                bound,
                name="training-bound-above-held-out",
                every="critic",
                smallest_of="critics",
            ),
        ]
        # Measured of the bound that equals it alone.
        if part.measures("k_pair_loss"):
            claims.append(infonce_is_k_pair_loss(part))
    return claims


def _concat_bound(critics: Comparison, bound: str, *, split: Split) -> Claim:
    (bounds,) = critics.measure(Quantity(split, "bound"))
    where = "training batches" if split == "train" else "held-out pairs"
    return critics.judge(
        f"tighter-{split}-bound-with-concat",
        sentence=(
            f"Trained by {bound}, the concat critic reaches a tighter bound on {where} than "
            "the bilinear and the separable critic."
        ),
        effects=bounds["concat"] - bounds[_SIMPLE_CRITICS].max(axis=1, skipna=False),
        measured_as=f"bound on {where}, concat minus the better of the other two, nats",
        # The paper shows no other bound than that on training batches.
        words=_TIGHTER if split == "train" else None,
    )


def _concat_accuracy(critics: Comparison, bound: str) -> Claim:
    def judged(metric: str) -> Claim:
        (accuracy,) = critics.measure(Quantity("test", metric))
        return critics.judge(
            "lower-accuracy-with-concat",
            sentence=(
                f"Trained by {bound}, codes from the concat critic are classified worse by a "
                "linear probe than those from the bilinear and the separable critic."
            ),
            effects=smallest(accuracy[_SIMPLE_CRITICS]) - accuracy["concat"],
            measured_as="test accuracy, the worse of the other two minus concat",
            words=_WORSE,
        )

    return under_both_probes(judged)
