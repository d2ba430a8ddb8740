"""InfoNCE with an anchor class beside InfoNCE: is the estimate better, and are codes?"""

import pandas as pd

from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.claims.shared import smallest, under_both_probes
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = ["better_codes_claims", "better_estimate_claims"]

_PLAIN, _ANCHOR = "infonce", "infonce-anchor"
_BOTH = [_PLAIN, _ANCHOR]
_AS_GOOD_WITHIN = 0.01
"""Accuracy, or MAP@R, within which codes count as equally good."""
_NU_WITHIN = 0.2
"""Nats within which estimates of one quantity count as the same, whatever nu is."""

_NEARER = Words(
    holds="with an anchor: {} nearer to the truth",
    fails="with an anchor: {} further from the truth",
    question="with an anchor: is the estimate nearer to the truth?",
)
_BETTER_CODES = Words(
    holds="with an anchor: codes {} better",
    fails="with an anchor: codes {} worse",
    question="with an anchor: are codes better?",
    unit="accuracy",
)


def better_estimate_claims(evidence: Evidence) -> list[Claim]:
    """Judge the estimates of samples whose information is known."""
    both = compare(evidence, bound=_BOTH)
    end, truth = both.measure(
        Quantity("test", "bound"), Quantity("test", "true_information", "start")
    )
    errors = (end - truth).abs()
    return [
        both.judge(
            Statement(
                "anchor-nearer-to-truth",
                sentence=(
                    "With an anchor class the estimate on fresh batches comes nearer to the true "
                    "information than InfoNCE's."
                ),
                measured_as="error of InfoNCE minus that with an anchor, nats",
                words=_NEARER,
                in_paper=False,
            ),
            errors[_PLAIN] - errors[_ANCHOR],
        ),
        both.judge(
            Statement(
                "anchor-not-above-truth",
                sentence=(
                    "With an anchor class, whose estimate is no bound, it still stays below the "
                    "true information."
                ),
                measured_as="true information minus estimate with an anchor, nats",
                in_paper=False,
            ),
            truth[_ANCHOR] - end[_ANCHOR],
        ),
        *_nu_matters_little(evidence),
    ]


def better_codes_claims(evidence: Evidence) -> list[Claim]:
    """Judge the codes of images, and what is read of them."""
    both = compare(evidence, bound=_BOTH)

    def better(metric: str) -> Claim:
        (accuracy,) = both.measure(Quantity("test", metric))
        return both.judge(
            Statement(
                "anchor-codes-better",
                sentence=(
                    "Codes trained by InfoNCE with an anchor class are classified better by a "
                    "linear probe than those of InfoNCE."
                ),
                measured_as="test accuracy, with an anchor minus InfoNCE",
                words=_BETTER_CODES,
                in_paper=False,
            ),
            accuracy[_ANCHOR] - accuracy[_PLAIN],
        )

    return [
        under_both_probes(better),
        _as_good(both, "probe_accuracy", "a linear probe", "accuracy"),
        _as_good(both, "class_map_at_r", "retrieval of their class", "MAP@R"),
        _finds_partners(both, "x_to_y"),
        _finds_partners(both, "y_to_x"),
        _nearer_to_independent(both),
        *_nu_matters_little(evidence),
    ]


def _as_good(both: Comparison, metric: str, by: str, measure: str) -> Claim:
    (found,) = both.measure(Quantity("test", metric))
    name = metric.replace("_", "-")
    return both.judge(
        Statement(
            f"anchor-as-good-by-{name}",
            sentence=(
                f"By {by}, codes trained with an anchor class and those of InfoNCE are equally "
                f"good, within {_AS_GOOD_WITHIN:g}."
            ),
            measured_as=f"{_AS_GOOD_WITHIN:g} minus the difference of {measure}, whichever way",
            allowed=_AS_GOOD_WITHIN,
            in_paper=False,
        ),
        _AS_GOOD_WITHIN - (found[_ANCHOR] - found[_PLAIN]).abs(),
    )


def _finds_partners(both: Comparison, way: str) -> Claim:
    """Judge how often critics rank partners first, the way that they were trained or the other."""
    (found,) = both.measure(Quantity("test", f"partner_recall_at_1_{way}"))
    trained = way == "x_to_y"
    told = (
        "from x to y, which InfoNCE is trained for"
        if trained
        else "from y to x, for which InfoNCE leaves a function of x in the way"
    )
    return both.judge(
        Statement(
            f"anchor-finds-partners-{way.replace('_', '-')}",
            sentence=(
                "The critic that was trained with an anchor class ranks partners first more often "
                f"than that of InfoNCE {told}."
            ),
            measured_as="R@1 among all held-out partners, with an anchor minus InfoNCE",
            in_paper=False,
        ),
        found[_ANCHOR] - found[_PLAIN],
    )


def _nearer_to_independent(both: Comparison) -> Claim:
    end, independent = both.measure(
        Quantity("test", "bound"), Quantity("test", "information_critic")
    )
    errors = (end - independent).abs()
    return both.judge(
        Statement(
            "anchor-nearer-to-independent-estimate",
            sentence=(
                "On held-out pairs the estimate with an anchor class lies nearer than InfoNCE's to "
                "an independent estimate of what its codes share."
            ),
            measured_as="distance of InfoNCE minus that with an anchor, nats",
            in_paper=False,
        ),
        errors[_PLAIN] - errors[_ANCHOR],
    )


def _nu_matters_little(evidence: Evidence) -> list[Claim]:
    """Judge the weights nu, where several were trained."""
    levels = [bound for bound in evidence.levels("bound") if bound.startswith(_ANCHOR)]
    if len(levels) < 2:
        return []
    comparison = compare(evidence, bound=levels)
    (end,) = comparison.measure(Quantity("test", "bound"))
    spread: pd.Series = end.max(axis=1, skipna=False) - smallest(end)
    return [
        comparison.judge(
            Statement(
                "nu-matters-little",
                sentence=(
                    "The estimate with an anchor class is the same, within "
                    f"{_NU_WITHIN:g} nats, whether nu is 0.1, 1 or 10."
                ),
                measured_as=f"{_NU_WITHIN:g} minus the widest difference between them, nats",
                allowed=_NU_WITHIN,
                in_paper=False,
            ),
            _NU_WITHIN - spread,
        )
    ]
