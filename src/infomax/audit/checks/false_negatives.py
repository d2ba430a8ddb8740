"""False negatives: how far do items that come twice, and pairs of one class, limit the bound?"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.batch_relations import (
    BatchRelations,
    apart,
    cost_of_relatives,
    lost_to_relatives,
    read_all,
    related,
)
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.simple_critic import SimpleCritic, fit_simple_critic
from infomax.evaluation import BatchMean, means_over_batches
from infomax.information import NEAR_CEILING_NATS, NOTHING_NATS, Interval
from infomax.training.repeated_items import content_keys

__all__ = ["check_false_negatives"]

NAME = "false negatives"
QUESTION = "How far do items that come twice in a batch, and pairs of one class, limit the bound?"
_SIZES = tuple(2**power for power in range(5, 11))
_MOST_ROWS = 2_048
_REPEATS_NATS = 0.1
_CLASS_SHARE = 0.8
_COPY_DISTANCE = 1e-3
_GAP = 10.0
_LEAST_IN_GAP = 0.5


@dataclass(frozen=True, eq=False)
class _Batches:
    """Held-out pairs, how a critic scores them, and which are relatives of which.

    Attributes:
        x: of the pairs that are looked at.
        y: of them.
        critic: that scores them.
        relatives: by name, a pair's number, or a matrix of which is a relative of which.
    """

    x: Tensor
    y: Tensor
    critic: SimpleCritic
    relatives: dict[str, Tensor]

    def read(self, size: int) -> dict[str, BatchMean]:
        """Return bound, ceilings, and what relatives do, in batches of a size."""
        functions: dict[str, Any] = {"bound": read_all}
        for name in self.relatives:
            functions[f"lost_to_{name}"] = lost_to_relatives(name)
        if "classes" in self.relatives:
            functions |= {
                "bound_without_own_class": apart("classes"),
                "bound_within_class": related("classes"),
                "loss_from_own_class": cost_of_relatives("classes"),
            }
        batches = torch.arange(len(self.x) // size * size).reshape(-1, size)
        found = means_over_batches(
            lambda rows, _: self._batch(rows),
            ((rows, rows) for rows in batches),
            functions,
            ceilings=dict.fromkeys(functions, math.log(size)),
        )
        for name in self.relatives:
            lost = found[f"lost_to_{name}"]
            ends = (math.log(size) - end for end in (lost.mean, lost.high, lost.low))
            found[f"ceiling_of_{name}"] = BatchMean(*ends)
        return found

    def _batch(self, rows: Tensor) -> BatchRelations:
        relatives = {name: each[rows][:, rows] for name, each in self.relatives.items()}
        scores = self.critic(self.x[rows], self.y[rows]).float()
        return BatchRelations(scores, relatives)


def check_false_negatives(codes: AuditedCodes) -> Finding:
    r"""Measure the ceilings that repeated items and classes set to InfoNCE, beside the bound.

    Where an item comes :math:`m_i` times in a batch of K, no critic tells which of the copies is
    the partner, so that InfoNCE is at most :math:`\log K - \sum_i \log m_i / K`, the entropy of the
    items in the batch. Codes that hold the class and nothing else have the same ceiling with
    :math:`m_i` the pairs of a class: about H(labels), however large K is.

    With labels three more readings stand beside the bound, of the same critic and the same pairs:
    with the other pairs of the anchor's class left out of the denominator; with only those in it,
    which is on average a lower bound on I(X; Y | class); and the part of the loss that they make.

    Copies are codes that are equal, and those within 1e-3 of the root mean square distance of all,
    if there are at least half as many of those as within 1e-2: codes that merely lie densely have
    far fewer. Near copies that the critic tells apart, its bound above their ceiling, are none.

    Source: van den Oord, Li and Vinyals (2018), section 2.3, for the loss, of which the ceiling
    follows by Gibbs' inequality; Khosla et al. (2020) for the class in the denominator; Cover and
    Thomas (2006), section 2.5, for I(X; Y) = I(C; Y) + I(X; Y | C) where x determines C.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x, y = np.random.default_rng(0).standard_normal((2, 800, 4))
        >>> captions = np.arange(800) % 20
        >>> found = check_false_negatives(read_codes("mine", x + 9, y[captions], None, seed=0))
        >>> found.status, round(found.measured["lost_to_repeats_nats"], 1)
        ('caution', 1.9)
    """
    rows = codes.held_out[:_MOST_ROWS]
    x, y = codes.x[rows], codes.y[rows]
    critic = fit_simple_critic(codes)
    sizes = [size for size in _SIZES if size <= len(rows) // 2] or [len(rows) // 2]
    relatives = {"repeats_x": _equal(x), "repeats_y": _equal(y)}
    if codes.labels is not None:
        labels = torch.from_numpy(codes.labels[rows])
        relatives["classes"] = labels[:, None] == labels
    near = {"repeats_x": _near(x), "repeats_y": _near(y)}
    with_near = _Batches(x, y, critic, relatives | near)
    curve = {size: with_near.read(size) for size in sizes}
    size = sizes[-1]
    if _bound(curve[size]).low > _repeats(curve[size]).high:
        curve = {each: _Batches(x, y, critic, relatives).read(each) for each in sizes}
    found = curve[size]
    bound, ceiling = _bound(found), _repeats(found)
    lost = Interval(math.log(size) - ceiling.high, math.log(size) - ceiling.low)
    status, stance, sentence, next_step = _verdict(found, size, lost)
    of_classes = {} if codes.labels is None else _told_classes(found)
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        _short(found, size),
        sentence,
        next_step,
        _detail(found, size),
        lost,
        f"what repeated items take off the ceiling of InfoNCE at K = {size}, in nats",
        {
            "negatives_and_partner": size,
            "held_out": len(rows),
            "critic": critic.told,
            "log_k_nats": math.log(size),
            "lost_to_repeats_nats": math.log(size) - ceiling.mean,
            "bound_nats": bound.mean,
            "bound_interval_nats": [bound.low, bound.high],
            **of_classes,
            "curve": [_told_at(each, of_size) for each, of_size in curve.items()],
        },
        {
            "lost_to_repeats_nats": _REPEATS_NATS,
            "near_ceiling_nats": NEAR_CEILING_NATS,
            "share_of_class_ceiling": _CLASS_SHARE,
            "nothing_nats": NOTHING_NATS,
            "copy_distance": _COPY_DISTANCE,
        },
        [_figure(curve)],
        _method(critic.told, size, len(rows)),
    )


def _method(critic: str, size: int, held_out: int) -> str:
    return (
        f"The ceiling that repeated items set to InfoNCE, ln K less the mean log of the number of "
        f"copies in a batch, was computed for batches of K = {size:,} of {held_out:,} held-out "
        f"pairs, codes within {_COPY_DISTANCE:g} of the root mean square distance being copies, "
        f"and beside it InfoNCE by {critic}, with labels also without the other pairs of the "
        "anchor's class, and among them alone."
    )


def _verdict(
    found: dict[str, BatchMean], size: int, lost: Interval
) -> tuple[Status, Stance, str, str]:
    bound, ceiling, log_k = _bound(found), _repeats(found), math.log(size)
    of_k = f"{ceiling.mean:z.2f} nats in place of ln {size:,} = {log_k:z.2f}"
    if lost.low > _REPEATS_NATS:
        near = ceiling.mean - bound.mean < NEAR_CEILING_NATS
        read = f"the bound reads {bound.mean:z.2f}"
        return (
            "caution",
            "undecided" if near else "not against",
            f"Items come more than once in a batch, so that no critic can read more than {of_k}; "
            + (f"{read}, which is that ceiling." if near else f"{read}, below that."),
            "keep repeats of an item out of one batch, or count them as positives; a loss that no "
            "longer falls is at its floor",
        )
    if "ceiling_of_classes" in found:
        most, within = found["ceiling_of_classes"].mean, found["bound_within_class"]
        several = log_k - most > _REPEATS_NATS
        if several and bound.mean > _CLASS_SHARE * most and within.high < NOTHING_NATS:
            return (
                "caution",
                "undecided",
                f"Codes tell classes apart and no pairs within one: the bound reads "
                f"{bound.mean:z.2f} of the {most:z.2f} nats that classes allow, whatever K is.",
                "rank no codes by this bound, which all codes that tell the classes read alike; "
                "compare their accuracies",
            )
    return (
        "sound",
        "not against",
        f"Repeated items leave the ceiling at {of_k}."
        if ceiling.mean < log_k
        else f"No item comes twice in a batch of {size:,}.",
        "",
    )


def _short(found: dict[str, BatchMean], size: int) -> str:
    repeats = f"repeats take {math.log(size) - _repeats(found).mean:z.2f} off ln {size:,}"
    if "ceiling_of_classes" not in found:
        return repeats
    without = found["bound_without_own_class"].mean
    return f"{repeats}; {_bound(found).mean:z.2f} -> {without:z.2f} across classes"


def _detail(found: dict[str, BatchMean], size: int) -> str:
    if "ceiling_of_classes" not in found:
        return "Give labels (--labels) to learn what pairs of one class do to the bound."
    bound, without = _bound(found), found["bound_without_own_class"]
    return (
        f"Of the loss of {math.log(size) - bound.mean:.2f} nats, other pairs of the anchor's class "
        f"make {found['loss_from_own_class'].mean:.2f}; the bound reads {bound.mean:z.2f}, without "
        f"them {without.mean:z.2f}, and codes that hold the class alone could read at most "
        f"{found['ceiling_of_classes'].mean:z.2f}."
    )


def _told_classes(found: dict[str, BatchMean]) -> dict[str, Any]:
    names = (
        "ceiling_of_classes",
        "bound_without_own_class",
        "bound_within_class",
        "loss_from_own_class",
    )
    told: dict[str, Any] = {}
    for name in names:
        told[f"{name}_nats"] = found[name].mean
        told[f"{name}_interval_nats"] = [found[name].low, found[name].high]
    return told


def _told_at(size: int, found: dict[str, BatchMean]) -> dict[str, float]:
    told = {f"{name}_nats": each.mean for name, each in found.items()}
    return {"negatives_and_partner": size, "log_k_nats": math.log(size), **told}


def _bound(found: dict[str, BatchMean]) -> BatchMean:
    return found["bound"]


def _repeats(found: dict[str, BatchMean]) -> BatchMean:
    """Return the lower one of the ceilings that repeats of x and of y set."""
    return min((found["ceiling_of_repeats_x"], found["ceiling_of_repeats_y"]), key=_mean)


def _mean(of: BatchMean) -> float:
    return of.mean


def _equal(side: Tensor) -> Tensor:
    keys = torch.from_numpy(content_keys([side]))
    return keys[:, None] == keys


def _near(side: Tensor) -> Tensor:
    """Return which codes are copies, equal ones and near ones: ``(N, N)``."""
    centred = side - side.mean(0)
    scale = float(2 * centred.square().sum(dim=1).mean())
    norms = centred.square().sum(dim=1)
    squares = norms[:, None] + norms - 2 * centred @ centred.mT
    radius = _COPY_DISTANCE**2 * scale
    copies = (squares <= radius) | _equal(side)
    pairs, wider = int(copies.sum()), int((squares <= _GAP**2 * radius).sum())
    size = len(side)
    if scale == 0 or pairs - size < _LEAST_IN_GAP * (wider - size):
        return _equal(side)
    return copies


def _figure(curve: dict[int, dict[str, BatchMean]]) -> FindingFigure:
    named = {
        "bound": "InfoNCE",
        "bound_without_own_class": "without the anchor's class",
        "ceiling_of_classes": "ceiling: class alone",
    }
    marks = []
    for size, found in curve.items():
        marks.append(("ceiling: log K", size, math.log(size), np.nan, np.nan))
        repeats = _repeats(found)
        marks.append(("ceiling: repeats", size, repeats.mean, repeats.low, repeats.high))
        marks += [
            (series, size, found[name].mean, found[name].low, found[name].high)
            for name, series in named.items()
            if name in found
        ]
    return FindingFigure(
        "false-negatives",
        "The bound beside the ceilings that repeats and classes set",
        "curve",
        pd.DataFrame(marks, columns=["series", "at", "value", "low", "high"]),
        "nats",
        "K, candidates in a batch",
        log_at=True,
    )
