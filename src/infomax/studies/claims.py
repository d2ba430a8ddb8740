"""The sentences of the paper that the records can speak for or against."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from infomax.records import final_records
from infomax.studies.verdicts import Claim, judge

__all__ = ["MATCHED_WITHIN", "judge_claims"]

MATCHED_WITHIN = 0.25
"""Nats between a run's bound and its target within which the two count as matched."""

_SIMPLE_CRITICS = ("bilinear", "separable")
_ALL_CRITICS = (*_SIMPLE_CRITICS, "concat")


def judge_claims(records: pd.DataFrame) -> list[Claim]:
    """Judge every claim for which the records hold the runs.

    Runs are compared after their last update, within each seed; a seed that lacks one of the runs
    compared, because it failed or was not reached, is left out of that claim and so not counted.

    Args:
        records: a table with the columns of ``infomax.records``, of one data set.
    """
    final = final_records(records)
    return [
        claim
        for study, judge_study in _STUDY_CLAIMS.items()
        if (of_study := final[final["study"] == study]).size
        for claim in judge_study(of_study)
    ]


def _critics_claims(final: pd.DataFrame) -> list[Claim]:
    claims = []
    for estimator in _levels(final, "estimator"):
        of_estimator = final[final["estimator"] == estimator]
        common = _Common("fig3", int(of_estimator["step"].max()), estimator)
        claims += [
            _concat_bound(of_estimator, common, split="train"),
            _concat_bound(of_estimator, common, split="test"),
            _concat_accuracy(of_estimator, common),
            _training_bound_flatters(of_estimator, common),
        ]
    return claims


class _Common(NamedTuple):
    figure: str
    steps: int
    estimator: str


def _concat_bound(final: pd.DataFrame, common: _Common, *, split: str) -> Claim:
    bounds = _by_seed(final, split, "bound", "critic", _ALL_CRITICS)
    where = "training batches" if split == "train" else "held-out pairs"
    return judge(
        claim=f"tighter-{split}-bound-with-concat:{common.estimator}",
        figure=common.figure,
        sentence=(
            f"Trained by {common.estimator}, the concat critic reaches a tighter bound on {where} "
            "than the bilinear and the separable critic."
        ),
        effects=list(bounds["concat"] - bounds[list(_SIMPLE_CRITICS)].max(axis=1)),
        steps=common.steps,
        measured_as=f"bound on {where}, concat minus the better of the other two, nats",
    )


def _concat_accuracy(final: pd.DataFrame, common: _Common) -> Claim:
    def judged(metric: str) -> Claim:
        accuracy = _by_seed(final, "test", metric, "critic", _ALL_CRITICS)
        return judge(
            claim=f"lower-accuracy-with-concat:{common.estimator}",
            figure=common.figure,
            sentence=(
                f"Trained by {common.estimator}, codes from the concat critic are classified worse "
                "by a linear probe than those from the bilinear and the separable critic."
            ),
            effects=list(accuracy[list(_SIMPLE_CRITICS)].min(axis=1) - accuracy["concat"]),
            steps=common.steps,
            measured_as="test accuracy, the worse of the other two minus concat",
        )

    return _under_both_probes(judged)


def _training_bound_flatters(final: pd.DataFrame, common: _Common) -> Claim:
    train = _by_seed(final, "train", "bound", "critic", _ALL_CRITICS)
    test = _by_seed(final, "test", "bound", "critic", _ALL_CRITICS)
    return judge(
        claim=f"training-bound-above-held-out:{common.estimator}",
        figure=common.figure,
        sentence=(
            f"Not in the paper: the {common.estimator} curves that it shows, on training batches, "
            "lie above the bound on held-out pairs, for every critic."
        ),
        effects=list((train - test).min(axis=1)),
        steps=common.steps,
        measured_as="training minus held-out bound, the smallest of the critics, nats",
    )


def _matched_bound_claims(final: pd.DataFrame) -> list[Claim]:
    steps = int(final["step"].max())
    claims = []
    for estimator in _levels(final, "estimator"):
        for target in sorted(final["target"].dropna().unique()):
            of_pair = final[(final["estimator"] == estimator) & (final["target"] == target)]
            claims.append(_convnet_above_mlp(of_pair, _Common("fig4ab", steps, estimator), target))
    claims.append(_architecture_outweighs(final, steps))
    return claims


