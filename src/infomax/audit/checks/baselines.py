"""Baselines: do codes beat what no training on pairs has made, and what does its bound say?"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.baseline_readings import (
    CODES,
    CONTROLS,
    PCA,
    RANDOM,
    RAW,
    SHUFFLED,
    UNTRAINED,
    Gain,
    Reading,
    read_all,
)
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.probed_rows import HOW_TO_PROBE, ProbedRows, probed_rows
from infomax.errors import UserError
from infomax.information import Interval

__all__ = ["check_baselines"]

NAME = "baselines"
QUESTION = "Do codes beat what no training on pairs has made, by the same probes?"
_AS_GOOD = 0.02
_MATERIAL = 0.05
_MATERIAL_SHARE = 0.25
_LESS_NATS = 0.1
_HOW_TO_GIVE = {
    (RAW, PCA, RANDOM): "give what encoders saw, --raw-x and --raw-y or raw=",
    (UNTRAINED,): "audit the encoder itself, or a run",
}


def check_baselines(codes: AuditedCodes) -> Finding:
    r"""Probe codes beside what no training on pairs has made, and read the bound of each.

    The linear probe at its minimum and 20 nearest neighbours are fitted on codes of x, and so they
    are on raw views, on PCA and random projections of those to as many columns as codes have (of 3
    draws the median), on codes of the encoder before it was trained, and on standardised codes. The
    simple critic reads InfoNCE of each. Two things contradict the claim:

    - PCA, a random projection or the untrained encoder is as accurate by both probes (intervals of
      what codes gain lie below 0.02), and its bound is surely lower by 0.1 nats: what more the
      training read of the bound bought no accuracy. It says nothing of what neither critic reads.
    - Raw views with no more columns than codes are surely less accurate, by 0.05 and a quarter of
      what they are above the majority's share. Codes are functions of them, so that
      :math:`I(z_x; z_y) \le I(x; y)` (data processing): what was gained is no information, nor
      that a code is smaller.

    A baseline that is as accurate at no lower bound is a caution, since an accuracy is easily
    misread without it. The control are shuffled pairs, whose bound is 0: probes read x alone, so
    that accuracy needs no pairing, and a bound above 0.1 nats would be the critic's invention.

    Source: Cover and Thomas (2006), theorem 2.8.1; Tschannen et al. (2020), section 3.1.

    Args:
        codes: that are audited.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((400, 4))
        >>> labels = (x[:, 0] > 0).astype(np.int64)
        >>> found = check_baselines(read_codes("mine", x, x + x[::-1], labels, seed=0))
        >>> found.status, found.stance, sorted(found.measured["not_run"])[0]
        ('not run', 'not against', 'PCA of raw views')
    """
    try:
        rows = probed_rows(codes)
    except UserError as error:
        return Finding.not_run(NAME, codes.name, QUESTION, str(error), HOW_TO_PROBE)
    if _is_raw(codes):
        why = "these codes are what encoders saw, and a baseline themselves"
        return Finding.not_run(NAME, codes.name, QUESTION, why, stance="not against")
    read = read_all(codes, rows)
    mine = read[CODES]
    gains = [
        Gain.over(name, mine, each, rows)
        for name, each in read.items()
        if name != CODES and name not in CONTROLS
    ]
    status, stance, sentence, next_step, rests_on = _verdict(read, gains, rows)
    not_run = {
        name: how for names, how in _HOW_TO_GIVE.items() for name in names if name not in read
    }
    measured: dict[str, Any] = {
        "majority_share": rows.majority_share,
        "fitted": len(rows.fitted),
        "held_out": len(rows.labels),
        "bound_at": mine.batch,
        "baselines": [each.as_dict(name) for name, each in read.items()],
        "gains": [each.as_dict() for each in gains],
        "not_run": not_run,
    }
    lacking = "; ".join(
        f"{', '.join(names)} ({how})" for names, how in _HOW_TO_GIVE.items() if names[0] not in read
    )
    method = (
        f"Codes of x and {', '.join(name for name in read if name != CODES)} were probed by "
        "multinomial logistic regression at its minimum and 20 nearest neighbours by cosine, "
        f"fitted on {len(rows.fitted)} pairs and measured on {len(rows.labels)}, and differences "
        "have Newcombe's intervals (1998, method 10); InfoNCE was read of each at "
        f"K = {mine.batch}."
        if gains
        else ""
    )
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"codes {mine.accuracy.value:z.2f}, "
        + (
            f"{rests_on.name} {read[rests_on.name].accuracy.value:z.2f}"
            if rests_on
            else "no raw views"
        )
        + f", majority {rows.majority_share:z.2f}",
        sentence,
        next_step,
        f"Shuffled pairs read {read[SHUFFLED].bound.mean:z.2f} nats and codes "
        f"{mine.bound.mean:z.2f}, at the same accuracy, as probes read x alone."
        + (f" Not run: {lacking}." if lacking else "")
        + rows.singletons_told(),
        None if rests_on is None else Interval(rests_on.chief[1].low, rests_on.chief[1].high),
        ""
        if rests_on is None
        else f"accuracy of codes less that of {rests_on.name}, by {rests_on.chief[0]}",
        measured,
        {
            "as_good": _AS_GOOD,
            "less_nats": _LESS_NATS,
            "material": _MATERIAL,
            "material_share": _MATERIAL_SHARE,
        },
        _figures(read, rows),
        method,
    )


def _verdict(
    read: Mapping[str, Reading], gains: list[Gain], rows: ProbedRows
) -> tuple[Status, Stance, str, str, Gain | None]:
    """Return status, stance, sentence, next step, and the gain that they rest on."""
    mine, shuffled = read[CODES], read[SHUFFLED].bound
    if shuffled.low > _LESS_NATS:
        return (
            "broken",
            "undecided",
            f"Shuffled pairs share nothing, and the critic reads {shuffled.mean:.2f} nats of them: "
            "no bound of these codes can be trusted.",
            "look for outliers among codes",
            None,
        )
    if not gains:
        return (
            "not run",
            "not against",
            f"Codes are right on {mine.accuracy.value:z.3f} of held-out pairs, and whether they "
            "beat what no training has made was not asked, for want of raw views.",
            _HOW_TO_GIVE[RAW, PCA, RANDOM],
            None,
        )
    # The one that leaves codes least to gain, by whichever probe they gain more.
    best = min(gains, key=lambda each: max(each.linear.value, each.nearest.value))
    cheaper = [
        each
        for each in gains
        # One with as many columns as raw views holds all that they do, whatever the critic reads.
        if each.name != RAW
        and not (each.name != UNTRAINED and read[each.name].columns >= read[RAW].columns)
        and each.most < _AS_GOOD
        and each.bound.high < mine.bound.low - _LESS_NATS
    ]
    if cheaper:
        best = min(cheaper, key=lambda each: each.linear.value)
        return (
            "caution",
            "against",
            f"{_capital(best.name)}, which no pairs have trained, is as accurate as codes "
            f"({best}), although the bound of a simple critic is "
            f"{best.bound.mean:z.2f} nats of it and {mine.bound.mean:z.2f} of codes: more of the "
            "bound bought no accuracy.",
            "ask what codes are for that this baseline does not give",
            best,
        )
    for raw in (each for each in gains if each.name == RAW):
        above = read[RAW].accuracy.value - rows.majority_share
        material = max(_MATERIAL, _MATERIAL_SHARE * above)
        if read[RAW].columns <= mine.columns and raw.linear.low > material:
            return (
                "caution",
                "against",
                f"Codes are right on {mine.accuracy.value:z.3f} of held-out pairs, and raw views, "
                "which have no more columns and hold at least as much information, on "
                f"{read[RAW].accuracy.value:z.3f}: what was gained is not information.",
                "look for what makes codes easier to read, such as how they lie",
                raw,
            )
    told = (
        f"codes are right on {mine.accuracy.value:z.3f} of held-out pairs, and the best baseline, "
        f"{best.name}, on {read[best.name].accuracy.value:z.3f} ({best})"
    )
    if best.chief[1].low > 0:
        return "sound", "not against", f"{_capital(told)}.", "", best
    return (
        "caution",
        "not against",
        f"{_capital(told)}: no gain is shown by training.",
        "give harder labels or more of them, and report this baseline beside codes",
        best,
    )


def _is_raw(codes: AuditedCodes) -> bool:
    if codes.raw is None:
        return False
    raw = codes.raw[0].flatten(1)
    return raw.shape == codes.x.shape and torch.equal(raw, codes.x.float())


def _capital(told: str) -> str:
    return f"{told[0].upper()}{told[1:]}"


def _figures(read: Mapping[str, Reading], rows: ProbedRows) -> list[FindingFigure]:
    dots, points = [], []
    for name, each in read.items():
        for series, of in (("linear", each.accuracy), ("neighbours", each.nearest_accuracy)):
            dots.append((name, series, of.value, of.low, of.high))
        linear = each.accuracy
        points.append((name, each.bound.mean, linear.value, linear.low, linear.high))
    marks = {"majority's share": rows.majority_share}
    return [
        FindingFigure(
            "baselines",
            "Codes beside what no training on pairs has made",
            "dots",
            pd.DataFrame(dots, columns=["label", "series", "value", "low", "high"]),
            "accuracy on held-out pairs",
            marks=marks,
        ),
        FindingFigure(
            "baselines-bound",
            "What the bound says of codes and baselines, and what the linear probe does",
            "points",
            pd.DataFrame(points, columns=["label", "at", "value", "low", "high"]),
            "accuracy on held-out pairs",
            f"InfoNCE at K = {read[CODES].batch}, in nats",
            marks=marks,
        ),
    ]
