"""Geometry: do codes fill their directions, lie apart from each other, and near their partners?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.encoder_inverse import Precision, Side, try_inverse
from infomax.audit.finding import Finding, FindingFigure
from infomax.evaluation import alignment, collapse_sign, effective_rank, uniformity
from infomax.information import Interval

__all__ = ["check_geometry"]

NAME = "geometry"
QUESTION = "Do codes of each side fill their directions, or have they collapsed?"
_LEAST_RANK_SHARE = 0.1
_MOST_ROWS = 1_000
_PARTS = 10
_METHOD = (
    "Of {rows:,} pairs, effective ranks of codes without their mean (Garrido et al., 2023), "
    "uniformity and alignment (Wang and Isola, 2020) were measured, with jackknife intervals over "
    "tenths of the pairs; a side was called narrow where its effective rank was surely below "
    f"{100 * _LEAST_RANK_SHARE:z.0f} % of its directions."
)


def check_geometry(codes: AuditedCodes) -> Finding:
    r"""Measure rank, uniformity and alignment of codes, and look for collapse of either side.

    Effective ranks are of codes without their mean, which is no direction in which codes differ.
    A side that looks collapsed is broken, unless views come back from its codes by the inverse of
    their encoder, in single or in double precision: then they are very unequal in size, and a
    caution. The interval of each number is that of the jackknife over tenths of the rows.

    Source: Wang and Isola (2020) for alignment and uniformity; Garrido et al. (2023) for the rank;
    Efron and Stein (1981) for the jackknife.

    Args:
        codes: that are audited.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x = np.random.default_rng(0).standard_normal((400, 8))
        >>> check_geometry(read_codes("mine", x, 0 * x, None, seed=0)).sentence
        'Codes have collapsed: of y, all 400 codes are zero.'
    """
    x, y = codes.x[:_MOST_ROWS], codes.y[:_MOST_ROWS]
    thresholds = {"least_share_of_directions": _LEAST_RANK_SHARE}
    sides: tuple[tuple[Side, Tensor], ...] = (("x", x), ("y", y))
    signs: list[str] = []
    kept: list[str] = []
    for name, each in sides:
        sign = collapse_sign(each)
        if sign is None:
            continue
        precision = _brought_back_in(codes, name, each)
        if precision is None:
            signs.append(f"of {name}, {sign}")
        else:
            kept.append(f"of {name}, {sign}; inverted in {precision} precision")
    measured: dict[str, Any] = {"rows": len(x), "collapse": signs, "collapse_of_bijections": kept}
    if signs:
        return Finding(
            NAME,
            codes.name,
            QUESTION,
            "broken",
            "undecided",
            f"collapsed: {'both sides' if len(signs) == 2 else signs[0][:4]}",
            f"Codes have collapsed: {'; '.join(signs)}.",
            "take an encoder from before it collapsed, and watch the next training by "
            "infomax.monitor",
            measured=measured,
            thresholds=thresholds,
            figures=[_spectrum(x, y)],
            method=_METHOD.format(rows=len(x)),
        )
    shares = {}
    for side, each in sides:
        rank, rank_interval = _jackknife(_centred_rank, each)
        spread, spread_interval = _jackknife(uniformity, each)
        most = min(len(each) - 1, each.shape[1])
        shares[side] = (rank, most, Interval(*(end / most for end in rank_interval)))
        measured[f"effective_rank_{side}"] = rank
        measured[f"effective_rank_{side}_interval"] = list(rank_interval)
        measured[f"directions_{side}"] = most
        measured[f"uniformity_{side}_nats"] = spread
        measured[f"uniformity_{side}_interval_nats"] = list(spread_interval)
    if x.shape == y.shape:
        value, interval = _jackknife(alignment, x, y)
        measured |= {"alignment": value, "alignment_interval": list(interval)}
        measured["alignment_of_shifted_pairs"] = alignment(x, y.roll(1, 0))
    else:
        measured["alignment"] = "not measured: codes of x and y differ in size"
    side = min(shares, key=lambda each: shares[each][0] / shares[each][1])
    _, most, interval = shares[side]
    ranks = ", ".join(f"{rank:z.1f} of {of} ({name})" for name, (rank, of, _) in shares.items())
    few = most > 1 and interval.high < _LEAST_RANK_SHARE
    if kept:
        verdict = (
            f". Elsewhere that would be a collapse ({'; '.join(kept)}), but views come back from "
            "codes by the encoder's own inverse: nothing is lost, and directions are of very "
            "unequal size."
        )
        next_step = (
            "standardise columns before probes that scale hinders, and read what bijective encoder "
            "says"
        )
    elif few:
        verdict = f": those of {side} fewer than {100 * _LEAST_RANK_SHARE:z.0f} %."
        next_step = (
            "ask whether fewer values would do, and what the rest holds: probe codes and their PCA"
        )
    else:
        verdict, next_step = ", and no side has collapsed.", ""
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        "caution" if few or kept else "sound",
        "not against",
        f"fill {ranks} directions",
        f"Codes fill {ranks} directions, counted softly{verdict}",
        next_step,
        interval=interval,
        interval_of=f"effective rank of {side} as a share of its directions",
        measured=measured,
        thresholds=thresholds,
        figures=[_spectrum(x, y)],
        method=_METHOD.format(rows=len(x)),
    )


def _brought_back_in(codes: AuditedCodes, side: Side, looked_at: Tensor) -> Precision | None:
    """Return the precision in which views come back from codes; those all zero hold nothing."""
    if not looked_at.isfinite().all() or not looked_at.any():
        return None
    tried = try_inverse(codes, side)
    return tried.precision if tried.verified else None


def _spectrum(x: Tensor, y: Tensor) -> FindingFigure:
    """Return the singular values of either side without its mean, as shares of the largest."""
    rows = []
    for side, codes in (("x", x), ("y", y)):
        values = torch.linalg.svdvals(codes - codes.mean(0))
        # Sides without any spread have no largest to be a share of.
        shares = values / values[0] if values[0] > 0 else values
        rows += [
            {"series": side, "at": at, "value": share}
            for at, share in enumerate(shares.tolist(), start=1)
        ]
    return FindingFigure(
        "spectrum",
        "How strong each direction of codes is, the strongest first",
        "curve",
        pd.DataFrame(rows),
        value_label="singular value, as a share of the largest",
        at_label="direction",
    )


def _centred_rank(codes: Tensor) -> float:
    return effective_rank(codes - codes.mean(0))


def _jackknife(measure: Callable[..., float], *sides: Tensor) -> tuple[float, Interval]:
    """Return a measure of rows, and its 95 % interval by leaving out each tenth in turn."""
    value, rows = measure(*sides), len(sides[0])
    tenth = torch.arange(rows) % _PARTS
    without = np.array(
        [measure(*(each[tenth != part] for each in sides)) for part in range(_PARTS)]
    )
    error = math.sqrt((_PARTS - 1) / _PARTS * float(np.square(without - without.mean()).sum()))
    half = float(stats.t.ppf(0.975, _PARTS - 1)) * error
    return value, Interval(value - half, value + half)
