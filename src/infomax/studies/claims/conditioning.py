"""Figure 2: whether training prefers encoders that are hard to invert."""

from infomax.studies.claims.comparison import Quantity
from infomax.studies.claims.evidence import Evidence
from infomax.studies.claims.shared import (
    accuracy_rises,
    bound_rises,
    each_encoder,
    smallest,
    training_bound_flatters,
)
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["conditioning_claims"]

_KIND = "residual"
_CONDITION = Words(
    holds="harder to invert: the condition number grows {}",
    fails="easier to invert: the condition number falls {}",
    question="does the encoder become harder to invert?",
    unit="factor",
)


def conditioning_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about an encoder that starts near the identity."""
    claims = []
    for bound, part in evidence.bounds():
        claims += [
            bound_rises(part, bound, kind=_KIND, split="train"),
            bound_rises(part, bound, kind=_KIND, split="test"),
            accuracy_rises(part, bound, kind=_KIND),
            _condition_number_grows(part, bound),
            training_bound_flatters(
                each_encoder(part),
                bound,
                name="training-bound-above-held-out-with-residual-encoder",
            ),
        ]
    return claims


def _condition_number_grows(evidence: Evidence, bound: str) -> Claim:
    comparison = each_encoder(evidence)
    median = "log_condition_number_p50"
    start, end = comparison.measure(Quantity("train", median, "start"), Quantity("train", median))
    return comparison.judge(
        Statement(
            "condition-number-grows",
            sentence=(
                f"Trained by {bound}, the residual encoder becomes harder to invert: the "
                "condition number of its Jacobian grows."
            ),
            measured_as=(
                "median log condition number over a batch, after training minus before, nats"
            ),
            words=_CONDITION,
        ),
        smallest(end - start),
    )
