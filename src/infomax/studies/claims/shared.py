"""Claims that more than one study makes, in words that fit each, and second opinions on claims."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from infomax.records import Split
from infomax.studies.claims.evidence import Comparison, Evidence, Quantity, compare
from infomax.studies.verdicts import Claim, Statement, Words

__all__ = [
    "NO_RAW_PIXELS",
    "accuracy_rises",
    "bound_rises",
    "each_encoder",
    "smallest",
    "stays_invertible",
    "training_bound_flatters",
    "under_both_probes",
    "with_second_opinion",
]

NO_RAW_PIXELS = "raw pixels were not measured under this probe"
"""Why a comparison with raw pixels cannot decide, where there is nothing to compare with."""


def each_encoder(evidence: Evidence) -> Comparison:
    """Take every encoder's run of each seed, where it is to be compared with itself."""
    return compare(evidence, encoder=evidence.levels("encoder"))


def bound_rises(
    evidence: Evidence,
    bound: str,
    *,
    kind: str,
    split: Split,
    although: str = "",
    words: Words | None = None,
) -> Claim:
    """Judge whether training raised the estimate.

    Args:
        evidence: on one bound.
        bound: what it is called.
        kind: one word for the encoder.
        split: the pairs that the estimate is on; the paper shows it on training batches only.
        although: what makes that remarkable, to end the sentence with.
        words: if this is what the study asks.
    """
    comparison = each_encoder(evidence)
    start, end = comparison.measure(Quantity(split, "bound", "start"), Quantity(split, "bound"))
    where = "training batches" if split == "train" else "held-out pairs"
    return comparison.judge(
        Statement(
            f"{split}-bound-rises-with-{kind}-encoder",
            sentence=(
                f"Trained by {bound}, the {kind} encoder's estimate on {where} rises{although}."
            ),
            measured_as=f"estimate on {where}, after training minus before, nats",
            words=words,
            in_paper=split == "train",
        ),
        smallest(end - start),
    )


def accuracy_rises(evidence: Evidence, bound: str, *, kind: str) -> Claim:
    """Judge whether training made the codes better than what needed no training.

    Args:
        evidence: on one bound.
        bound: what it is called.
        kind: one word for the encoder.
    """
    comparison = each_encoder(evidence)

    def judged(metric: str) -> Claim:
        pixels = evidence.raw_pixels(metric)
        start, end = comparison.measure(Quantity("test", metric, "start"), Quantity("test", metric))
        nothing = pd.Series(dtype=float)
        return comparison.judge(
            Statement(
                f"accuracy-rises-with-{kind}-encoder",
                sentence=(
                    f"Trained by {bound}, the {kind} encoder's codes come to be classified better "
                    "by a linear probe than raw pixels and the codes of the untrained encoder."
                ),
                measured_as=(
                    "test accuracy, after training minus the better of raw pixels and the "
                    "untrained encoder"
                ),
            ),
            nothing if pixels is None else smallest(end - start.clip(lower=pixels)),
            unfair_because=NO_RAW_PIXELS if pixels is None else "",
        )

    return under_both_probes(judged)


def training_bound_flatters(
    comparison: Comparison, bound: str, *, name: str, every: str = "", smallest_of: str = ""
) -> Claim:
    """Judge whether the curves that the paper shows lie above the bound on pairs kept apart.

    Args:
        comparison: the runs of one bound that the sentence is about.
        bound: what it is called.
        name: name of the claim.
        every: what the runs of a seed differ in, in the singular; empty if there is one.
        smallest_of: what the runs of a seed differ in, in the plural.
    """
    train, test = comparison.measure(Quantity("train", "bound"), Quantity("test", "bound"))
    return comparison.judge(
        Statement(
            name,
            sentence=(
                f"The {bound} curves that it shows, on training batches, "
                f"lie above the bound on held-out pairs{every and f', for every {every}'}."
            ),
            measured_as=(
                "training minus held-out bound, "
                f"{smallest_of and f'the smallest of the {smallest_of}, '}nats"
            ),
            in_paper=False,
        ),
        smallest(train - test),
    )


def stays_invertible(
    evidence: Evidence,
    *,
    name: str,
    sentence: str,
    metric: str,
    within: float,
    words: Words | None = None,
) -> Claim:
    """Judge whether views could be reconstructed from their codes at every evaluation.

    Args:
        evidence: on runs of invertible encoders.
        name: name of the claim.
        sentence: what is claimed.
        metric: the largest error of a reconstruction.
        within: the error that rounding explains.
        words: if this is what the study asks.
    """
    comparison = each_encoder(evidence)
    (errors,) = comparison.measure(Quantity("test", metric, "largest"))
    return comparison.judge(
        Statement(
            name,
            sentence=sentence,
            measured_as=(
                f"{within:g} minus the largest error of a reconstructed pixel over all evaluations "
                f"({metric}), in units of the brightest pixel"
            ),
            allowed=within,
            words=words,
        ),
        smallest(within - errors),
    )


def smallest(of_runs: pd.DataFrame) -> pd.Series:
    """Return the smallest value of each seed; not a number where one of them is not."""
    return of_runs.min(axis=1, skipna=False)


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
