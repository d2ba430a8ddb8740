"""Transfer entropy: what the past of one series tells of another beyond that one's own past."""

import dataclasses
import math
import warnings
from collections.abc import Collection
from typing import Any

import pandas as pd

from infomax.errors import UserError, advice
from infomax.estimation.containers import as_table
from infomax.estimation.estimate import estimate_mi
from infomax.estimation.history import MOST_HISTORY, choose_history
from infomax.estimation.pairwise import warn_once_of_each_kind
from infomax.estimation.result import MIResult
from infomax.estimation.samples import check_declared, check_labels, read_samples
from infomax.estimation.times import order_of_times
from infomax.information import NATS_OF, SIGNIFICANT, joined
from infomax.warnings import AssumptionWarning, EstimationWarning

__all__ = ["transfer_answer", "transfer_both_ways", "transfer_entropy"]

_FEWEST_ROWS = 50


def transfer_entropy(
    x: Any,
    y: Any,
    method: str = "auto",
    *,
    history: int | None = None,
    source_history: int = 1,
    delay: int = 1,
    order: Any = "rows",
    discrete: Collection[str] | None = None,
    missing: str = "refuse",
    **settings: Any,
) -> MIResult:
    r"""Estimate the transfer entropy from x to y, in nats, of rows in time.

    .. math:: T_{X \to Y} = I\big( Y_t; X_{t - u}, \ldots, X_{t - u - l + 1} \,\big|\,
              Y_{t - 1}, \ldots, Y_{t - k} \big)

    It is an estimate of conditional information by `estimate_mi`, with its interval of blocks and
    its test by shifts in time. A history k that is too short lets x tell what y's own past would
    have told; so k is chosen by a rule, see `choose_history`. That x tells of y is no proof that it
    acts on y: a third series may drive both.

    Source: Schreiber (2000), equation 4; Wibral et al. (2013), for the delay u.

    Args:
        x: the source, ``(N,)`` or ``(N, dx)``, whatever `estimate_mi` takes.
        y: the target, ``(N,)`` or ``(N, dy)``.
        method: of `estimate_mi` with a condition.
        history: k, rows of y's own past; None to choose 1 to 4.
        source_history: l, rows of x's past.
        delay: u, by how many rows the latest x that tells of y is earlier than it.
        order: of the rows, as of `estimate_mi`: ``rows``, or the time of each row.
        discrete: names of discrete columns, as of `estimate_mi`.
        missing: ``refuse``, or ``drop``: each row is left out in whose past or present a value is
            missing.
        settings: of `estimate_mi`.

    Returns:
        The estimate. Its columns are named by their rows: ``x0(t-1)``, ``y0(t)``.

    Raises:
        UserError: if histories or the delay are no whole numbers from 1 on or leave fewer than 50
            rows, there is no order, or nothing can be estimated from.

    Warns:
        EstimationWarning: for each reason to read the number with care; also in the result.

    Example:
        >>> import numpy as np
        >>> x, noise = np.random.default_rng(0).standard_normal((2, 1000))
        >>> y = noise.copy()
        >>> y[1:] += 0.6 * x[:-1]  # log(1 + 0.6^2) / 2 = 0.154 nats, one row later
        >>> result = transfer_entropy(x, y, permutations=99)
        >>> 0.154 in result.interval, result.p_value, result.given_columns
        (True, 0.01, ('y0(t-1)',))
        >>> transfer_entropy(y, x, permutations=99).p_value > 0.05
        True
    """
    source, target, of_times = _in_order(x, y, order)
    lengths = {"history": history, "source_history": source_history, "delay": delay}
    _check_lengths(lengths, len(target))
    names = check_declared(discrete, [*map(str, source.columns), *map(str, target.columns)])
    found: list[EstimationWarning] = list(of_times)
    chosen = "it was asked for"
    if history is None:
        most = min(MOST_HISTORY, len(target) - _FEWEST_ROWS)
        history = _chosen(target, most, names, missing)
        chosen = f"of 1 to {most} rows it predicts y best"
        if history == most:
            found.append(_at_longest(most))
    first = max(history, delay + source_history - 1)
    now = _lagged(target, 0, first)
    past_of_y = _past(target, range(1, history + 1), first)
    past_of_x = _past(source, range(delay, delay + source_history), first)
    columns = [*past_of_x.columns, *now.columns, *past_of_y.columns]
    declared = None if names is None else [each for each in columns if _base(each) in names]
    with warnings.catch_warnings():
        # They are in the result.
        warnings.simplefilter("ignore", EstimationWarning)
        result = estimate_mi(
            *(past_of_x, now, method),
            given=past_of_y,
            discrete=declared,
            order="rows",
            missing=missing,
            **settings,
        )
    rows = "row" if history == 1 else "rows"
    result = dataclasses.replace(
        result,
        reason=f"{result.reason}; y's own past is its last {history} {rows}: {chosen}",
        warnings=(*found, *result.warnings),
    )
    for warning in result.warnings:
        warnings.warn(warning, stacklevel=2)
    return result


