"""Contents: how much do codes hold about the labels, and about what they should rather not hold?"""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.neighbors import KNeighborsRegressor
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.errors import UserError
from infomax.estimation import MIResult, estimate_mi
from infomax.evaluation import check_probed_labels, fit_probe, neighbours_labels
from infomax.information import NOTHING_NATS, Interval
from infomax.warnings import InfomaxWarning

__all__ = ["check_contents"]

NAME = "contents"
QUESTION = "How much do codes hold about the labels, and about the nuisances that were named?"
_MORE_NATS = 0.1
_MOST_FITTED = 4_000
_MOST_HELD_OUT = 2_000
_NEIGHBOURS = 20
_PENALTIES = np.logspace(-3, 5, 9)
_METHOD = (
    "What codes of x hold about labels and nuisances was read of held-out pairs as the mutual "
    "information of each with its prediction by the better of a linear probe and 20 nearest "
    "neighbours, fitted and chosen on the other pairs: at least so much, by data processing."
)


@dataclass(frozen=True, eq=False)
class _Held:
    """What codes hold about one variable.

    Attributes:
        name: of the variable.
        by: what predicted it.
        result: of its information with the prediction.
    """

    name: str
    by: str
    result: MIResult

    @property
    def entropy(self) -> float:
        """What there is to hold, in nats; NaN of measurements."""
        return self.result.entropy_of_y

    def told(self) -> str:
        """Return in words how much codes hold, and of how much."""
        amount = f"at least {self.result.value:z.2f} nats of {self.name}"
        if np.isnan(self.entropy):
            return amount
        share = 100 * self.result.share_of_y
        return f"{amount} ({share:z.0f} % of {self.entropy:z.2f})"

    def as_dict(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        low, high = (float(end) for end in self.result.interval)
        return {
            "name": self.name,
            "predicted_by": self.by,
            "information_nats": float(self.result.value),
            "interval_nats": [low, high],
            "entropy_nats": float(self.entropy),
            "share": float(self.result.share_of_y),
            "method": self.result.method,
        }


def check_contents(codes: AuditedCodes) -> Finding:
    r"""Measure what codes of x hold about the labels, and about each nuisance that was named.

    A variable c is predicted from codes by a function f that is fitted on the fitted pairs: a
    linear probe (ridge regression of measurements) or 20 nearest neighbours, whichever is better on
    a third of those. What prediction and variable share is read on held-out pairs by
    ``estimate_mi``, and codes hold no less (data processing):

    .. math:: I(f(z); c) \le I(z; c) \le H(c)

    So each number says "at least"; of classes the share of their entropy stands beside it. Codes
    hold more of a nuisance than of the labels where the intervals of both readings, which are made
    alike, part, by more than 0.1 nats. What a bound counts of such codes need not be what labels
    need, so that it cannot tell. Without labels or nuisances nothing is asked; that is no obstacle
    to the answer, since other checks ask for labels.

    Source: Cover and Thomas (2006), theorem 2.8.1, for data processing.

    Args:
        codes: that are audited.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((800, 4))
        >>> told = {"site": (x[:, 0] > 0) * 1}
        >>> found = check_contents(read_codes("mine", x, x, None, seed=0, nuisances=told))
        >>> found.status, found.measured["held"][0]["share"] > 0.8
        ('sound', True)
    """
    asked: dict[str, NDArray[Any]] = {}
    if codes.labels is not None:
        asked["the labels"] = codes.labels
    asked |= {f"the nuisance {name!r}": values for name, values in codes.nuisances.items()}
    if not asked:
        return Finding.not_run(
            NAME,
            codes.name,
            QUESTION,
            f"{codes.why_no_labels}, and no nuisances",
            "give labels (--labels), and what codes should rather not hold (--nuisances)",
            stance="not against",
        )
    held, refused = [], {}
    for name, values in asked.items():
        try:
            held.append(_held(name, values, codes))
        except UserError as error:
            refused[name] = str(error)
    if not held:
        why = "; ".join(f"{name}: {each}" for name, each in refused.items())
        return Finding.not_run(
            NAME,
            codes.name,
            QUESTION,
            why,
            "give labels or nuisances of which each class has several pairs",
            short="nothing could be predicted",
            stance="not against",
        )
    of_labels = next((each for each in held if each.name == "the labels"), None)
    nuisances = [each for each in held if each is not of_labels]
    status, stance, sentence, next_step, rests_on = _verdict(held, of_labels, nuisances)
    low, high = rests_on.result.interval
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        _short(of_labels, nuisances),
        sentence,
        next_step,
        _detail(of_labels, nuisances, refused),
        Interval(float(low), float(high)),
        f"information of codes about {rests_on.name} that a prediction holds, in nats",
        {
            "held_out": min(len(codes.held_out), _MOST_HELD_OUT),
            "held": [each.as_dict() for each in held],
            "not_read": refused,
        },
        {"more_nats": _MORE_NATS, "nothing_nats": NOTHING_NATS},
        [_dots(held)],
        _METHOD,
    )


