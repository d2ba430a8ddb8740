"""Figures 1a and 1b: what rises when a bijective encoder is trained."""

from infomax.studies.claims.evidence import Evidence
from infomax.studies.claims.shared import (
    accuracy_rises,
    bound_rises,
    each_encoder,
    stays_invertible,
    training_bound_flatters,
)
from infomax.studies.verdicts import Claim, Words

__all__ = ["bijective_claims"]

_KIND = "bijective"
_ALTHOUGH = ", though the information between its codes cannot change"
_ESTIMATE = Words(
    holds="the estimate rises by {}, the information cannot",
    fails="the estimate falls by {}, the information cannot",
    question="does the estimate rise, though the information cannot?",
)


def bijective_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about bijective encoders that are trained to maximise a bound."""
    claims = []
    for bound, part in evidence.bounds():
        claims += [
            bound_rises(
                part, bound, kind=_KIND, split="train", although=_ALTHOUGH, words=_ESTIMATE
            ),
            bound_rises(part, bound, kind=_KIND, split="test", although=_ALTHOUGH),
            accuracy_rises(part, bound, kind=_KIND),
            stays_invertible(
                part,
                name="bijective-encoder-stays-invertible",
                sentence=(
                    f"Trained by {bound}, the bijective encoder stays invertible: views are "
                    "reconstructed from their codes in the precision of training."
                ),
                metric="reconstruction_error",
                within=1e-4,
            ),
            training_bound_flatters(
                each_encoder(part),
                bound,
                name="training-bound-above-held-out-with-bijective-encoder",
            ),
        ]
    return claims