def transfer_both_ways(x: Any, y: Any, method: str = "auto", **settings: Any) -> pd.DataFrame:
    """Estimate the transfer entropy from x to y and from y to x.

    Args:
        x: ``(N,)`` or ``(N, dx)``, rows in time.
        y: ``(N,)`` or ``(N, dy)``.
        method: of `transfer_entropy`.
        settings: of `transfer_entropy`; a history is chosen for each target by itself.

    Returns:
        A row for each direction: ``source``, ``target``, ``history``, ``value_nats``, ``low_nats``,
        ``high_nats``, ``p_value``, ``method`` and ``pairs``.

    Raises:
        UserError: as `transfer_entropy` does.

    Warns:
        EstimationWarning: once for each kind, with the directions that it is about.

    Example:
        >>> import numpy as np
        >>> x, noise = np.random.default_rng(0).standard_normal((2, 500))
        >>> table = transfer_both_ways(x, np.roll(x, 1) + noise, permutations=99)
        >>> table["p_value"].le(0.05).tolist()
        [True, False]
    """
    check_labels(x, y)
    sides = as_table(x, "x"), as_table(y, "y")
    results, rows = {}, []
    for of, to in (sides, sides[::-1]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EstimationWarning)
            result = transfer_entropy(of, to, method, **settings)
        source, target = (joined([str(name) for name in side.columns]) for side in (of, to))
        results[f"{source} to {target}"] = result.warnings
        low, high = result.interval
        rows.append(
            {
                "source": source,
                "target": target,
                "history": len(result.given_columns) // len(to.columns),
                "value_nats": result.value,
                "low_nats": low,
                "high_nats": high,
                "p_value": result.p_value,
                "method": result.method,
                "pairs": result.pairs,
            }
        )
    warn_once_of_each_kind(results, stacklevel=2)
    return pd.DataFrame(rows)


def transfer_answer(table: pd.DataFrame, unit: str = "nats") -> str:
    """Return in one sentence in which direction anything is transferred.

    Args:
        table: of `transfer_both_ways`.
        unit: of ``NATS_OF``.
    """
    said = []
    for row in table.to_dict("records"):
        value, low, high = (
            row[name] / NATS_OF[unit] for name in ("value_nats", "low_nats", "high_nats")
        )
        shown = "not tested"
        if not math.isnan(row["p_value"]):
            shown = f"p = {row['p_value']:.3g}"
            shown += "" if row["p_value"] <= SIGNIFICANT else ", not shown"
        said.append(
            f"{row['source']} tells {value:.3f} {unit} [{low:.3f}, {high:z.3f}] of {row['target']} "
            f"beyond its own past ({shown})"
        )
    return "; ".join(said)


def _in_order(
    x: Any, y: Any, order: Any
) -> tuple[pd.DataFrame, pd.DataFrame, list[EstimationWarning]]:
    check_labels(x, y)
    sides = as_table(x, "x"), as_table(y, "y")
    if len(sides[0]) != len(sides[1]):
        raise UserError(
            f"x has {len(sides[0])} rows and y has {len(sides[1])}: give as many, row i of x "
            "measured together with row i of y"
        )
    if order is None:
        raise UserError("a transfer needs rows in time: give order='rows', or the time of each row")
    rows, of_times = order_of_times(order)
    if rows is not None and len(rows) != len(sides[0]):
        raise UserError(
            f"order has {len(rows)} times for {len(sides[0])} rows: give one for each row"
        )
    source, target = (
        (side if rows is None else side.iloc[rows]).reset_index(drop=True) for side in sides
    )
    return source, target, of_times


def _check_lengths(lengths: dict[str, Any], size: int) -> None:
    for name, value in lengths.items():
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UserError(f"{name} is {value}: give a whole number of rows, at least 1")
    first = max(lengths["history"] or 1, lengths["delay"] + lengths["source_history"] - 1)
    if size - first < _FEWEST_ROWS:
        raise UserError(
            f"{size} rows leave {max(size - first, 0)} that have a past of {first} rows, and an "
            f"estimate needs {_FEWEST_ROWS}: give more rows, or a shorter past "
            "(history, source_history, delay)"
        )


def _chosen(target: pd.DataFrame, most: int, names: list[str] | None, missing: str) -> int:
    now, past = _lagged(target, 0, most), _past(target, range(1, most + 1), most)
    columns = [*now.columns, *past.columns]
    declared = None if names is None else [each for each in columns if _base(each) in names]
    samples = read_samples(now, past, discrete=declared, missing=missing)
    size = len(samples.x)
    lags = [samples.y[start : start + size] for start in range(0, most * size, size)]
    return choose_history(samples.x, lags)


def _at_longest(most: int) -> AssumptionWarning:
    return AssumptionWarning(
        f"of histories of 1 to {most} rows the longest predicts y best: y may remember more, and "
        f"what x repeats of it would be read as transfer; give {advice('history=', '--history')} a "
        "larger number, or take rows that are farther apart"
    )


def _lagged(table: pd.DataFrame, lag: int, first: int) -> pd.DataFrame:
    """Return the rows that are so many earlier than each row from the first one on."""
    rows = table.iloc[first - lag : len(table) - lag].reset_index(drop=True)
    return rows.set_axis([f"{name}(t-{lag})" if lag else f"{name}(t)" for name in table], axis=1)


def _past(table: pd.DataFrame, lags: range, first: int) -> pd.DataFrame:
    return pd.concat([_lagged(table, lag, first) for lag in lags], axis=1)


def _base(name: str) -> str:
    """Return the name of a column without its row."""
    return name.rpartition("(t")[0]
