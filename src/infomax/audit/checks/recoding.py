"""Re-coding: do the probe and the bound stay where the information stays by construction?"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.bijections import (
    MOST_INVERSE_ERROR,
    RECODINGS,
    Bijection,
    Recoding,
    inverse_error,
)
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.probed_rows import HOW_TO_PROBE, ProbedRows, probed_rows
from infomax.audit.simple_critic import CHOSEN_AT, fit_simple_critic, held_out_bound
from infomax.errors import UserError
from infomax.evaluation import (
    Accuracy,
    AccuracyDifference,
    BatchMean,
    accuracy_difference,
    accuracy_of,
    fit_probe,
)
from infomax.information import Interval

__all__ = ["check_recoding"]

NAME = "re-coding"
QUESTION = "Does accuracy stay where information stays, under maps that lose nothing?"
_LOST_SHARE = 0.25
_LEAST_LOST = 0.02
_DRAWS = 3
_MOST_ROWS = 4_000
_APART = 9.0


@dataclass(frozen=True, eq=False)
class _Recoded:
    """Of one kind of bijection, the draw whose accuracy is the median of all draws."""

    name: str
    accuracy: Accuracy
    difference: AccuracyDifference
    bound: BatchMean
    of_x: Bijection
    inverse_error: float
    of_draws: list[float]


def check_recoding(codes: AuditedCodes) -> Finding:
    r"""Re-code both sides by bijections, and see how far probe and bound move.

    A bijection of either side leaves the mutual information of both as it is, and so it does what
    codes of x say of labels. Whatever moves is therefore no matter of information, but of geometry:
    how codes lie. Each bijection is inverted from what probe and critic see of it, single
    precision, and left out unless all codes come back.

    The linear probe and the simple critic are fitted anew on re-coded pairs, and read on those that
    are held out. Accuracy has moved where the interval of its difference, of the same held-out
    rows, lies below both -0.02 and minus a quarter of what the accuracy was above the majority's
    share. Of 3 draws of a kind the one of median accuracy counts.

    A map so harsh that it would ruin any codes says nothing of these. A kind that moved accuracy
    counts only where codes of the same classes, whose means lie in random directions 9 standard
    deviations from the middle, lose less than a quarter under the same map: others could have
    withstood it.

    Source: Tschannen et al. (2020), section 3.1, for bijective encoders; Cover and Thomas (2006),
    section 2.8, for the information.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((200, 4))
        >>> check_recoding(read_codes("mine", x, x, None, seed=0)).status
        'not run'
    """
    kept = codes.drawn(_MOST_ROWS)
    try:
        rows = probed_rows(kept)
    except UserError as error:
        return Finding.not_run(NAME, codes.name, QUESTION, str(error), HOW_TO_PROBE)
    truth, majority = rows.labels, rows.majority_share
    before = _named(kept.x[rows.fitted], kept.x[rows.held_out], rows, kept.seed)
    accuracy = accuracy_of(before, truth)
    gained = accuracy_difference(before, rows.commonest, truth)
    found, left_out = [], {}
    for recoding in RECODINGS:
        if min(kept.x.shape[1], kept.y.shape[1]) < recoding.least_size:
            left_out[recoding.name] = f"it needs {recoding.least_size} columns on each side"
            continue
        recoded, farthest = _recoded(recoding, kept, before, rows)
        if recoded is None:
            left_out[recoding.name] = f"its inverse misses codes by {farthest:.1e}"
        else:
            found.append(recoded)
    if not found:
        return Finding.not_run(
            *(NAME, codes.name, QUESTION),
            "no bijection could be inverted",
            "look for outliers among codes",
        )
    size, bound = _bound(kept, kept.x, kept.y)
    least_lost = max(_LEAST_LOST, _LOST_SHARE * (accuracy.value - majority))
    moved = [each for each in found if each.difference.high < -least_lost]
    clusters = {each.name: _of_clusters(each, kept, rows) for each in moved}
    counted = [each for each in moved if _lost(*clusters[each.name], majority) < _LOST_SHARE]
    worst = min(counted or found, key=lambda each: each.difference.high)
    status, stance, sentence, next_step = _verdict(
        accuracy.value, majority, gained.low > 0, worst, bool(counted)
    )
    measured: dict[str, Any] = {
        "accuracy": accuracy.value,
        "accuracy_interval": [accuracy.low, accuracy.high],
        "majority_share": majority,
        "bound_nats": bound.mean,
        "bound_interval_nats": [bound.low, bound.high],
        "bound_at": size,
        "held_out": len(truth),
        "recodings": [_told(each) for each in found],
        "moved_by": [each.name for each in counted],
        "clusters_far_apart": [
            {"name": name, "accuracy_before": first, "accuracy_after": after}
            for name, (first, after) in clusters.items()
        ],
        "left_out": left_out,
    }
    bounds = [each.bound.mean for each in found]
    detail = (
        f"The bound of a simple critic at K = {size:,}, {bound.mean:z.2f} nats before, lay between "
        f"{min(bounds):z.2f} and {max(bounds):z.2f} after.{_beside(worst, clusters, bool(counted))}"
    )
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"accuracy {accuracy.value:z.2f} -> {worst.accuracy.value:z.2f}, majority {majority:z.2f}",
        sentence,
        next_step,
        detail,
        Interval(worst.difference.low, worst.difference.high),
        f"accuracy after {worst.name} less accuracy before",
        measured,
        {
            "lost_share": _LOST_SHARE,
            "least_lost": _LEAST_LOST,
            "lost_here": least_lost,
            "most_inverse_error": MOST_INVERSE_ERROR,
        },
        _figures(accuracy.value, majority, bound, size, found),
        _method(len(kept.fitted), len(truth), [each.name for each in found], size),
    )


def _figures(
    accuracy: float, majority: float, bound: BatchMean, size: int, found: Sequence[_Recoded]
) -> list[FindingFigure]:
    """Return where accuracy and bound stood before and after each kind of bijection."""
    of_accuracy, of_bound = (
        pd.DataFrame(
            [
                {
                    "label": name,
                    "before": before,
                    "after": value,
                    "low": after.low,
                    "high": after.high,
                }
                for name, value, after in read
            ]
        )
        for before, read in (
            (accuracy, [(each.name, each.accuracy.value, each.accuracy) for each in found]),
            (bound.mean, [(each.name, each.bound.mean, each.bound) for each in found]),
        )
    )
    return [
        FindingFigure(
            "accuracy-re-coded",
            "Accuracy before and after maps that lose nothing",
            "dumbbells",
            of_accuracy,
            value_label="accuracy of the linear probe on held-out pairs",
            marks={"majority": majority},
        ),
        FindingFigure(
            "bound-re-coded",
            "The bound before and after the same maps",
            "dumbbells",
            of_bound,
            value_label=f"InfoNCE of held-out pairs at K = {size:,}, in nats",
        ),
    ]


def _method(fitted: int, held_out: int, recodings: Sequence[str], size: int) -> str:
    return (
        f"Both sides were re-coded by bijections ({', '.join(recodings)}), each inverted from "
        f"single precision to within {MOST_INVERSE_ERROR:g} standard deviations; of {_DRAWS} draws "
        "of a random one that of median accuracy counted. A linear probe (logistic regression, to "
        f"convergence) and a critic of InfoNCE at K = {size:,} were fitted anew on {fitted:,} "
        f"pairs and read on {held_out:,} others. Accuracy was said to have moved where the 95 % "
        f"interval of its paired difference lay below {-_LEAST_LOST:g} and below minus "
        f"{100 * _LOST_SHARE:z.0f} % of what it was above the majority's share, and where codes of "
        "the same classes that lie far apart lost less than that under the same map."
    )


def _verdict(
    accuracy: float, majority: float, gained: bool, worst: _Recoded, counted: bool
) -> tuple[Status, Stance, str, str]:
    if not gained:
        return (
            "caution",
            "undecided",
            f"The linear probe is right on {accuracy:z.3f} of held-out pairs, not shown to be more "
            f"than the majority's share, {majority:z.3f}: there is no quality to explain.",
            "look at labels and codes with other probes first",
        )
    moved = f"from {accuracy:z.3f} to {worst.accuracy.value:z.3f} under {worst.name}"
    if counted:
        return (
            "caution",
            "against",
            f"Accuracy moved {moved}, at equal information: it is geometry.",
            "read accuracy as how codes lie, and compare encoders by probes and not by bounds",
        )
    told = (
        f"No map that codes could have withstood moved accuracy by as much as counts: the most was "
        f"{moved}."
        if worst.difference.high < 0
        else f"Accuracy stayed where information stays: at the most it moved {moved}."
    )
    return "sound", "not against", told, ""


def _of_clusters(recoded: _Recoded, codes: AuditedCodes, rows: ProbedRows) -> tuple[float, float]:
    """Return the accuracy of codes whose classes lie far apart, before and after the same map."""
    generator = np.random.default_rng(codes.seed)
    size = codes.x.shape[1]
    labels = np.concatenate([rows.fitted_labels, rows.labels])
    towards = generator.standard_normal((int(labels.max()) + 1, size))
    means = _APART * towards / np.linalg.norm(towards, axis=1, keepdims=True)
    drawn = generator.standard_normal((len(labels), size)) + means[labels]
    clusters = _standardised(torch.from_numpy(drawn))
    count = len(rows.fitted)
    before, after = (
        float((_named(each[:count], each[count:], rows, codes.seed) == rows.labels).mean())
        for each in (clusters, recoded.of_x.forward(clusters))
    )
    return before, after


def _lost(before: float, after: float, majority: float) -> float:
    """Return which share of what accuracy was above the majority's share is lost."""
    return (before - after) / (before - majority) if before > majority else 1.0


