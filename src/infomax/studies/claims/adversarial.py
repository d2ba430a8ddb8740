"""Figure 1c: how bad codes become that keep all information."""

import pandas as pd

from infomax.studies.claims.comparison import Quantity
from infomax.studies.claims.evidence import Evidence
from infomax.studies.claims.shared import (
    NO_RAW_PIXELS,
    each_encoder,
    smallest,
    stays_invertible,
    under_both_probes,
)
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["adversarial_claims"]

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
