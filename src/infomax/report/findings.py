"""What was found, in plain words and no stronger than the verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from infomax.records import final_records
from infomax.report.configurations import raw_pixels, trained
from infomax.report.formatting import interval, number, signed, whole
from infomax.report.outcomes import Outcomes, finished
from infomax.studies.catalogue import STUDIES
from infomax.studies.study import Study
from infomax.studies.verdicts import Claim

__all__ = ["Findings", "findings", "shown_effect"]


@dataclass(frozen=True)
class Findings:
    """What was found, and what it rests on.

    Attributes:
        found: one paragraph, answering the questions of the studies.
        basis: how many claims, at what budget, and which runs are not in it.
    """

    found: str
    basis: str


def findings(
    records: pd.DataFrame,
    claims: Sequence[Claim],
    studies: Sequence[Study],
    became: Outcomes,
) -> Findings:
    """Say in plain words what was found.

    Args:
        records: of one reproduction.
        claims: judged on those records.
        studies: as they were run; none if the settings are not recorded.
        became: what became of the runs.
    """
    found = [*_critics(claims), *_matched_bound(claims), *_against_untrained(records)]
    basis = [_count(claims), *_budget(studies), *_incomplete(became)]
    return Findings(" ".join(found), " ".join(basis))


def shown_effect(claim: Claim) -> str:
    """Return a claim's effect and its interval, or that there is none.

    Example:
        >>> shown_effect(Claim("c", "f", "s", "supported", 0.25, (0.1, 0.4), 3, 600, ""))
        '+0.25 [0.10, 0.40]'
    """
    if claim.effect is None:
        return "not measured"
    values = (claim.effect, *(claim.ci or ()))
    # Accuracies differ in the third decimal, nats in the second.
    decimals = 4 if max(abs(value) for value in values) < 0.1 else 2
    shown = signed(claim.effect, decimals)
    return f"{shown} {interval(*claim.ci, decimals)}" if claim.ci else shown


def _critics(claims: Sequence[Claim]) -> Iterator[str]:
    by_name = {claim.claim: claim for claim in claims}
    for name, accuracy in by_name.items():
        kind, _, estimator = name.partition(":")
        train = by_name.get(f"tighter-train-bound-with-concat:{estimator}")
        test = by_name.get(f"tighter-test-bound-with-concat:{estimator}")
        if kind != "lower-accuracy-with-concat" or train is None or test is None:
            continue
        conclusion = _bought(train, test, accuracy)
        if all(_open(claim) for claim in (train, test, accuracy)):
            yield f"Trained by {estimator}, {conclusion}."
            continue
        yield (
            f"Trained by {estimator}, the concat critic's bound was {_tightness(train)} on "
            f"training batches and {_tightness(test)} on held-out pairs than the better of the "
            f"simpler critics', and its codes {_worse_codes(accuracy)}: {conclusion}."
        )


def _open(claim: Claim) -> bool:
    return claim.verdict == "inconclusive" or claim.effect is None


def _tightness(claim: Claim) -> str:
    if _open(claim) or claim.effect is None:
        return "neither shown tighter nor looser"
    how = "tighter" if claim.verdict == "supported" else "looser"
    return f"{how} by {number(abs(claim.effect), 2)} nats"


def _worse_codes(claim: Claim) -> str:
    if _open(claim) or claim.effect is None:
        return "could not be told from theirs by a linear probe"
    by = f"by {number(abs(claim.effect), 4)} in probe accuracy"
    if claim.verdict == "supported":
        return f"were worse than theirs, {by} below the worse of the two"
    return f"were not the worst, {by} above the worse of the two"


def _bought(train: Claim, test: Claim, accuracy: Claim) -> str:
    tighter = [
        where
        for where, claim in (("training batches", train), ("held-out pairs", test))
        if claim.verdict == "supported"
    ]
    if accuracy.verdict == "inconclusive" or "inconclusive" in {train.verdict, test.verdict}:
        partly = " in full" if tighter and accuracy.verdict != "inconclusive" else ""
        return (
            "whether a tighter bound bought a better representation cannot be told"
            f"{partly} from these runs"
        )
    if not tighter:
        return "it had no tighter bound to buy a better representation with"
    where = "" if len(tighter) == 2 else f" on {tighter[0]}"
    if accuracy.verdict == "supported":
        return f"the tighter bound{where} did not buy a better representation"
    return f"the tighter bound{where} did not come with the worst representation"


def _matched_bound(claims: Sequence[Claim]) -> Iterator[str]:
    undecided = []
    for claim in claims:
        kind, _, held = claim.claim.partition(":")
        if kind != "convnet-above-mlp":
            continue
        estimator, _, target = held.partition(":")
        where = f"{target} nats of {estimator}"
        if _open(claim) or claim.effect is None:
            undecided.append(where)
            continue
        how = "better" if claim.verdict == "supported" else "worse"
        yield (
            f"Held at {where}, the ConvNet's codes were classified {how} than the MLP's, by "
            f"{number(abs(claim.effect), 4)} in probe accuracy."
        )
    if undecided:
        yield (
            f"Held at {', '.join(undecided)}, whether the ConvNet's codes are better than the "
            "MLP's cannot be told from these runs."
        )
    for claim in claims:
        if claim.claim == "architecture-outweighs-estimator-and-target":
            yield _OUTWEIGHS[claim.verdict]


_OUTWEIGHS = {
    "supported": (
        "The encoder's architecture changed accuracy more than the estimator and the target did."
    ),
    "contradicted": (
        "The encoder's architecture changed accuracy less than the estimator or the target did."
    ),
    "inconclusive": (
        "Whether the architecture matters more than the estimator and the target cannot be told "
        "from these runs."
    ),
}


def _against_untrained(records: pd.DataFrame) -> Iterator[str]:
    """Set the best codes against what needed no training, under the same probe."""
    for study, of_study in records.groupby("study", sort=False):
        final = _probed(trained(final_records(of_study)))
        runs = trained(finished(of_study))
        untrained = _probed(runs[runs["step"] == 0])
        pixels = _probed(raw_pixels(of_study))
        if final.empty or untrained.empty or pixels.empty or final["step"].max() == 0:
            continue
        means = final.groupby(
            ["encoder", "critic", "estimator", "target"], dropna=False, sort=False
        )["value"].mean()
        before = untrained.groupby("encoder", sort=False)["value"].mean()
        yield (
            f"In {study}, mean probe accuracy ended between {number(means.min(), 3)} and "
            f"{number(means.max(), 3)} over the configurations; raw pixels have "
            f"{number(pixels['value'].mean(), 3)} and the untrained encoder "
            + " and ".join(f"{number(value, 3)} ({name})" for name, value in before.items())
            + " under the same probe."
        )


def _probed(records: pd.DataFrame) -> pd.DataFrame:
    return records[(records["metric"] == "probe_accuracy") & (records["split"] == "test")]


def _count(claims: Sequence[Claim]) -> str:
    if not claims:
        return "The records hold no runs that a claim could be judged on."
    counts = {
        verdict: sum(claim.verdict == verdict for claim in claims)
        for verdict in ("supported", "contradicted", "inconclusive")
    }
    told = ", ".join(f"{number_of} {verdict}" for verdict, number_of in counts.items())
    noun = "claim" if len(claims) == 1 else "claims"
    return f"Of {len(claims)} {noun} judged: {told}."


def _budget(studies: Sequence[Study]) -> Iterator[str]:
    smaller = [
        f"{study.name} ran {whole(study.steps)} of {whole(paper.steps)} steps with "
        f"{len(study.seeds)} of {len(paper.seeds)} seeds"
        for study in studies
        if (paper := STUDIES.get(study.name)) is not None
        and (study.steps < paper.steps or len(study.seeds) < len(paper.seeds))
    ]
    if smaller:
        yield (
            f"This is a smaller budget than the paper's ({'; '.join(smaller)}), so a verdict "
            "speaks of these runs and not of the paper's."
        )


def _incomplete(became: Outcomes) -> Iterator[str]:
    if became.failed:
        yield f"Failed runs: {len(became.failed)}, left out of every mean."
    if became.missing:
        yield (
            f"Of {became.promised} runs promised by the settings, {len(became.missing)} are "
            "missing or incomplete."
        )
