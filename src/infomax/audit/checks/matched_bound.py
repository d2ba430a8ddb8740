"""Matched bound: does another architecture at this bound move the probe more than half of it?"""

from typing import Any, Final

import pandas as pd

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.matched_training import (
    MOST_SECONDS,
    MOST_STEPS,
    MatchedCodes,
    other_architecture,
    train_to_bound,
)
from infomax.audit.probed_rows import HOW_TO_PROBE, ProbedRows, probed_rows
from infomax.errors import UserError
from infomax.evaluation import AccuracyDifference, accuracy_difference, accuracy_of
from infomax.information import Interval

__all__ = ["check_matched_bound"]

NAME: Final = "matched bound"
QUESTION: Final = "What moves the probe more: another architecture at this bound, or half of it?"
_MOST_ROWS = 2_000
_LEAST_NATS = 0.2
_WITHIN_SHARE = 0.15
_MATERIAL = 0.02


def check_matched_bound(codes: AuditedCodes) -> Finding:
    r"""Train another architecture to the same bound, and the same architecture to half of it.

    Both begin with fresh weights, on pairs that are not audited, by the bound, batch size and
    learning rate of the audited training. The simple critic and the linear probe at its minimum
    read all three on the same held-out pairs. A target b counts as reached within 0.15 of the
    audited bound. Of the difference d of an accuracy to the audited one, with its interval
    :math:`[l, h]`, the size :math:`|d|` is between :math:`\max(l, -h, 0)` and
    :math:`\max(|l|, |h|)`. The architecture speaks against the claim where it moves accuracy by
    surely more than 0.02, and by surely more than half the bound does.

    Source: Tschannen et al. (2020), section 3.2 and figure 4 (matched bounds).

    Args:
        codes: that are audited; nobody can train others beside codes that were given as numbers.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((50, 4))
        >>> check_matched_bound(read_codes("mine", x, x, None, seed=0)).short
        'of codes alone nobody can train others'
    """
    encoders = codes.encoders
    if encoders is None or codes.raw is None:
        return _not_run(
            codes, "of codes alone nobody can train others", "not against", "audit a run"
        )
    if encoders.make is None or len(encoders.others) < 2 * len("xy"):
        return _not_run(
            codes,
            "no pairs but those audited, or no such encoders with fresh weights, are known",
            "not against",
            "audit a run on the data that it was trained on",
        )
    codes = codes.drawn(_MOST_ROWS)
    try:
        rows = probed_rows(codes)
    except UserError as error:
        return _not_run(codes, str(error), "undecided", HOW_TO_PROBE)
    mine = MatchedCodes.of(codes, rows)
    if mine.bound.low < _LEAST_NATS:
        return _not_run(
            codes,
            f"the bound, {mine.bound.mean:z.2f} nats, is too low to be halved",
            "undecided",
            "train to a higher bound",
        )
    seed = encoders.seed + 1
    told, model = other_architecture(encoders, codes.x.shape[1], seed)
    half = train_to_bound(encoders.make(seed), codes, rows, mine.bound.mean / 2)
    other = train_to_bound(model, codes, rows, mine.bound.mean)
    return _finding(codes, rows, told, {"audited": mine, "half": half, "other": other})


