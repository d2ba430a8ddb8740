"""Figures 4a and 4b: what sets codes apart when the bound is held equal."""

import pandas as pd

from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.claims.shared import training_bound_flatters, under_both_probes
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["matched_bound_claims"]

_MATCHED_WITHIN = 0.25
"""Nats between a run's bound and its target within which the two count as matched."""

_ENCODERS = ["mlp", "convnet"]
_SAME_BOUND = Words(
    holds="same bound, different accuracy: the ConvNet is {} better",
    fails="same bound, different accuracy: the ConvNet is {} worse",
    question="at the same bound, does the ConvNet do better?",
    unit="accuracy",
)


def matched_bound_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about encoders whose bound is held at one value."""
    claims = []
    for bound, part in evidence.bounds():
        for target, at_target in part.targets():
            claims.append(_convnet_above_mlp(at_target, bound, target))
        claims.append(
            training_bound_flatters(
                compare(part, encoder=_ENCODERS, target=part.levels("target")),
                bound,
                name="training-bound-above-held-out-when-matched",
                every="encoder and target",
                smallest_of="encoders and targets",
            )
        )
    claims.append(_architecture_outweighs(evidence))
    return claims


def _convnet_above_mlp(evidence: Evidence, bound: str, target: float) -> Claim:
    comparison = compare(evidence, encoder=_ENCODERS)

    def judged(metric: str) -> Claim:
        (accuracy,) = comparison.measure(Quantity("test", metric))
        return comparison.judge(
            Statement(
                "convnet-above-mlp",
                sentence=(
                    f"Held at {target:g} nats of {bound}, the ConvNet's codes are classified "
                    "better by a linear probe than the MLP's."
                ),
                measured_as="test accuracy, ConvNet minus MLP",
                words=_SAME_BOUND,
            ),
            accuracy["convnet"] - accuracy["mlp"],
            unfair_because=_unmatched(comparison),
        )

    return under_both_probes(judged)


def _architecture_outweighs(evidence: Evidence) -> Claim:
    others = {factor: evidence.levels(factor) for factor in ("bound", "target")}
    factors = [factor for factor, levels in others.items() if len(levels) > 1]
    varied = " and ".join(factors) or "neither bound nor target"
    comparison = compare(evidence, encoder=_ENCODERS, **others)

    def judged(metric: str) -> Claim:
        (accuracy,) = comparison.measure(Quantity("test", metric))
        effects = pd.Series(dtype=float)
        if factors:
            spreads = pd.concat([_spread(accuracy, factor) for factor in factors], axis=1)
            # Of two encoders, the spread is how far they are apart.
            effects = _spread(accuracy, "encoder") - spreads.max(axis=1)
        return comparison.judge(
            Statement(
                "architecture-outweighs-bound-and-target",
                sentence=(
                    "The architecture of the encoder changes the accuracy of the codes more than "
                    "the bound and the target do."
                ),
                measured_as=(
                    "test accuracy, |ConvNet minus MLP| minus the larger change by another factor "
                    f"(varied here: {varied})"
                ),
            ),
            effects,
            unfair_because=_unmatched(comparison),
        )

    return under_both_probes(judged)


def _spread(accuracy: pd.DataFrame, factor: str) -> pd.Series:
    """Return how far apart the levels of a factor are in each seed, over all other factors."""
    means = accuracy.T.groupby(level=factor).mean()
    return means.max() - means.min()


def _unmatched(comparison: Comparison) -> str:
    """Say which encoders did not reach their target; nothing if all did."""
    bounds = comparison.rows(Quantity("train", "bound"))
    means = bounds.groupby(["encoder", "bound", "target"], as_index=False)["value"].mean()
    label = comparison.evidence.label
    missed = [
        f"{encoder} reads {value:.2f} where {label(bound)} was to be held at {target:g} nats"
        for encoder, bound, target, value in means.itertuples(index=False, name=None)
        if not abs(value - target) <= _MATCHED_WITHIN
    ]
    return f"the bounds are not matched: {'; '.join(missed)}" if missed else ""
