"""Figure 3: whether a critic with a tighter bound has the better codes, and section 4 beside it."""

import pandas as pd

from infomax.records import RUN_COLUMNS, Split
from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.claims.shared import smallest, training_bound_flatters, under_both_probes
from infomax.studies.verdicts import Claim, Statement, Words

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

_EVALUATION = [*RUN_COLUMNS, "step", "split"]
_ROUNDING = 1e-4
"""Nats; an estimate of several nats in single precision is off by a hundredth of this."""


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
            claims.append(_is_k_pair_loss(part))
    return claims


def _concat_bound(critics: Comparison, bound: str, *, split: Split) -> Claim:
    (bounds,) = critics.measure(Quantity(split, "bound"))
    where = "training batches" if split == "train" else "held-out pairs"
    return critics.judge(
        Statement(
            f"tighter-{split}-bound-with-concat",
            sentence=(
                f"Trained by {bound}, the concat critic reaches a tighter bound on {where} than "
                "the bilinear and the separable critic."
            ),
            measured_as=f"bound on {where}, concat minus the better of the other two, nats",
            # The paper shows no other bound than that on training batches.
            words=_TIGHTER if split == "train" else None,
            in_paper=split == "train",
        ),
        bounds["concat"] - bounds[_SIMPLE_CRITICS].max(axis=1, skipna=False),
    )


def _concat_accuracy(critics: Comparison, bound: str) -> Claim:
    def judged(metric: str) -> Claim:
        (accuracy,) = critics.measure(Quantity("test", metric))
        return critics.judge(
            Statement(
                "lower-accuracy-with-concat",
                sentence=(
                    f"Trained by {bound}, codes from the concat critic are classified worse by a "
                    "linear probe than those from the bilinear and the separable critic."
                ),
                measured_as="test accuracy, the worse of the other two minus concat",
                words=_WORSE,
            ),
            smallest(accuracy[_SIMPLE_CRITICS]) - accuracy["concat"],
        )

    return under_both_probes(judged)


def _is_k_pair_loss(evidence: Evidence) -> Claim:
    """Judge whether InfoNCE and the k-pair loss of the same batches add up to log K.

    It is an identity, so it must hold in every run at every evaluation, and no run is compared with
    another: seeds count whatever steps their runs stand at.

    Args:
        evidence: on runs trained by InfoNCE.
    """
    together = (
        _measured(evidence.runs, "bound")
        .merge(_measured(evidence.runs, "k_pair_loss"), on=_EVALUATION)
        .merge(_measured(evidence.runs, "log_batch_size"), on=_EVALUATION)
    )
    apart = (
        together["log_batch_size value"] - together["bound value"] - together["k_pair_loss value"]
    )
    largest = [
        float(of_seed.max(skipna=False)) for _, of_seed in apart.abs().groupby(together["seed"])
    ]
    return evidence.judge(
        Statement(
            "infonce-is-k-pair-loss",
            sentence=(
                "InfoNCE is the log of the batch size minus the multi-class k-pair loss, a loss of "
                "metric learning: they are one objective."
            ),
            measured_as=(
                f"{_ROUNDING:g} minus the largest |log K - InfoNCE - k-pair loss| over critics, "
                "evaluations and splits, nats"
            ),
            allowed=_ROUNDING,
        ),
        [_ROUNDING - each for each in largest],
        steps=int(evidence.runs["last_step"].max()),
    )


def _measured(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    chosen = runs.loc[runs["metric"] == metric, [*_EVALUATION, "value"]]
    # The metric bound has the name of a column, which says what was trained.
    return chosen.rename(columns={"value": f"{metric} value"})
