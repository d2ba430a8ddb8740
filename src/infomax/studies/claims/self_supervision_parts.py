"""Claims S2, S6 and S9: which part keeps codes from collapsing, and which makes them better."""

import pandas as pd

from infomax.studies.claims.evidence import Evidence, Quantity, compare
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["self_supervision_parts_claims"]

_COLLAPSED = 0.1
"""Spread below which codes count as one: a tenth of what codes all over the sphere have."""

_COLLAPSES = {
    "joint-alone": "The joint term alone",
    "predictor-alone": "A predictor without a stop-gradient",
    "stop-gradient-alone": "A stop-gradient without a predictor",
}
_STAYS = {"simsiam": "A predictor with a stop-gradient"}
_MOMENTA = ("0", "0.9", "0.99", "0.999")
_ACCURACY = Quantity("test", "probe_accuracy")


def self_supervision_parts_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about parts of methods, on the runs of those that are there."""
    present = evidence.levels("loss")
    claims = [
        _spread(evidence, loss, called, collapses=loss in _COLLAPSES)
        for loss, called in {**_COLLAPSES, **_STAYS}.items()
        if loss in present
    ]
    for better, other, sentence in _PAIRS:
        if {better, other} <= {*present}:
            claims.append(_better(evidence, better, other, sentence))
    return [*claims, *_best_momentum(evidence, present)]


_PAIRS = (
    (
        "jmi",
        "learnt-critic",
        "The cosine, a critic that learns nothing, has codes that a linear probe classifies better "
        "than those of a critic that is trained with them.",
    ),
    (
        "sdmi-in-turn",
        "sdmi-at-once",
        "Two encoders that are moved in turn have codes that a linear probe classifies better than "
        "two that are moved at once.",
    ),
    (
        "sdmi-in-turn",
        "jmi",
        "Two encoders that are moved in turn have codes that a linear probe classifies better than "
        "one encoder that is moved by both views.",
    ),
)


def _spread(evidence: Evidence, loss: str, called: str, *, collapses: bool) -> Claim:
    """S2: codes have become one, or have not."""
    comparison = compare(evidence, loss=[loss])
    spread, rank = comparison.measure(
        Quantity("test", "spread"), Quantity("test", "effective_rank")
    )
    values = spread[loss] if loss in spread else pd.Series(dtype=float)
    does = "collapses" if collapses else "does not collapse"
    ranks = f"; effective rank {rank[loss].mean():.1f} on average" if len(values) else ""
    return comparison.judge(
        Statement(
            f"{loss}-{does.replace(' ', '-')}",
            sentence=f"{called} {does}: codes of held-out views {_ends(collapses)}.",
            measured_as=(
                f"{'0.1 minus ' if collapses else ''}mean deviation of the dimensions of codes of "
                "unit length, times the root of their number"
                f"{'' if collapses else ', minus 0.1'}{ranks}"
            ),
            words=_COLLAPSE if collapses else _STAY,
            in_paper=False,
        ),
        _COLLAPSED - values if collapses else values - _COLLAPSED,
    )


def _ends(collapses: bool) -> str:
    return "end as one" if collapses else "keep at least a tenth of the spread of the whole sphere"


_COLLAPSE = Words(
    holds="without predictor, stop-gradient or both codes collapse",
    fails="without predictor, stop-gradient or both codes do not collapse",
    question="do codes collapse without predictor, stop-gradient or both?",
)
_STAY = Words(
    holds="with both they do not",
    fails="with both they collapse too",
    question="do they collapse with both?",
)


def _better(evidence: Evidence, better: str, other: str, sentence: str) -> Claim:
    """S6 and S9: one has better codes than the other."""
    comparison = compare(evidence, loss=[better, other])
    (accuracy,) = comparison.measure(_ACCURACY)
    return comparison.judge(
        Statement(
            f"{better}-better-than-{other}",
            sentence=sentence,
            measured_as=f"test accuracy, {better} minus {other}",
            in_paper=False,
        ),
        accuracy[better] - accuracy[other],
    )


def _best_momentum(evidence: Evidence, present: list[str]) -> list[Claim]:
    """S9: a target that follows slowly has better codes than one that is the network itself."""
    names = {momentum: f"byol-momentum-{momentum}" for momentum in _MOMENTA}
    claims = []
    for momentum, name in names.items():
        if momentum == "0" or not {name, names["0"]} <= {*present}:
            continue
        claims.append(
            _better(
                evidence,
                name,
                names["0"],
                f"A target of momentum {momentum} has codes that a linear probe classifies better "
                "than those of a target that is the network itself, held still.",
            )
        )
    return claims