def _finding(
    codes: AuditedCodes, rows: ProbedRows, told: str, read: dict[str, MatchedCodes]
) -> Finding:
    mine, half, other = read["audited"], read["half"], read["other"]
    by_other = accuracy_difference(other.named, mine.named, rows.labels)
    by_half = accuracy_difference(half.named, mine.named, rows.labels)
    room = _WITHIN_SHARE * mine.bound.mean
    targets = {"half": mine.bound.mean / 2, "other": mine.bound.mean}
    missed = [
        f"{name} read {read[each].bound.mean:z.2f} nats instead of {targets[each]:z.2f} "
        f"({read[each].ended})"
        for each, name in (("half", "the same architecture"), ("other", told))
        if not abs(read[each].bound.mean - targets[each]) <= room
    ]
    status, stance, sentence, next_step = _verdict(told, by_other, by_half, missed)
    measured: dict[str, Any] = {
        "rows": len(codes),
        "other_architecture": told,
        "accuracy_of_other_less_audited": by_other.value,
        "accuracy_of_other_less_audited_interval": [by_other.low, by_other.high],
        "accuracy_of_half_less_audited": by_half.value,
        "accuracy_of_half_less_audited_interval": [by_half.low, by_half.high],
        "missed": missed,
    }
    for name, each in read.items():
        accuracy = accuracy_of(each.named, rows.labels)
        measured |= {
            f"bound_{name}_nats": each.bound.mean,
            f"bound_{name}_interval_nats": [each.bound.low, each.bound.high],
            f"accuracy_{name}": accuracy.value,
        }
        if each.ended:
            measured |= {f"updates_{name}": each.step, f"ended_{name}": each.ended}
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"{by_other.value:+z.2f} by architecture, {by_half.value:+z.2f} by half the bound",
        sentence,
        next_step,
        f"Bounds are {mine.bound.mean:z.2f} nats of the audited encoder, {half.bound.mean:z.2f} of "
        f"the same architecture and {other.bound.mean:z.2f} of {told}.",
        Interval(by_other.low, by_other.high),
        f"accuracy of {told} less that of the audited encoder",
        measured,
        {
            "within_share": _WITHIN_SHARE,
            "material": _MATERIAL,
            "least_nats": _LEAST_NATS,
            "most_updates": float(MOST_STEPS),
            "most_seconds": MOST_SECONDS,
        },
        [_figure(rows, told, read)],
        f"The same architecture was trained to half the held-out bound, and {told} to all of it, "
        f"each for at most {MOST_STEPS} updates and {MOST_SECONDS:g} s; linear probes were "
        "compared on the same held-out pairs, with Newcombe's intervals (1998, method 10).",
    )


def _verdict(
    told: str, by_other: AccuracyDifference, by_half: AccuracyDifference, missed: list[str]
) -> tuple[Status, Stance, str, str]:
    moved = (
        f"{told[0].upper()}{told[1:]} at the same bound moves accuracy by {by_other.value:+z.3f} "
        f"[{by_other.low:+.3f}, {by_other.high:+.3f}], and half the bound by {by_half.value:+.3f} "
        f"[{by_half.low:+z.3f}, {by_half.high:+z.3f}]"
    )
    if missed:
        # That a training of ours fell short is no fault of the codes.
        return (
            "sound",
            "undecided",
            f"Bounds are not matched, so that nothing follows: {'; '.join(missed)}.",
            "train other encoders longer, and audit the runs together",
        )
    if _least(by_other) > max(_most(by_half), _MATERIAL):
        return (
            "caution",
            "against",
            f"{moved}: the architecture is what counts, not the bound.",
            "compare architectures by probes and not by bounds",
        )
    if _least(by_half) > _most(by_other):
        return "sound", "not against", f"{moved}: the bound counts more.", ""
    # Where neither is surely the larger nothing contradicts the claim; nor is it borne out.
    return "sound", "not against", f"{moved}: neither surely moves it more.", ""


def _least(difference: AccuracyDifference) -> float:
    return max(difference.low, -difference.high, 0.0)


def _most(difference: AccuracyDifference) -> float:
    return max(abs(difference.low), abs(difference.high))


def _figure(rows: ProbedRows, told: str, read: dict[str, MatchedCodes]) -> FindingFigure:
    names = {"audited": "audited", "half": "same, half the bound", "other": f"{told}, same bound"}
    drawn = []
    for name, each in read.items():
        accuracy = accuracy_of(each.named, rows.labels)
        drawn.append(
            {
                "label": names[name],
                "at": each.bound.mean,
                "value": accuracy.value,
                "low": accuracy.low,
                "high": accuracy.high,
            }
        )
    return FindingFigure(
        "matched-bound",
        "Bound against accuracy, of another architecture and of half the bound",
        "points",
        pd.DataFrame(drawn),
        value_label="accuracy of the linear probe on held-out pairs",
        at_label="held-out InfoNCE, nats",
        marks={"majority": rows.majority_share},
    )


def _not_run(codes: AuditedCodes, why: str, stance: Stance, next_step: str) -> Finding:
    return Finding.not_run(NAME, codes.name, QUESTION, why, next_step, stance=stance)
