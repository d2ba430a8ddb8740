"""How much x shares with y of later rows: information against lag."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from infomax.errors import UserError
from infomax.estimation.arrays import Array
from infomax.estimation.containers import as_table
from infomax.estimation.pairwise import estimate_pairs, warn_once_of_each_kind
from infomax.estimation.result import MIResult
from infomax.estimation.samples import check_labels
from infomax.estimation.times import order_of_times
from infomax.information import NATS_OF, SIGNIFICANT, joined
from infomax.training import StagedProgress

__all__ = ["draw_lags", "information_by_lag", "lag_answer"]

_FEWEST_ROWS = 50


def information_by_lag(
    x: Any,
    y: Any,
    lags: Sequence[int],
    *,
    order: Any = "rows",
    n_jobs: int | None = None,
    progress: StagedProgress | None = None,
    **settings: Any,
) -> pd.DataFrame:
    r"""Estimate :math:`I(X_t; Y_{t + k})` for each of several lags k, in rows in time.

    The lag of largest information is the best of all that were tried. So beside the p-value of each
    stands one that is corrected for their number: how often the largest of all shifted series is as
    far above its kind, in standard deviations, as this one. The shifts are the same for each lag.

    Source: Westfall and Young (1993), algorithm 2.8, for the correction by the largest.

    Args:
        x: ``(N,)`` or ``(N, dx)``, whatever `estimate_mi` takes.
        y: ``(N,)`` or ``(N, dy)``.
        lags: by how many rows y is later than x, 0 or more each.
        order: of the rows, as of `estimate_mi`.
        n_jobs: lags estimated at a time, as scikit-learn has it.
        progress: is told how many are done.
        settings: of `estimate_mi`.

    Returns:
        A row for each lag (``lag``): ``value_nats``, ``low_nats``, ``high_nats``, ``p_value``,
        ``corrected_p_value``, ``method``, ``pairs``, and ``refused``, why there is no estimate.

    Raises:
        UserError: if a lag is below 0, given twice, or leaves fewer than 50 pairs, if there is no
            order, or nothing can be estimated from.

    Warns:
        EstimationWarning: once for each kind, with the lags that it is about.

    Example:
        >>> x, noise = np.random.default_rng(0).standard_normal((2, 500))
        >>> y = np.roll(x, 3) + noise  # 0.35 nats, three rows later
        >>> table = information_by_lag(x, y, range(6), permutations=99)
        >>> print(lag_answer(table, ["x"], ["y"])[:42])
        x shares most with y 3 rows later, of 6 la
    """
    check_labels(x, y)
    of_x, of_y = as_table(x, "x"), as_table(y, "y")
    if order is None:
        raise UserError("lags need rows in time: give order='rows', or the time of each row")
    rows, of_times = order_of_times(order)
    if rows is not None:
        if not len(rows) == len(of_x) == len(of_y):
            raise UserError(
                f"order has {len(rows)} times for {len(of_x)} rows of x and {len(of_y)} of y: give "
                "one for each row"
            )
        of_x, of_y = (side.iloc[rows].reset_index(drop=True) for side in (of_x, of_y))
    _check_lags(lags, min(len(of_x), len(of_y)))
    size = len(of_x)
    pairs = [(of_x.iloc[: size - lag], of_y.iloc[lag:].reset_index(drop=True)) for lag in lags]
    discrete = settings.pop("discrete", None)
    results = estimate_pairs(
        pairs, {**settings, "order": "rows"}, discrete=discrete, n_jobs=n_jobs, progress=progress
    )
    table = pd.DataFrame(map(_row, results), index=pd.Index(list(lags), name="lag"))
    table.insert(4, "corrected_p_value", _corrected_by_largest(results))
    for warning in of_times:
        warnings.warn(warning, stacklevel=2)
    found = {
        f"lag {lag}": result.warnings
        for lag, result in zip(lags, results, strict=True)
        if isinstance(result, MIResult)
    }
    warn_once_of_each_kind(found, stacklevel=2)
    return table


def lag_answer(table: pd.DataFrame, x: Sequence[str], y: Sequence[str], unit: str = "nats") -> str:
    """Return at which lag most is shared, in one sentence.

    Args:
        table: of `information_by_lag`.
        x: names of the columns of x.
        y: names of the columns of y.
        unit: of ``NATS_OF``.
    """
    place = int(table["value_nats"].argmax())
    most = table.iloc[place]
    lag, tried = int(table.index[place]), len(table)
    p_value, share = most["corrected_p_value"], "shares" if len(x) == 1 else "share"
    when = "in the same row" if not lag else f"{lag} row{'s' if lag > 1 else ''} later"
    if math.isnan(p_value):
        tested = "not tested"
    elif p_value <= SIGNIFICANT:
        tested = f"p = {p_value:.3g}"
    else:
        tested = f"p = {p_value:.3g}, so not shown at any lag"
        if (table["corrected_p_value"] <= SIGNIFICANT).any():
            tested = f"p = {p_value:.3g}, so not shown at this lag"
    value, low, high = (
        most[name] / NATS_OF[unit] for name in ("value_nats", "low_nats", "high_nats")
    )
    lags = "1 lag" if tried == 1 else f"{tried} lags"
    return (
        f"{joined(x)} {share} most with {joined(y)} {when}, of {lags} tried: "
        f"{value:z.3f} {unit} [{low:z.3f}, {high:z.3f}] "
        f"({tested}, corrected for their number)"
    )


def draw_lags(table: pd.DataFrame, title: str) -> Figure:
    """Draw information against lag, with the interval of each, and filled where it is shown."""
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.add_subplot()
    lags, values = table.index.to_numpy(), table["value_nats"].to_numpy(float)
    axes.fill_between(
        lags, table["low_nats"], table["high_nats"], alpha=0.25, linewidth=0, label="interval"
    )
    axes.plot(lags, values, marker="o", markerfacecolor="white", label="information")
    shown = (table["corrected_p_value"] <= SIGNIFICANT).to_numpy()
    axes.plot(lags[shown], values[shown], "o", color="C0", label="shown, corrected for all lags")
    axes.set_xlabel("lag: rows by which y is later")
    axes.set_ylabel("mutual information (nats)")
    axes.set_title(title, fontsize=10, parse_math=False)
    axes.legend(fontsize=8)
    return figure


def _check_lags(lags: Sequence[int], size: int) -> None:
    if not len(lags) or len(set(lags)) < len(lags) or min(lags) < 0:
        raise UserError(f"lags are {list(lags)}: give whole numbers of at least 0, each once")
    if max(lags) > size - _FEWEST_ROWS:
        raise UserError(
            f"lag {max(lags)} leaves {max(size - max(lags), 0)} pairs of {size} rows: an estimate "
            f"needs {_FEWEST_ROWS}, so give lags of at most {max(size - _FEWEST_ROWS, 0)}"
        )


def _row(result: MIResult | UserError) -> dict[str, Any]:
    measured = ("value_nats", "low_nats", "high_nats", "p_value")
    if isinstance(result, UserError):
        nothing = dict.fromkeys(measured, math.nan)
        return {**nothing, "method": "", "pairs": 0, "refused": str(result)}
    values = dict(zip(measured, (result.value, *result.interval, result.p_value), strict=True))
    return {**values, "method": result.method, "pairs": result.pairs, "refused": ""}


def _corrected_by_largest(results: Sequence[MIResult | UserError]) -> Array:
    tested = [
        index
        for index, result in enumerate(results)
        if isinstance(result, MIResult) and len(result.null_values)
    ]
    corrected = np.full(len(results), math.nan)
    if tested:
        values = np.array([_observed_and_null(results[index]) for index in tested])
        spread = values.std(axis=1, keepdims=True)
        deviations = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
        largest = deviations[:, 1:].max(axis=0)
        as_large = (largest >= deviations[:, :1]).sum(axis=1)
        corrected[tested] = (1 + as_large) / (1 + len(largest))
    return corrected


def _observed_and_null(result: MIResult | UserError) -> list[float]:
    return [] if isinstance(result, UserError) else [result.observed, *result.null_values]
