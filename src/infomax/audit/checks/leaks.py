"""Leaks: are held-out pairs known from copies or neighbours among those that were fitted?"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from infomax.audit.audited_codes import AuditedCodes
from infomax.audit.finding import Finding, FindingFigure, Stance, Status
from infomax.audit.serial_dependence import serial_dependence
from infomax.errors import UserError
from infomax.evaluation import accuracy_of, check_probed_labels, fit_probe
from infomax.evaluation.accuracy import wilson_interval
from infomax.information import Interval

__all__ = ["check_leaks"]

NAME = "leaks"
QUESTION = "Are held-out pairs new, or copies or neighbours of pairs that were fitted?"
_CAUTION_SHARE = 0.01
_BROKEN_SHARE = 0.05
_COPY_DISTANCE = 1e-3
_USUAL_NEIGHBOUR = 10
_CAUTION_ALIKE = 0.1
_UNDECIDED_ALIKE = 0.5
_FEWEST_COMPARED = 20
_MOST_PROBED = 2_000
_METHOD = (
    "A held-out pair was counted as a copy where the distance of its codes, laid side by side, to "
    f"the nearest fitted pair was at most {_COPY_DISTANCE:g} of that to the tenth nearest, "
    "and as half a copy where that held for one of its codes; shares have Wilson intervals. How "
    "alike consecutive rows are was measured by the ratio of von Neumann (1941), within classes."
)


def check_leaks(codes: AuditedCodes) -> Finding:
    r"""Count the held-out pairs that have a copy among the pairs that are fitted, or a neighbour.

    A code is a copy where its nearest fitted one lies within 1e-3 of the distance to the tenth
    nearest, of which independent codes of d columns have a share of about ten times 1e-3 to the
    power of d. A pair is a copy where its two codes, laid side by side, are one of a fitted pair,
    and a half copy where one of them is.

    Rows that follow each other are alike where their order is that of time, or of what they were
    taken from; a random split then has a neighbour of most held-out pairs among the fitted ones.
    How alike is measured by ``serial_dependence``, within classes where there are labels, and
    between groups where there are groups, of which none is on both sides.

    With labels, the accuracy of the linear probe on fitted pairs stands beside that on held-out
    ones, with and without copies.

    Args:
        codes: that are audited.

    Example:
        >>> import numpy as np
        >>> from infomax.audit.audited_codes import read_codes
        >>> x, y = np.random.default_rng(0).standard_normal((2, 200, 8))
        >>> check_leaks(read_codes("mine", x, y, None, seed=0)).status
        'sound'
        >>> twice = read_codes("mine", x.repeat(2, axis=0), y.repeat(2, axis=0), None, seed=0)
        >>> check_leaks(twice).status
        'broken'
    """
    x_copies, y_copies = (_copies(side, codes) for side in (codes.x, codes.y))
    both = _pair_copies(codes)
    half = (x_copies | y_copies) & ~both
    count = len(codes.held_out)
    share, low, high = wilson_interval(int(both.sum()), count)
    half_share, half_low, half_high = wilson_interval(int(half.sum()), count)
    measured: dict[str, Any] = {
        "held_out": count,
        "copied_pairs": int(both.sum()),
        "pairs_with_one_copied_code": int(half.sum()),
        "copied_codes_x": int(x_copies.sum()),
        "copied_codes_y": int(y_copies.sum()),
        **_probed(codes, both | half),
    }
    copies = FindingFigure(
        "copies",
        "Held-out pairs that have a copy among the fitted ones",
        "dots",
        pd.DataFrame(
            [
                {"label": "both codes", "value": share, "low": low, "high": high},
                {"label": "one of both", "value": half_share, "low": half_low, "high": half_high},
            ]
        ),
        value_label="share of held-out pairs",
        marks={"caution": _CAUTION_SHARE, "broken": _BROKEN_SHARE},
    )
    alike = {side: _alike(side, codes) for side in ("x", "y")}
    measured |= _told_of_order(codes, alike)
    nearest = max(alike.values(), key=lambda each: np.nan_to_num(each[1].low, nan=-1.0))
    status, stance, ending, next_step = _verdict(low, half_low, *nearest)
    told = f"{100 * share:z.1f} % of {count:,} held-out pairs are copies of fitted ones"
    more = f", and {100 * half_share:.1f} % share one of their codes with one" if half.any() else ""
    by_order = status == "caution" and low <= _CAUTION_SHARE and half_low <= _CAUTION_SHARE
    return Finding(
        NAME,
        codes.name,
        QUESTION,
        status,
        stance,
        f"consecutive rows are alike ({nearest[0]:z.2f}); {100 * share:z.1f} % are copies"
        if by_order
        else f"{100 * share:z.1f} % of held-out pairs are copies"
        + (f", {100 * half_share:z.1f} % half" if half.any() else ""),
        f"{told}{more}, {ending}",
        next_step,
        _detail(codes),
        nearest[1] if by_order else Interval(low, high),
        "how alike consecutive rows are, from 0 to 1"
        if by_order
        else "share of held-out pairs that are copies",
        measured=measured,
        thresholds={
            "broken_share": _BROKEN_SHARE,
            "caution_share": _CAUTION_SHARE,
            "copy_distance": _COPY_DISTANCE,
            "caution_alike": _CAUTION_ALIKE,
            "undecided_alike": _UNDECIDED_ALIKE,
        },
        figures=[copies, *_order_figure(alike), *_accuracies(measured)],
        method=_METHOD,
    )


def _alike(side: str, codes: AuditedCodes) -> tuple[float, Interval]:
    if codes.places is None:
        return np.nan, Interval(np.nan, np.nan)
    values = (codes.x if side == "x" else codes.y).numpy()
    return serial_dependence(values, codes.places, classes=codes.labels, groups=codes.groups)


def _told_of_order(codes: AuditedCodes, alike: dict[str, tuple[float, Interval]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for side, (value, interval) in alike.items():
        found[f"consecutive_rows_alike_{side}"] = value
        found[f"consecutive_rows_alike_{side}_interval"] = list(interval)
    if codes.given_rows > len(codes):
        found["consecutive_rows"] = (
            f"of {len(codes):,} of {codes.given_rows:,} rows, so that some lie between them"
        )
    if codes.groups is not None:
        sides = [set(codes.groups[rows].tolist()) for rows in (codes.fitted, codes.held_out)]
        found["groups"] = len(sides[0] | sides[1])
        found["groups_on_both_sides"] = len(sides[0] & sides[1])
    return found


def _verdict(
    low: float, half_low: float, alike: float, interval: Interval
) -> tuple[Status, Stance, str, str]:
    """Return status and stance, how the sentence ends, and what to do next."""
    if low > _BROKEN_SHARE:
        return (
            "broken",
            "undecided",
            "so that accuracies and bounds of held-out pairs are partly memory.",
            "keep one of each pair, or bring pairs whose items are all different",
        )
    if low > _CAUTION_SHARE or half_low > _CAUTION_SHARE:
        return (
            "caution",
            "not against",
            "which can be known by heart.",
            "split by item (--groups), so that what is held out is new; codes of few levels repeat "
            "without being copies",
        )
    if interval.low > _CAUTION_ALIKE:
        return (
            "caution",
            "undecided" if interval.low > _UNDECIDED_ALIKE else "not against",
            f"but consecutive rows are alike ({alike:z.2f}, of 0 at random and 1 for equals): most "
            "held-out pairs have a neighbour among the fitted ones, and can be known by it.",
            "tell what belongs together, such as the video or the day of each row (--groups); of a "
            "file that is sorted by class, give labels",
        )
    return "sound", "not against", "so that next to none can be known by heart.", ""


def _detail(codes: AuditedCodes) -> str:
    if codes.groups is None:
        return ""
    return f"None of {len(np.unique(codes.groups)):,} groups is both fitted and held out."


def _order_figure(alike: dict[str, tuple[float, Interval]]) -> list[FindingFigure]:
    rows = [
        {"label": side, "value": value, "low": interval.low, "high": interval.high}
        for side, (value, interval) in alike.items()
        if np.isfinite(value)
    ]
    if not rows:
        return []
    return [
        FindingFigure(
            "consecutive-rows",
            "How alike consecutive rows are",
            "dots",
            pd.DataFrame(rows),
            value_label="0 at random, 1 for equals",
            marks={"caution": _CAUTION_ALIKE},
        )
    ]


def _accuracies(measured: dict[str, Any]) -> list[FindingFigure]:
    """Return the accuracies on fitted pairs, on copies and on new pairs, as far as measured."""
    rows = []
    for label, name in (("fitted", "fitted"), ("copies", "copies"), ("new pairs", "new_pairs")):
        if f"accuracy_on_{name}" in measured:
            low, high = measured.get(f"accuracy_on_{name}_interval", (np.nan, np.nan))
            value = measured[f"accuracy_on_{name}"]
            rows.append({"label": label, "value": value, "low": low, "high": high})
    if len(rows) < 2:
        return []
    return [
        FindingFigure(
            "probe-on-fitted-and-new",
            "The linear probe on pairs that it was fitted on, and on others",
            "dots",
            pd.DataFrame(rows),
            value_label="accuracy",
        )
    ]


def _pair_copies(codes: AuditedCodes) -> NDArray[np.bool_]:
    """Return which held-out pairs are copies of one fitted pair, on both sides at once."""
    scaled = [_scaled(side) for side in (codes.x, codes.y)]
    return _near(np.concatenate(scaled, axis=1), codes)


def _copies(side: Tensor, codes: AuditedCodes) -> NDArray[np.bool_]:
    if bool((side == side[:1]).all()):
        # Codes that are all one repeat without being copies: geometry says that they collapsed.
        return np.zeros(len(codes.held_out), dtype=bool)
    return _near(_scaled(side), codes)


def _scaled(side: Tensor) -> NDArray[np.float64]:
    """Return codes so scaled that either side has as much to say in distances of pairs."""
    values = side.numpy() - side.numpy().mean(axis=0)
    size = float(np.sqrt(np.square(values).sum(axis=1).mean()))
    return np.asarray(values / size if size > 0 else values)


def _near(values: NDArray[np.float64], codes: AuditedCodes) -> NDArray[np.bool_]:
    search = NearestNeighbors(n_neighbors=_USUAL_NEIGHBOUR).fit(values[codes.fitted])
    found = search.kneighbors(values[codes.held_out], return_distance=False)
    # Products of matrices, by which many columns are searched, find no distance of 0.
    nearest, usual = (
        np.linalg.norm(values[codes.held_out] - values[codes.fitted][found[:, each]], axis=1)
        for each in (0, _USUAL_NEIGHBOUR - 1)
    )
    return np.asarray(nearest <= _COPY_DISTANCE * usual)


def _probed(codes: AuditedCodes, copied: NDArray[np.bool_]) -> dict[str, Any]:
    if codes.labels is None:
        return {"probe": f"not run: {codes.why_no_labels}"}
    labels, held_out = codes.labels, codes.held_out
    try:
        check_probed_labels(labels[codes.fitted[:_MOST_PROBED]])
    except UserError as error:
        return {"probe": f"not run: {error}"}
    fitted = codes.fitted[:_MOST_PROBED]
    probe = fit_probe(codes.x[fitted], labels[fitted], seed=codes.seed)
    found: dict[str, Any] = {
        "probe_fitted_on": len(fitted),
        "accuracy_on_fitted": probe.accuracy(codes.x[fitted], labels[fitted]),
    }
    for name, rows in (("copies", held_out[copied]), ("new_pairs", held_out[~copied])):
        if len(rows) < _FEWEST_COMPARED:
            continue
        accuracy = accuracy_of(probe.predict(codes.x[rows]).numpy(), labels[rows])
        found[f"accuracy_on_{name}"] = accuracy.value
        found[f"accuracy_on_{name}_interval"] = [accuracy.low, accuracy.high]
    return found
