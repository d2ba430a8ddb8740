"""What ``infomax estimate --lags`` makes of information against lag: text, JSON, CSV, a plot."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from infomax.cli.estimate_sides import Side
from infomax.errors import UserError
from infomax.information import NATS_OF, SIGNIFICANT, joined

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Lags", "lags_of"]


class Lags:
    """How much x shares with y of later rows."""

    def __init__(
        self, x: "pd.DataFrame", y: "pd.DataFrame", lags: Sequence[int], settings: dict[str, Any]
    ) -> None:
        from infomax.estimation import information_by_lag  # noqa: PLC0415
        from infomax.warnings import EstimationWarning  # noqa: PLC0415

        self._names = list(x.columns), list(y.columns)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", EstimationWarning)
            self._table = information_by_lag(x, y, lags, **settings)
        self.warnings = tuple(
            each.message for each in caught if isinstance(each.message, EstimationWarning)
        )

    def as_data(self, unit: str) -> dict[str, Any]:
        """Return what JSON can hold: a row for each lag, None for what is not finite."""
        rows = []
        for lag, row in zip(self._table.index, self._table.to_dict("records"), strict=True):
            value, low, high = (
                _finite(row[name] / NATS_OF[unit])
                for name in ("value_nats", "low_nats", "high_nats")
            )
            p_values = {name: _finite(row[name]) for name in ("p_value", "corrected_p_value")}
            said = {name: row[name] for name in ("method", "pairs", "refused")}
            measured = {f"value_{unit}": value, f"interval_{unit}": [low, high]}
            rows.append({"lag": int(lag), **measured, **p_values, **said})
        return {"lags": rows}

    def formatted(self, _sides: Sequence[Side], unit: str) -> Group:
        """Return the answer, and a row for each lag."""
        from infomax.estimation import lag_answer  # noqa: PLC0415

        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("lag", unit, "interval", "p", "p*", ""):
            table.add_column(name, justify="right", no_wrap=True)
        for lag, row in zip(self._table.index, self._table.to_dict("records"), strict=True):
            value, low, high = (
                f"{row[name] / NATS_OF[unit]:z.3f}"
                for name in ("value_nats", "low_nats", "high_nats")
            )
            p_values = [f"{row[name]:.2g}" for name in ("p_value", "corrected_p_value")]
            shown = "shown" if row["corrected_p_value"] <= SIGNIFICANT else row["refused"]
            table.add_row(str(lag), value, f"[{low}, {high}]", *p_values, shown)
        note = "lag: rows by which y is later; p*: corrected for the number of lags"
        answer = lag_answer(self._table, *self._names, unit=unit)
        return Group(Text(answer, style="bold"), Text(), table, Text(), Text(note))

    def plot(self, path: Path, source: str) -> None:
        """Draw information against lag, as PNG or SVG."""
        import matplotlib as mpl  # noqa: PLC0415

        from infomax.estimation import draw_lags  # noqa: PLC0415
        from infomax.report.drawing import STYLE, save_picture  # noqa: PLC0415

        # No window is wanted, and there may be no screen to open one on.
        mpl.use("agg")
        x, y = map(joined, self._names)
        with mpl.rc_context(STYLE):
            save_picture(draw_lags(self._table, f"{x} with {y}, {source}"), path)

    def write_csv(self, path: Path) -> None:
        """Write a row for each lag."""
        self._table.to_csv(path)


def lags_of(written: str) -> list[int]:
    """Return the lags that are written as ``0-50``, ``3`` or both with commas between.

    Raises:
        UserError: if they are not.

    Example:
        >>> lags_of("0-3,10")
        [0, 1, 2, 3, 10]
    """
    lags: list[int] = []
    for part in written.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()) or part.strip().endswith("-"):
            raise UserError(f"--lags is {written!r}: give numbers of rows, such as 0-50 or 1,2,7")
        lags += range(int(first), int(last or first) + 1)
    if not lags:
        raise UserError(f"--lags is {written!r}: the first lag of a range is the smaller one")
    return lags


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
