"""Shortcuts: is what the views share more than brightness, length, place, or order in a file?"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.simple_critic import CHOSEN_AT, fit_simple_critic, held_out_bound
from infomax.audit.swapped_critics import ScoresOfCritics
from infomax.audit.trivial_features import order_features, trivial_features
from infomax.bounds import infonce
from infomax.errors import UserError
from infomax.estimation.copula.margins import fitted_scaling
from infomax.evaluation import BatchMean, check_probed_labels, fit_probe, means_over_batches
from infomax.information import NOTHING_NATS, Interval

__all__ = ["check_shortcuts"]

NAME = "shortcuts"
QUESTION = "How much of what codes share is left where trivial features of the views are held?"
_LEFT_SHARE = 0.5
_LEAST_LOST_NATS = 0.3
_ORDER_BY_CLASS = 0.1
_MOST_FITTED = 4_000
_MOST_HELD_OUT = 4_096
_PENALTIES = np.logspace(-1, 6, 8)
_METHOD = (
    "From codes of both views was taken what ridge regression (its penalty chosen by leaving one "
    "out, on {fitted:,} pairs) predicts from {what}; InfoNCE of held-out pairs at K = {size:,} was "
    "read by simple critics before and after."
)


@dataclass(frozen=True, eq=False)
class _Held:
    """What a bound reads where some trivial features are held.

    Attributes:
        name: of the features, in words.
        left: InfoNCE of codes without what the features predict of them.
        lost: what InfoNCE of codes has more, of the same pairs.
        alone: InfoNCE of the features of x and those of y; none where both views have the same.
        accuracy: of the linear probe on codes without them; NaN without labels.
    """

    name: str
    left: BatchMean
    lost: BatchMean
    alone: BatchMean | None
    accuracy: float

    @property
    def loses_most(self) -> bool:
        """Whether surely less than half of the bound is left, and what is lost is material."""
        bound = self.left.mean + self.lost.mean
        return self.lost.low > max(_LEAST_LOST_NATS, (1 - _LEFT_SHARE) * bound)


def check_shortcuts(codes: AuditedCodes) -> Finding:
    r"""Hold trivial features of the views, and read what is left of the bound of the codes.

    Trivial features t are those of what the encoder saw (``trivial_features``: brightness, contrast
    and place of images, scale, range and length of anything else), of both views together, as
    normal scores and their squares; and slow waves of the place that a pair had in its file. From
    codes of either side is taken what ridge regression on t predicts. InfoNCE of what is left, by a
    simple critic that is fitted on it, is on average at most I(x, t; y, t) and, where codes follow
    t as the regression does, at most I(X; Y | t).

    Views share a shortcut where surely more than half of the bound goes, and 0.3 nats. Such a bound
    can be had by codes that hold t and nothing else, so it cannot tell. Beside it stands what the
    trivial features of x and those of y share by themselves, and the accuracy of the linear probe
    on what is left. The order of a file is not asked where it goes with the labels: then classes
    follow each other, and holding it would hold them.

    Without what the encoder saw only order is asked. That is no obstacle to the answer: a shortcut
    is a fault of views, that labels show as accuracy which stays low.

    Source: Geirhos et al. (2020) for shortcuts; Cover and Thomas (2006), section 2.5, for the chain
    rule I(X; Y) = I(T; Y) + I(X; Y | T) of features T of x.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x, y = np.random.default_rng(0).standard_normal((2, 1_000, 4))
        >>> drift = np.sin(np.arange(1_000) / 100)[:, None]
        >>> check_shortcuts(read_codes("mine", x + 9 * drift, y + 9 * drift, None, seed=0)).status
        'caution'
        >>> check_shortcuts(read_codes("mine", x, x + y, None, seed=0)).status
        'sound'
    """
    asked, not_asked = _features(codes)
    if not asked:
        why = "; ".join(not_asked.values())
        return Finding.not_run(
            NAME,
            codes.name,
            QUESTION,
            why,
            "give what the encoder saw (--raw-x, --raw-y)",
            short="neither items nor order could be asked",
            stance="not against",
            measured={"not_asked": not_asked},
        )
    looked_at = dataclasses.replace(codes, held_out=codes.held_out[:_MOST_HELD_OUT])
    size = min(CHOSEN_AT, len(looked_at.held_out) // 2)
    bound = held_out_bound(fit_simple_critic(looked_at), looked_at, size)
    held = [_held(name, of_sides, looked_at, size) for name, of_sides in asked.items()]
    before = _accuracy(looked_at)
    worst = max(held, key=lambda each: each.lost.low)
    status, stance, sentence, next_step = _verdict(worst, bound)
    measured: dict[str, Any] = {
        "negatives_and_partner": size,
        "held_out": len(looked_at.held_out),
        "bound_nats": bound.mean,
        "bound_interval_nats": [bound.low, bound.high],
        "accuracy": before,
        "held": [_told(each) for each in held],
        "not_asked": not_asked,
    }
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        _short(held, bound),
        sentence,
        next_step,
        _detail(worst, before, not_asked),
        Interval(worst.lost.low, worst.lost.high),
        f"what holding {worst.name} takes off InfoNCE at K = {size}, in nats",
        measured,
        {
            "left_share": _LEFT_SHARE,
            "least_lost_nats": _LEAST_LOST_NATS,
            "order_by_class": _ORDER_BY_CLASS,
        },
        [_dumbbells(held, bound)],
        _METHOD.format(
            fitted=min(len(codes.fitted), _MOST_FITTED), what=" and from ".join(asked), size=size
        ),
    )


def _verdict(worst: _Held, bound: BatchMean) -> tuple[Status, Stance, str, str]:
    told = (
        f"of the {bound.mean:z.2f} nats that the bound of codes reads at least, "
        f"{worst.left.mean:z.2f} are left past {worst.name}"
    )
    if bound.high < NOTHING_NATS:
        return (
            "not run",
            "undecided",
            f"Nothing to ask: the bound of codes reads {bound.mean:z.2f} nats, next to nothing.",
            "give critics that are trained a try (infomax estimate --method infonce)",
        )
    if worst.loses_most:
        return (
            "caution",
            "undecided",
            f"Views share a shortcut: {told}. Codes that hold them alone reach most of the bound.",
            f"make views differ in {worst.name}, train again, and read the bound where it is held",
        )
    return "sound", "not against", f"The bound does not rest on a shortcut: {told}.", ""


def _short(held: list[_Held], bound: BatchMean) -> str:
    left = ", ".join(
        f"{each.left.mean:z.2f} past {each.name.removesuffix(' of the file')}" for each in held
    )
    return f"{bound.mean:z.2f} nats; {left}"


def _detail(worst: _Held, before: float, not_asked: dict[str, str]) -> str:
    told = []
    if worst.alone is not None:
        told.append(
            f"by themselves those of x and those of y share at least {worst.alone.mean:z.2f} nats"
        )
    if not np.isnan(before):
        told.append(
            f"the linear probe is right on {before:z.3f} before and {worst.accuracy:z.3f} after"
        )
    told += [f"not asked: {name}, since {why}" for name, why in not_asked.items()]
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _features(
    codes: AuditedCodes,
) -> tuple[dict[str, list[NDArray[np.float64]]], dict[str, str]]:
    """Return what is held, of x and of y or of both at once, and what is not asked and why."""
    asked: dict[str, list[NDArray[np.float64]]] = {}
    not_asked = {}
    if codes.raw is None:
        not_asked["trivial features"] = "what the encoder saw was not given (--raw-x, --raw-y)"
    else:
        sides = [trivial_features(each)[1] for each in codes.raw]
        asked["trivial features"] = [_scores(each, codes) for each in sides]
    if codes.places is None:
        not_asked["the order of the file"] = "nobody said where pairs stood"
    elif (share := _share_by_class(codes)) > _ORDER_BY_CLASS:
        not_asked["the order of the file"] = (
            f"it goes with the labels, which tell {100 * share:z.0f} % of its variance"
        )
    else:
        asked["the order of the file"] = [order_features(codes.places, codes.given_rows)]
    return asked, not_asked


def _scores(features: NDArray[np.float64], codes: AuditedCodes) -> NDArray[np.float64]:
    """Return normal scores of features that vary, and their squares, by ranks of fitted pairs."""
    fitted = features[codes.fitted]
    varies = fitted.std(axis=0) > 0
    if not varies.any():
        return np.zeros((len(features), 1))
    scores = fitted_scaling("rank-gaussian", fitted[:, varies])(features[:, varies])
    return np.concatenate([scores, np.square(scores)], axis=1)


def _share_by_class(codes: AuditedCodes) -> float:
    """Return what share of the variance of places classes tell, less what chance would."""
    if codes.labels is None or codes.places is None:
        return 0.0
    places = pd.Series(codes.places.astype(np.float64))
    rows, classes = len(places), len(np.unique(codes.labels))
    if classes >= rows:
        return 0.0
    within = places - places.groupby(codes.labels).transform("mean")
    unexplained = float(np.square(within).sum() / np.square(places - places.mean()).sum())
    return 1 - unexplained * (rows - 1) / (rows - classes)


def _held(name: str, of_sides: list[NDArray[np.float64]], codes: AuditedCodes, size: int) -> _Held:
    features = np.concatenate(of_sides, axis=1)
    without = dataclasses.replace(
        codes, x=_without(codes.x, features, codes), y=_without(codes.y, features, codes)
    )
    left, lost = _before_and_after(codes, without, size)
    alone = None
    if len(of_sides) == 2:
        x, y = (torch.from_numpy(each) for each in of_sides)
        trivial = dataclasses.replace(codes, x=x, y=y)
        alone = held_out_bound(fit_simple_critic(trivial), trivial, size)
    return _Held(name, left, lost, alone, _accuracy(without))


def _without(side: Tensor, features: NDArray[np.float64], codes: AuditedCodes) -> Tensor:
    """Return codes less what ridge regression on features predicts of them."""
    fitted = codes.fitted[:_MOST_FITTED]
    center, spread = features[fitted].mean(axis=0), features[fitted].std(axis=0)
    scaled = (features - center) / np.where(spread > 0, spread, np.inf)
    # A penalty for each column: one that follows features closely is held closely.
    model = RidgeCV(_PENALTIES, alpha_per_target=True).fit(scaled[fitted], side[fitted].numpy())
    return side - torch.from_numpy(model.predict(scaled).reshape(side.shape))


def _before_and_after(
    codes: AuditedCodes, without: AuditedCodes, size: int
) -> tuple[BatchMean, BatchMean]:
    """Return InfoNCE of codes without features, and by how much that of codes is more."""
    both = {"codes": codes, "left": without}
    critics = {name: fit_simple_critic(each) for name, each in both.items()}
    rows = codes.held_out[: len(codes.held_out) // size * size].reshape(-1, size)

    def scores(batch: Tensor, _: Tensor) -> ScoresOfCritics:
        return ScoresOfCritics(
            {
                name: critics[name](each.x[batch], each.y[batch]).float()
                for name, each in both.items()
            }
        )

    def left(of_both: ScoresOfCritics) -> Tensor:
        return infonce(of_both.of["left"])

    def lost(of_both: ScoresOfCritics) -> Tensor:
        return infonce(of_both.of["codes"]) - left(of_both)

    batches = [torch.from_numpy(each) for each in rows]
    read = means_over_batches(
        scores, zip(batches, batches, strict=True), {"left": left, "lost": lost}
    )
    return read["left"], read["lost"]


def _accuracy(codes: AuditedCodes) -> float:
    """Return the held-out accuracy of the linear probe; NaN where labels teach it nothing."""
    fitted = codes.fitted[:_MOST_FITTED]
    if codes.labels is None:
        return float("nan")
    try:
        check_probed_labels(codes.labels[fitted])
    except UserError:
        return float("nan")
    probe = fit_probe(codes.x[fitted], codes.labels[fitted], seed=codes.seed)
    return probe.accuracy(codes.x[codes.held_out], codes.labels[codes.held_out])


def _told(held: _Held) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": held.name,
        "left_nats": held.left.mean,
        "left_interval_nats": [held.left.low, held.left.high],
        "lost_nats": held.lost.mean,
        "lost_interval_nats": [held.lost.low, held.lost.high],
        "accuracy_left": held.accuracy,
    }
    if held.alone is not None:
        told["alone_nats"] = held.alone.mean
        told["alone_interval_nats"] = [held.alone.low, held.alone.high]
    return told


def _dumbbells(held: list[_Held], bound: BatchMean) -> FindingFigure:
    rows = [
        {
            "label": each.name,
            "before": bound.mean,
            "after": each.left.mean,
            "low": each.left.low,
            "high": each.left.high,
        }
        for each in held
    ]
    return FindingFigure(
        "shortcuts",
        "The bound of codes, and what is left of it where trivial features are held",
        "dumbbells",
        pd.DataFrame(rows),
        value_label="nats",
    )
