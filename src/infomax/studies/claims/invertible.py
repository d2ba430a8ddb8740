"""Figures 1 and 2: encoders that keep, or could keep, all information.

- Figures 1a and 1b: what rises when a bijective encoder is trained.
- Figure 1c: how bad codes become that keep all information.
- Figure 2: whether training prefers encoders that are hard to invert.
"""

import pandas as pd

from infomax.studies.claims.evidence import Evidence, Quantity
from infomax.studies.claims.shared import (
    NO_RAW_PIXELS,
    accuracy_rises,
    bound_rises,
    each_encoder,
    smallest,
    stays_invertible,
    training_bound_flatters,
    under_both_probes,
)
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = [
    "adversarial_claims",
    "bijective_claims",
    "conditioning_claims",
]

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
                part, bound, kind="bijective", split="train", although=_ALTHOUGH, words=_ESTIMATE
            ),
            bound_rises(part, bound, kind="bijective", split="test", although=_ALTHOUGH),
            accuracy_rises(part, bound, kind="bijective"),
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


_TRAINED = "Trained against a linear classifier of its codes, the bijective encoder"
_CODES = Words(
    holds="codes {} worse than raw pixels",
    fails="codes {} better than raw pixels",
    question="are codes worse than raw pixels?",
    unit="accuracy",
)
_INVERTIBLE = Words(
    holds="all information kept",
    fails="views come back with errors beyond 10⁻⁶",
    question="is all information kept?",
)


def adversarial_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about a bijective encoder that is trained to make its codes useless."""
    return [
        _below_raw_pixels(evidence),
        _falls(evidence),
        stays_invertible(
            evidence,
            name="adversarial-encoder-stays-invertible",
            sentence=(
                f"{_TRAINED} stays invertible: in double precision, views are reconstructed from "
                "their codes."
            ),
            metric="reconstruction_error_float64",
            within=1e-6,
            words=_INVERTIBLE,
        ),
    ]


def _below_raw_pixels(evidence: Evidence) -> Claim:
    comparison = each_encoder(evidence)

    def judged(metric: str) -> Claim:
        pixels = evidence.raw_pixels(metric)
        (end,) = comparison.measure(Quantity("test", metric))
        nothing = pd.Series(dtype=float)
        return comparison.judge(
            Statement(
                "adversarial-accuracy-below-raw-pixels",
                sentence=f"{_TRAINED} ends with codes that a linear probe classifies worse than "
                "raw pixels.",
                measured_as="test accuracy, raw pixels minus codes after training",
                words=_CODES,
            ),
            nothing if pixels is None else smallest(pixels - end),
            unfair_because=NO_RAW_PIXELS if pixels is None else "",
        )

    return under_both_probes(judged)


def _falls(evidence: Evidence) -> Claim:
    comparison = each_encoder(evidence)

    def judged(metric: str) -> Claim:
        start, end = comparison.measure(Quantity("test", metric, "start"), Quantity("test", metric))
        return comparison.judge(
            Statement(
                "adversarial-accuracy-falls",
                sentence=f"{_TRAINED} ends with codes that a linear probe classifies worse than "
                "before training.",
                measured_as="test accuracy, before training minus after",
            ),
            smallest(start - end),
        )

    return under_both_probes(judged)


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
            bound_rises(part, bound, kind="residual", split="train"),
            bound_rises(part, bound, kind="residual", split="test"),
            accuracy_rises(part, bound, kind="residual"),
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
