"""Jacobian: how hard are the encoders to invert, and which directions of their input are lost?"""

import math
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor, nn

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure
from infomax.errors import reason_of
from infomax.evaluation import (
    jacobian_operations,
    jacobian_singular_values,
    log_condition_numbers,
)
from infomax.information import Interval
from infomax.training import evaluation_mode

__all__ = ["check_jacobian"]

NAME: Final = "jacobian"
QUESTION: Final = "How hard are the encoders to invert where held-out views lie?"
_LOST = 1e-3
_MOST_LOST_SHARE = 0.5
_MOST_VIEWS = 16
_FEWEST_VIEWS = 4
_MOST_OPERATIONS = 2e10


def check_jacobian(codes: AuditedCodes) -> Finding:
    r"""Measure the singular values of the encoders' Jacobians at held-out views.

    Of the largest s_1 and the smallest s_n of the n directions that a code can keep, n the size of
    the code or that of the view, the condition number s_1 / s_n tells by how much more the encoder
    stretches one direction than another. A direction is lost where its singular value is below
    1e-3 of s_1: what lies along it is there in exact arithmetic, and hard to bring back.

    The interval is that of Student's t over views, of the side that loses more. It is a caution
    where it lies above a half. An encoder that is hard to invert is no proof against information,
    so it never speaks against the claim.

    Source: Tschannen et al. (2020), section 3.1, figure 2c.

    Args:
        codes: that are audited; of codes that were given as numbers there is no Jacobian.

    Example:
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((50, 4))
        >>> check_jacobian(read_codes("mine", x, x, None, seed=0)).short
        'codes alone have no Jacobian'
    """
    encoders = codes.encoders
    if encoders is None or codes.raw is None:
        return _not_run(
            codes,
            "codes alone have no Jacobian",
            "audit the encoder itself: a run, module:callable, or a module from Python",
        )
    views = [side[codes.held_out[:_MOST_VIEWS]] for side in codes.raw]
    found: dict[str, NDArray[np.float64]] = {}
    measured: dict[str, Any] = {}
    for side, encoder, of_side in zip("xy", (encoders.x, encoders.y), views, strict=True):
        values = _singular_values(encoder, of_side)
        if isinstance(values, str):
            return _not_run(
                codes, f"the encoder of {side} {values}", "measure it in an encoder that can be"
            )
        logs = log_condition_numbers(values).numpy()
        found[side] = values.numpy()
        measured |= {
            f"views_{side}": len(values),
            f"directions_{side}": values.shape[1],
            f"log_condition_number_{side}_nats": logs.tolist(),
            f"log_condition_number_{side}_median_nats": float(np.median(logs)),
            f"share_lost_{side}": float(_lost(found[side]).mean()),
        }
    side = max(found, key=lambda each: float(_lost(found[each]).mean()))
    interval = _interval(_lost(found[side]))
    lost, condition = measured[f"share_lost_{side}"], _told(measured, side)
    hard = interval.low > _MOST_LOST_SHARE
    count, directions = measured[f"views_{side}"], measured[f"directions_{side}"]
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        "caution" if hard else "sound",
        "not against",
        f"{100 * lost:z.0f} % of {directions} directions lost; condition {condition}",
        f"At {count} held-out views the encoder of {side} loses {100 * lost:z.0f} % of the "
        f"{directions} directions that its code can keep, at a median condition number of "
        f"{condition}"
        + (
            ": most of what it could tell is hard to bring back."
            if hard
            else ", and most of what it could tell can be brought back."
        ),
        "ask whether codes of fewer values would do, and whether the lost directions matter: probe "
        "codes for what lies along them"
        if hard
        else "",
        interval=interval,
        interval_of=f"share of directions that the encoder of {side} loses",
        measured=measured,
        thresholds={"lost_below": _LOST, "most_lost_share": _MOST_LOST_SHARE},
        figures=[_spectra(found)],
        method=f"Jacobians of both encoders were taken at {count} held-out views; a direction was "
        f"counted as lost where its singular value lay below {_LOST:g} of the largest of that view "
        "(interval: Student's t over views).",
    )


def _singular_values(encoder: nn.Module, views: Tensor) -> Tensor | str:
    """Return singular values at views, the largest first, or what the encoder does instead."""
    with evaluation_mode(encoder):
        try:
            affordable = int(_MOST_OPERATIONS // max(jacobian_operations(encoder, views), 1))
            if affordable < _FEWEST_VIEWS:
                return "takes too long to be differentiated"
            values = jacobian_singular_values(encoder, views[: min(affordable, len(views))])
        # Whatever an encoder of the user's own does that cannot be differentiated value by value.
        except Exception as error:  # noqa: BLE001
            return f"cannot be differentiated ({reason_of(error)})"
    if not values.isfinite().all():
        return "has derivatives that are not finite"
    if not values[:, 0].all():
        return "has no derivatives: something in it cuts them off, or it is constant"
    return values


def _lost(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return of each view the share of directions that are lost."""
    return np.asarray((values < _LOST * values[:, :1]).mean(axis=1))


def _interval(shares: NDArray[np.float64]) -> Interval:
    half = float(stats.t.ppf(0.975, len(shares) - 1)) * float(shares.std(ddof=1))
    half /= math.sqrt(len(shares))
    return Interval(max(shares.mean() - half, 0.0), min(shares.mean() + half, 1.0))


def _told(measured: dict[str, Any], side: str) -> str:
    log = measured[f"log_condition_number_{side}_median_nats"]
    if not math.isfinite(log):
        return "infinity"
    return f"{math.exp(log):z,.0f}" if log < math.log(1e5) else f"1e{log / math.log(10):z.0f}"


def _spectra(found: dict[str, NDArray[np.float64]]) -> FindingFigure:
    rows = []
    for side, values in found.items():
        shares = values / values[:, :1]
        low, middle, high = np.percentile(shares, [25, 50, 75], axis=0)
        rows.append(
            pd.DataFrame(
                {
                    "series": side,
                    "at": np.arange(1, values.shape[1] + 1),
                    "value": middle,
                    "low": low,
                    "high": high,
                }
            )
        )
    return FindingFigure(
        "jacobian-spectrum",
        "How much encoders stretch each direction of held-out views, the most stretched first",
        "curve",
        pd.concat(rows, ignore_index=True),
        value_label="singular value, as a share of the largest; median and quartiles over views",
        at_label="direction",
        marks={"lost": _LOST},
    )


def _not_run(codes: AuditedCodes, why: str, next_step: str) -> Finding:
    # It could not have spoken against the claim, so that it is no obstacle to the answer either.
    return Finding.not_run(NAME, codes.name, QUESTION, why, next_step, stance="not against")
