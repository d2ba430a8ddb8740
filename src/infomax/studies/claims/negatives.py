"""Section 4: whether how negatives are drawn moves codes, and whether the bound tells."""

import numpy as np
import pandas as pd

from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.claims.shared import smallest, under_both_probes
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["chosen_negatives_claims", "negatives_claims"]

_IN_BATCH = "in-batch"
_BY_LABELS = "other-classes"
_MOVES = Words(
    holds="way of drawing negatives: moves accuracy by {} more than seeds do",
    fails="way of drawing negatives: moves accuracy by {} less than seeds do",
    question="does the way of drawing negatives move accuracy more than seeds do?",
    unit="accuracy",
)


def negatives_claims(evidence: Evidence) -> list[Claim]:
    """Judge the claims about encoders that differ in how their negatives were drawn."""
    ways = evidence.levels("negatives")
    if len(ways) < 2 or _IN_BATCH not in ways:
        return []
    comparison = compare(evidence, negatives=ways)
    without_labels = [way for way in ways if way != _BY_LABELS]
    of_these = compare(evidence, negatives=without_labels)
    claims = [
        under_both_probes(lambda metric: _moves_accuracy(comparison, metric)),
        under_both_probes(lambda metric: _moves_accuracy(of_these, metric, labels=False)),
        _orders(
            comparison,
            Quantity("train", "estimate_on_negatives"),
            "training-estimate-orders-negatives-as-probe",
            "what training reads on its own negatives",
        ),
        _orders(
            comparison,
            Quantity("test", "bound"),
            "held-out-bound-orders-negatives-as-probe",
            "the bound on held-out pairs",
        ),
    ]
    claims += [
        _better_than_in_batch(comparison, way)
        for way in ("hard", "semi-hard", "debiased", _BY_LABELS)
        if way in ways
    ]
    if "uniform" in ways:
        claims.append(_same_as_in_batch(comparison))
    return claims


def _moves_accuracy(comparison: Comparison, metric: str, *, labels: bool = True) -> Claim:
    (accuracy,) = comparison.measure(Quantity("test", metric))
    # The best and the worst way are named by the other seeds: of each by itself, the largest of
    # several values would be above the smallest whatever is drawn.
    others = (accuracy.sum() - accuracy) / max(len(accuracy) - 1, 1)
    complete = others.notna().all(axis=1)
    by_others, own = others[complete].to_numpy(), accuracy[complete].to_numpy()
    rows = np.arange(len(own))
    best, worst = own[rows, by_others.argmax(axis=1)], own[rows, by_others.argmin(axis=1)]
    between_ways = pd.Series(best - worst, index=accuracy.index[complete], dtype=float)
    between_seeds = float((accuracy.max() - accuracy.min()).max())
    return comparison.judge(
        Statement(
            f"negatives-{'' if labels else 'without-labels-'}move-accuracy",
            sentence=(
                f"How negatives are drawn{'' if labels else ', without labels,'} moves the "
                "accuracy of a linear probe by more than the seed does."
            ),
            measured_as=(
                "test accuracy of the way that is best in the other seeds minus that of the worst, "
                "less the largest difference of two seeds of one way"
            ),
            words=_MOVES if labels else None,
            in_paper=labels,
        ),
        between_ways - between_seeds,
    )


def _orders(comparison: Comparison, estimate: Quantity, name: str, called: str) -> Claim:
    estimates, accuracy = comparison.measure(estimate, Quantity("test", "probe_accuracy"))
    ranks = (table.rank(axis=1) for table in (estimates, accuracy))
    first, second = ranks
    return comparison.judge(
        Statement(
            name,
            sentence=(
                f"The higher {called}, the better the codes: it orders the ways of drawing "
                "negatives as a linear probe does."
            ),
            measured_as="Spearman's rank correlation over ways, within each seed",
            in_paper=False,
        ),
        first.corrwith(second, axis=1),
    )


def _better_than_in_batch(comparison: Comparison, way: str) -> Claim:
    def judged(metric: str) -> Claim:
        (accuracy,) = comparison.measure(Quantity("test", metric))
        return comparison.judge(
            Statement(
                f"{way}-better-than-in-batch",
                sentence=(
                    f"Trained with {way} negatives, codes are classified better by a linear probe "
                    "than with every other pair of the batch."
                ),
                measured_as=f"test accuracy, {way} minus in-batch",
                in_paper=False,
            ),
            _column(accuracy, way) - _column(accuracy, _IN_BATCH),
        )

    return under_both_probes(judged)


_SAME = 0.01


def _same_as_in_batch(comparison: Comparison) -> Claim:
    (accuracy,) = comparison.measure(Quantity("test", "probe_accuracy"))
    apart = (_column(accuracy, "uniform") - _column(accuracy, _IN_BATCH)).abs()
    return comparison.judge(
        Statement(
            "uniform-as-in-batch",
            sentence=(
                "Negatives that are drawn uniformly from all training pairs give the same codes as "
                "those of the batch: both are independent draws."
            ),
            measured_as=f"{_SAME:g} minus the difference of both in test accuracy",
            in_paper=False,
            allowed=_SAME,
        ),
        _SAME - apart,
    )


def chosen_negatives_claims(evidence: Evidence) -> list[Claim]:
    """Judge whether estimates on negatives of their own stay below a known information."""
    found = set(evidence.levels("negatives"))
    return [
        _against_truth(evidence, way, above=above)
        for way, above in ((_IN_BATCH, False), ("hard", False), ("semi-hard", True))
        if way in found
    ]


def _against_truth(evidence: Evidence, way: str, *, above: bool) -> Claim:
    comparison = compare(evidence, negatives=[way])
    end, truth = comparison.measure(
        Quantity("train", "estimate_on_negatives"), Quantity("test", "true_information", "start")
    )
    side = "exceeds" if above else "stays below"
    return comparison.judge(
        Statement(
            f"estimate-on-{way}-negatives-{'above' if above else 'below'}-information",
            sentence=f"What training reads on {way} negatives {side} the true information.",
            measured_as=(
                "estimate of training, as its mean since the evaluation before, "
                f"{'minus' if above else 'below'} the true information, nats"
            ),
            words=_CHOSEN_WORDS[way],
            in_paper=False,
        ),
        smallest(end - truth if above else truth - end),
    )


_CHOSEN_WORDS = {
    way: Words(
        holds=f"{way} negatives: {{}} {side} the truth",
        fails=f"{way} negatives: {{}} {other} the truth",
        question=f"{way} negatives: is the estimate {side} the truth?",
    )
    for way, side, other in (
        (_IN_BATCH, "below", "above"),
        ("hard", "below", "above"),
        ("semi-hard", "above", "below"),
    )
}


def _column(table: pd.DataFrame, way: str) -> pd.Series:
    """Return the values of one way of drawing negatives, which is the only factor."""
    chosen: pd.Series = table[way]
    return chosen