def _beside(worst: _Recoded, clusters: dict[str, tuple[float, float]], counted: bool) -> str:
    """Return how codes fared whose classes lie far apart, where that was asked."""
    if not clusters:
        return ""
    name = worst.name if worst.name in clusters else next(iter(clusters))
    before, after = clusters[name]
    ending = "" if counted else ", so that the map would ruin any codes and says nothing of these"
    return (
        f" Codes of the same classes that lie far apart went from {before:z.2f} to {after:z.2f} "
        f"under {name}{ending}."
    )


def _named(fitted: Tensor, held_out: Tensor, rows: ProbedRows, seed: int) -> NDArray[np.int64]:
    """Return what a linear probe names the codes of held-out rows."""
    probe = fit_probe(fitted, rows.fitted_labels, seed=seed)
    found: NDArray[np.int64] = probe.predict(held_out).numpy()
    return found


def _bound(codes: AuditedCodes, x: Tensor, y: Tensor) -> tuple[int, BatchMean]:
    recoded = dataclasses.replace(codes, x=x, y=y)
    size = min(CHOSEN_AT, len(codes.held_out) // 2)
    return size, held_out_bound(fit_simple_critic(recoded), recoded, size)


def _recoded(
    recoding: Recoding,
    codes: AuditedCodes,
    before: NDArray[np.int64],
    rows: ProbedRows,
) -> tuple[_Recoded | None, float]:
    """Return the median draw of one kind, and how far codes are missed by its worst inverse."""
    truth = rows.labels
    x, y = (_standardised(side) for side in (codes.x, codes.y))
    drawn, farthest = [], 0.0
    for draw in range(_DRAWS if recoding.drawn else 1):
        seed = codes.seed + draw
        maps = [recoding.make(side.shape[1], seed + 1_000 * of) for of, side in enumerate((x, y))]
        errors = [inverse_error(each, side) for each, side in zip(maps, (x, y), strict=True)]
        farthest = max(farthest, *errors)
        if max(errors) > MOST_INVERSE_ERROR:
            continue
        new_x, new_y = maps[0].forward(x), maps[1].forward(y)
        named = _named(new_x[rows.fitted], new_x[rows.held_out], rows, codes.seed)
        drawn.append((named, new_x, new_y, maps[0], max(errors)))
    if not drawn:
        return None, farthest
    drawn.sort(key=lambda each: float((each[0] == truth).mean()))
    predicted, new_x, new_y, map_of_x, error = drawn[len(drawn) // 2]
    return (
        _Recoded(
            recoding.name,
            accuracy_of(predicted, truth),
            accuracy_difference(predicted, before, truth),
            _bound(codes, new_x, new_y)[1],
            map_of_x,
            error,
            [float((each[0] == truth).mean()) for each in drawn],
        ),
        farthest,
    )


def _standardised(side: Tensor) -> Tensor:
    """Return codes whose columns have mean 0 and variance 1; constant ones are left at 0."""
    spread = torch.where((side == side[:1]).all(dim=0), torch.inf, side.std(0))
    return (side - side.mean(0)) / spread.where(spread > 0, torch.inf)


def _told(recoded: _Recoded) -> dict[str, Any]:
    difference = recoded.difference
    return {
        "name": recoded.name,
        "accuracy": recoded.accuracy.value,
        "difference": difference.value,
        "difference_interval": [difference.low, difference.high],
        "accuracy_of_draws": recoded.of_draws,
        "bound_nats": recoded.bound.mean,
        "inverse_error": recoded.inverse_error,
    }