def _convnet_above_mlp(final: pd.DataFrame, common: _Common, target: float) -> Claim:
    def judged(metric: str) -> Claim:
        accuracy = _by_seed(final, "test", metric, "encoder", ("mlp", "convnet"))
        return judge(
            claim=f"convnet-above-mlp:{common.estimator}:{target:g}",
            figure=common.figure,
            sentence=(
                f"Held at {target:g} nats of {common.estimator}, the ConvNet's codes are "
                "classified better by a linear probe than the MLP's."
            ),
            effects=list(accuracy["convnet"] - accuracy["mlp"]),
            steps=common.steps,
            measured_as="test accuracy, ConvNet minus MLP",
            unfair_because=_unmatched(final),
        )

    return _under_both_probes(judged)


def _architecture_outweighs(final: pd.DataFrame, steps: int) -> Claim:
    runs = final.dropna(subset="target")
    factors = [factor for factor in ("estimator", "target") if len(set(runs[factor])) > 1]
    varied = " and ".join(factors) or "neither estimator nor target"

    def judged(metric: str) -> Claim:
        chosen = final[
            (final["split"] == "test")
            & (final["metric"] == metric)
            & final["encoder"].isin(("mlp", "convnet"))
        ]
        grid = chosen.pivot_table(
            index="seed", columns=["encoder", "estimator", "target"], values="value", dropna=False
        ).dropna()
        by_encoder = grid.T.groupby(level="encoder").mean()
        effects = pd.Series(dtype=float)
        if {"mlp", "convnet"} <= set(by_encoder.index) and factors:
            architecture = (by_encoder.loc["convnet"] - by_encoder.loc["mlp"]).abs()
            spreads = [_spread(grid, factor) for factor in factors]
            effects = pd.Series(architecture - pd.concat(spreads, axis=1).max(axis=1))
        return judge(
            claim="architecture-outweighs-estimator-and-target",
            figure="fig4ab",
            sentence=(
                "The architecture of the encoder changes the accuracy of the codes more than the "
                "estimator and the target do."
            ),
            effects=list(effects),
            steps=steps,
            measured_as=(
                "test accuracy, |ConvNet minus MLP| minus the larger change by another factor "
                f"(varied here: {varied})"
            ),
            unfair_because=_unmatched(final),
        )

    return _under_both_probes(judged)


def _spread(grid: pd.DataFrame, factor: str) -> pd.Series:
    means = grid.T.groupby(level=factor).mean()
    return pd.Series(means.max() - means.min())


def _unmatched(final: pd.DataFrame) -> str:
    """Say which encoders did not reach their target; nothing if all did."""
    bounds = final[(final["split"] == "train") & (final["metric"] == "bound")].dropna(
        subset="target"
    )
    means = bounds.groupby(["encoder", "estimator", "target"], as_index=False)["value"].mean()
    missed = [
        f"{row.encoder} reads {row.value:.2f} where {row.estimator} was to be held at "
        f"{row.target:g} nats"
        for row in means.itertuples()
        if not abs(row.value - row.target) <= MATCHED_WITHIN
    ]
    return f"the bounds are not matched: {'; '.join(missed)}" if missed else ""


def _under_both_probes(judged: Callable[[str], Claim]) -> Claim:
    """Judge by our probe, and say so where the notebook's probe gives another verdict."""
    ours, theirs = judged("probe_accuracy"), judged("probe_accuracy_notebook")
    if ours.verdict == theirs.verdict or theirs.effect is None:
        return ours
    return replace(
        ours,
        note=f"{ours.note}. The notebook's probe disagrees: {theirs.verdict}, "
        f"effect {theirs.effect:+.4f}",
    )


def _by_seed(
    final: pd.DataFrame, split: str, metric: str, factor: str, levels: tuple[str, ...]
) -> pd.DataFrame:
    """Return one row for each seed that has all levels of a factor, one column for each level."""
    chosen = final[(final["split"] == split) & (final["metric"] == metric)]
    table = chosen.pivot_table(index="seed", columns=factor, values="value")
    return table.reindex(columns=list(levels)).dropna()


def _levels(final: pd.DataFrame, column: str) -> list[str]:
    return [level for level in sorted(final[column].unique()) if level]


_STUDY_CLAIMS: dict[str, Callable[[pd.DataFrame], list[Claim]]] = {
    "critics": _critics_claims,
    "matched-bound": _matched_bound_claims,
}
