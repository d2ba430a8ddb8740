"""Section 4: InfoNCE is a loss of metric learning, to the rounding error."""

import pandas as pd

from infomax.records import RUN_COLUMNS
from infomax.studies.claims.evidence import Evidence
from infomax.studies.verdicts import Claim

__all__ = ["infonce_is_k_pair_loss"]

_EVALUATION = [*RUN_COLUMNS, "step", "split"]
_ROUNDING = 1e-4
"""Nats; an estimate of several nats in single precision is off by a hundredth of this."""


def infonce_is_k_pair_loss(evidence: Evidence) -> Claim:
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
        "infonce-is-k-pair-loss",
        sentence=(
            "InfoNCE is the log of the batch size minus the multi-class k-pair loss, a loss of "
            "metric learning: they are one objective."
        ),
        effects=[_ROUNDING - each for each in largest],
        steps=int(evidence.runs["last_step"].max()),
        measured_as=(
            f"{_ROUNDING:g} minus the largest |log K - InfoNCE - k-pair loss| over critics, "
            "evaluations and splits, nats"
        ),
        allowed=_ROUNDING,
    )


def _measured(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    chosen = runs.loc[runs["metric"] == metric, [*_EVALUATION, "value"]]
    # The metric bound has the name of a column, which says what was trained.
    return chosen.rename(columns={"value": f"{metric} value"})
