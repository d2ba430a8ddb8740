"""The order of rows in time: as they stand, or by a column of times."""

from typing import Any

import numpy as np
import pandas as pd

from infomax.errors import UserError, advice, message_of
from infomax.estimation.arrays import Array, Indices
from infomax.warnings import EstimationWarning, UnevenTimeWarning

__all__ = ["order_of_times"]

_GAP = 1.5
_UNEVEN_SHARE = 0.05
_ROUNDING = 1e-6
_ROWS = "order='rows'"


def order_of_times(times: Any) -> tuple[Indices | None, list[EstimationWarning]]:
    """Return the order of rows in time, and what is to be said of their times.

    Lags and blocks are counted in rows, so what matters is that rows follow each other evenly.

    Args:
        times: ``(N,)``, numbers or dates, in any order; ``rows`` where rows are in order of time
            already, None where there is no order.

    Returns:
        The rows from the first to the last ``(N,)``, None to leave them as they stand; and a
        warning of times that repeat, of gaps, or of steps that differ.

    Raises:
        UserError: if they are no times, all the same, or one is missing.

    Example:
        >>> order, found = order_of_times([3.0, 1.0, 2.0, 9.0])
        >>> order.tolist(), str(found[0])[:38]
        ([1, 2, 0, 3], 'rows follow each other in steps of 1, ')
    """
    if times is None or (isinstance(times, str) and times == "rows"):
        return None, []
    column = _read(times)
    missing = int(column.isna().sum())
    if missing:
        raise UserError(
            f"order: {missing} of {len(column)} times are missing, the first in row "
            f"{int(column.isna().to_numpy().argmax())}: fill them in, or leave out these rows"
        )
    dates = pd.api.types.is_datetime64_any_dtype(column.dtype)
    known = column.dt.tz_localize(None) if dates and column.dt.tz is not None else column
    numbers = known.astype("datetime64[ns]").astype("int64") if dates else known
    measured = numbers.to_numpy(np.float64) / (1e9 if dates else 1.0)
    if not np.isfinite(measured).all():
        raise UserError("order: a time is infinite: give finite times")
    order: Indices = np.argsort(measured, kind="stable")
    return order, _warnings(np.diff(measured[order]), "seconds" if dates else "")


def _read(times: Any) -> pd.Series:
    if isinstance(times, str):
        raise UserError(
            f"order is {times!r}: give 'rows' where rows are in order of time, or the time of "
            "each row"
        )
    try:
        column = pd.Series(np.asarray(times) if not isinstance(times, pd.Series) else times)
    except (ValueError, TypeError) as error:
        raise UserError(f"order is no column of times: {message_of(error)}") from error
    column = column.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(
        column.dtype
    ):
        return column
    try:
        return pd.to_datetime(column, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise UserError(
            "order is neither numbers nor dates as 2026-01-31 or 2026-01-31 12:00:00 "
            f"({message_of(error)}): give the time of each row"
        ) from error


def _warnings(steps: Array, unit: str) -> list[EstimationWarning]:
    after = steps[steps > 0]
    if not len(after):
        raise UserError(
            "order: all times are equal: give a column that tells which row came first, or "
            f"{advice(_ROWS, '--order rows')} where rows are in order of time"
        )
    usual = float(np.median(after))
    ties, gaps = int((steps == 0).sum()), int((after > _GAP * usual).sum())
    uneven = float((np.abs(after - usual) > (_UNEVEN_SHARE + _ROUNDING) * usual).mean())
    said = []
    if ties:
        said.append(f"{ties} rows have the time of the row before them, and stay as they stand")
    if gaps:
        longest = float(after.max())
        said.append(f"there are {gaps} gaps, the longest of {longest:.6g}{unit and ' ' + unit}")
    if uneven > _UNEVEN_SHARE and not ties and uneven * len(after) > gaps:
        said.append(f"{uneven:.0%} of the steps are shorter or longer than that")
    if not said:
        return []
    step = f"{usual:.6g}{unit and ' ' + unit}"
    return [
        UnevenTimeWarning(
            f"rows follow each other in steps of {step}, but {'; '.join(said)}: rows are taken as "
            "if they were evenly spaced, so lags and what is near in time are counted in rows"
        )
    ]