def _verdict(
    held: list[_Held], of_labels: _Held | None, nuisances: list[_Held]
) -> tuple[Status, Stance, str, str, _Held]:
    worst = max(nuisances, key=lambda each: each.result.interval.low, default=held[0])
    if of_labels is None:
        return (
            "sound",
            "not against",
            f"Codes hold {worst.told()}; there are no labels to compare it with.",
            "give labels (--labels) to compare what codes hold",
            worst,
        )
    labels, most = of_labels.result, worst.result
    if labels.interval.high < NOTHING_NATS:
        return (
            "caution",
            "undecided",
            f"Codes hold next to nothing of the labels that a simple prediction finds: "
            f"{of_labels.told()}.",
            "look at labels and codes with other probes first",
            of_labels,
        )
    if worst is not of_labels and most.interval.low > labels.interval.high + _MORE_NATS:
        return (
            "caution",
            "undecided",
            f"Codes hold more about a nuisance than about the labels: {worst.told()}, and "
            f"{of_labels.told()}. What a bound counts of them need not be what labels need.",
            "make views differ in that nuisance, so that it is not shared, and audit again",
            worst,
        )
    others = f"; the most of a nuisance is {worst.told()}" if worst is not of_labels else ""
    return "sound", "not against", f"Codes hold {of_labels.told()}{others}.", "", of_labels


def _held(name: str, values: NDArray[Any], codes: AuditedCodes) -> _Held:
    """Predict a variable by what is better on a third of fitted pairs, and read it held out."""
    fitted, held_out = codes.fitted[:_MOST_FITTED], codes.held_out[:_MOST_HELD_OUT]
    part, others = fitted[: 2 * len(fitted) // 3], fitted[2 * len(fitted) // 3 :]
    x = codes.x - codes.x[fitted].mean(0)
    classes = values.dtype.kind in "iu"
    if classes:
        check_probed_labels(values[part])
    predict = _classes_by if classes else _number_by
    scores = {}
    for by in ("a linear probe", "nearest neighbours"):
        found = predict(by, x[part], values[part], x[others], codes.seed)
        error = found != values[others] if classes else np.square(found - values[others])
        scores[by] = float(np.mean(error))
    best = min(scores, key=lambda by: scores[by])
    found = predict(best, x[fitted], values[fitted], x[held_out], codes.seed)
    kind: Literal["category", "float64"] = "category" if classes else "float64"
    predicted, truth = (pd.Series(each).astype(kind) for each in (found, values[held_out]))
    with warnings.catch_warnings():
        # What is said of such predictions is in what they are: levels that repeat, few rows.
        warnings.simplefilter("ignore", InfomaxWarning)
        result = estimate_mi(predicted, truth, permutations=0, random_state=codes.seed)
    return _Held(name, best, result)


def _classes_by(
    by: str, x: Tensor, values: NDArray[np.int64], of: Tensor, seed: int
) -> NDArray[np.int64]:
    if by == "nearest neighbours":
        return neighbours_labels(x, values, of, neighbours=_NEIGHBOURS)
    found: NDArray[np.int64] = fit_probe(x, values, seed=seed).predict(of).numpy()
    return found


def _number_by(
    by: str,
    x: Tensor,
    values: NDArray[np.float64],
    of: Tensor,
    seed: int,  # noqa: ARG001 - alike for classes, whose probe draws
) -> NDArray[np.float64]:
    model = (
        KNeighborsRegressor(min(_NEIGHBOURS, len(x)))
        if by == "nearest neighbours"
        else RidgeCV(_PENALTIES)
    )
    spread = x.std(0)
    scale = spread.where(spread > 0, 1.0)
    found: NDArray[np.float64] = model.fit((x / scale).numpy(), values).predict(
        (of / scale).numpy()
    )
    return found


def _short(of_labels: _Held | None, nuisances: list[_Held]) -> str:
    told = []
    if of_labels is not None:
        told.append(f"{of_labels.result.value:z.2f} of {of_labels.entropy:z.2f} nats of labels")
    if nuisances:
        most = max(nuisances, key=lambda each: float(each.result.value))
        told.append(f"{most.result.value:z.2f} of {most.name.removeprefix('the nuisance ')}")
    return f"at least {', '.join(told)}"


def _detail(of_labels: _Held | None, nuisances: list[_Held], refused: dict[str, str]) -> str:
    if refused:
        return f"Not read: {'; '.join(f'{name} ({why})' for name, why in refused.items())}."
    if not nuisances:
        return "Name what codes should rather not hold (--nuisances) to compare it."
    if len(nuisances) == 1 or of_labels is None:
        return ""
    return f"Of nuisances they hold {'; '.join(each.told() for each in nuisances)}."


def _dots(held: list[_Held]) -> FindingFigure:
    rows = []
    for each in held:
        low, high = each.result.interval
        value = float(each.result.value)
        label = each.name.removeprefix("the ")
        rows.append(
            {"label": label, "series": "held, at least", "value": value, "low": low, "high": high}
        )
        if not np.isnan(each.entropy):
            rows.append({"label": label, "series": "entropy", "value": each.entropy})
    return FindingFigure(
        "contents",
        "What codes hold about labels and nuisances, and how much there is",
        "dots",
        pd.DataFrame(rows),
        value_label="nats",
    )
