"""A claim judged twice, where two ways to measure the same thing may not agree."""

from collections.abc import Callable
from dataclasses import replace

from infomax.studies.verdicts import Claim

__all__ = ["under_both_probes", "with_second_opinion"]


def with_second_opinion(ours: Claim, theirs: Claim, *, whose: str) -> Claim:
    """Return our claim, with a note where the other measurement gives another verdict.

    Args:
        ours: what counts.
        theirs: the same claim by another measurement; without an effect it has no say.
        whose: what that measurement is, to begin a sentence with.
    """
    if ours.verdict == theirs.verdict or theirs.effect is None:
        return ours
    return replace(
        ours,
        note=f"{ours.note}. {whose} disagrees: {theirs.verdict}, effect {theirs.effect:+.4f}",
    )


def under_both_probes(judged: Callable[[str], Claim]) -> Claim:
    """Judge by our probe, and say so where the notebook's probe gives another verdict.

    Args:
        judged: the claim, judged by the accuracy that has this name in the records.
    """
    return with_second_opinion(
        judged("probe_accuracy"),
        judged("probe_accuracy_notebook"),
        whose="The notebook's probe",
    )
