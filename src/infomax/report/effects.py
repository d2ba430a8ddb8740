"""The effect of a claim, as people read it."""

from infomax.report.formatting import interval, signed
from infomax.studies.verdicts import Claim

__all__ = ["shown_effect"]

# Accuracies differ in the third decimal, nats in the second, two forms of one sum in the last.
_DECIMALS: dict[float, int | None] = {1e-3: None, 0.1: 4, 1.0: 3}


def shown_effect(claim: Claim) -> str:
    """Return a claim's effect and its interval, or that there is none."""
    if claim.effect is None:
        return "not measured"
    largest = max(abs(value) for value in (claim.effect, *(claim.ci or ())))
    decimals = next((shown for below, shown in _DECIMALS.items() if largest < below), 2)
    shown = signed(claim.effect, decimals)
    return f"{shown} {interval(*claim.ci, decimals)}" if claim.ci else shown
