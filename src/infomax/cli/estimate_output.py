"""What ``infomax estimate`` makes of an estimate or a ranking: text, JSON, a plot, a page."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infomax.cli.estimate_sides import Side, listed
from infomax.information import (
    BEGINS_AT_LEAST,
    NATS_OF,
    joined,
    ranked_amount,
    ranking_answer,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Estimate", "Ranking"]

_BAR_WIDTH = 10
_MEASURED = ("value_nats", "low_nats", "high_nats", "entropy_of_y_nats")
_SHARES = ("share_of_y", "p_value", "corrected_p_value")
_SAID = ("method", "kind", "reason", "pairs", "rows_left_out")


class Estimate:
    """The estimate of what two tables share, and what is made of it."""

    def __init__(self, x: "pd.DataFrame", y: "pd.DataFrame", settings: dict[str, Any]) -> None:
        from infomax.estimation import estimate_mi  # noqa: PLC0415
        from infomax.warnings import EstimationWarning  # noqa: PLC0415

        self._x, self._y = x, y
        with warnings.catch_warnings():
            # They are in the result, which is where they are shown from.
            warnings.simplefilter("ignore", EstimationWarning)
            self._result = estimate_mi(x, y, **settings)
        self.warnings = self._result.warnings

    def as_data(self, unit: str) -> dict[str, Any]:
        """Return what strict JSON can hold, which has no infinity: ``not_finite`` tells of it."""
        low, high = self._result.interval
        numbers = {
            f"value_{unit}": self._result.value / NATS_OF[unit],
            f"interval_{unit}[0]": low / NATS_OF[unit],
            f"interval_{unit}[1]": high / NATS_OF[unit],
        }
        return {
            **self._result.as_dict(unit),
            "not_finite": {
                name: str(number) for name, number in numbers.items() if not math.isfinite(number)
            },
        }

    def formatted(self, sides: Sequence[Side], unit: str) -> Group:
        """Return the answer, and what it rests on, for a terminal."""
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("any dependence at all", self._result.verdict)
        table.add_row("method", self._result.method_told)
        table.add_row("why", self._result.reason)
        table.add_row("pairs", self._result.pairs_told.replace(" pairs", "", 1))
        if self._result.parts:
            table.add_row("on a part", self._result.parts_told)
        for name, side in zip(("x", "y", "given"), sides, strict=False):
            chosen_as = f" ({side.chosen_as})" if side.chosen_as else ""
            table.add_row(name, listed(side.columns) + chosen_as)
        return Group(Text(self._result.answer(unit), style="bold"), Text(), table)

    def plot(self, path: Path, source: str) -> None:
        """Draw the estimate, as PNG or SVG."""
        import matplotlib  # noqa: PLC0415

        from infomax.report.drawing import STYLE, save_picture  # noqa: PLC0415

        # No window is wanted, and there may be no screen to open one on.
        matplotlib.use("agg")
        with matplotlib.rc_context(STYLE):
            save_picture(self._result.plot(source), path)

    def write_report(
        self, path: Path, source: str, unit: str, _warnings: Sequence[str | Warning]
    ) -> None:
        """Write the page of the estimate, which knows its warnings."""
        from infomax.report import write_estimate_report  # noqa: PLC0415

        write_estimate_report(
            path, result=self._result, x=self._x, y=self._y, source=source, unit=unit
        )


class Ranking:
    """The ranking of the columns of a table by what they share with another."""

    def __init__(self, x: "pd.DataFrame", y: "pd.DataFrame", settings: dict[str, Any]) -> None:
        from infomax.estimation import rank_columns  # noqa: PLC0415
        from infomax.warnings import EstimationWarning  # noqa: PLC0415

        self._x, self._y, self._confidence = x, y, settings["confidence"]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", EstimationWarning)
            self._ranking = rank_columns(x, y, **settings)
        refused = self._ranking["refused"] != ""
        self._ranked, self._refused = self._ranking[~refused], self._ranking[refused]
        of_estimates = [each for each in caught if isinstance(each.message, EstimationWarning)]
        for each in caught:
            if each not in of_estimates:
                warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
        self.warnings = tuple(each.message for each in of_estimates)

    def as_data(self, unit: str) -> dict[str, Any]:
        """Return what JSON can hold: each row what `MIResult.as_dict` has, as far as it is known.

        It is ``None`` for what is not finite, of which ``not_finite`` tells.
        """
        ranked, refused = self._ranked, self._refused
        rows: list[dict[str, Any]] = []
        not_finite: dict[str, str] = {}
        for index, (name, row) in enumerate(ranked.iterrows()):
            value, low, high, entropy = (
                float(row[measured]) / NATS_OF[unit] for measured in _MEASURED
            )
            numbers = {
                f"value_{unit}": value,
                f"interval_{unit}[0]": low,
                f"interval_{unit}[1]": high,
            }
            for key, number in numbers.items():
                if not math.isfinite(number):
                    not_finite[f"ranking[{index}].{key}"] = str(number)
            rows.append(
                {
                    "column": str(name),
                    f"value_{unit}": _finite(value),
                    f"interval_{unit}": [_finite(low), _finite(high)],
                    f"entropy_of_y_{unit}": _finite(entropy),
                    **{each: _finite(row[each]) for each in _SHARES},
                    **{each: row[each] for each in _SAID},
                }
            )
        return {
            "ranking": rows,
            "not_estimated": [
                {"column": str(name), "reason": reason}
                for name, reason in refused["refused"].items()
            ],
            "not_finite": not_finite,
        }

    def formatted(self, sides: Sequence[Side], unit: str) -> Group:
        """Return the answer, a row for each column, and why others are not ranked."""
        y = sides[1].columns
        ranked, refused = self._ranked, self._refused
        shares, tested = ranked["share_of_y"].notna().any(), ranked["p_value"].notna().sum()
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("column", overflow="fold")
        table.add_column(unit, justify="right", no_wrap=True)
        table.add_column(f"{100 * self._confidence:g} % interval", justify="right", no_wrap=True)
        if tested:
            table.add_column("p*", justify="right", no_wrap=True)
        if shares:
            table.add_column("share", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        finite = ranked["value_nats"].where(ranked["value_nats"] < math.inf)
        largest = finite.max() if finite.max() > 0 else 1.0
        for name, row in ranked.iterrows():
            p_value = row["corrected_p_value"]
            table.add_row(
                str(name),
                *ranked_amount(row, unit),
                *(["not tested" if math.isnan(p_value) else f"{p_value:.2g}"] if tested else []),
                *([_percent(row["share_of_y"])] if shares else []),
                Bar(largest, 0, min(row["value_nats"], largest), width=_BAR_WIDTH),
            )
        notes = []
        if tested:
            tests = "1 test" if tested == 1 else f"{tested} tests"
            notes.append(
                f"p*: of any dependence at all, corrected for {tests} so that the false discovery "
                "rate is kept"
            )
        if shares:
            notes.append(
                f"share: of what {joined(y)} {'holds' if len(y) == 1 else 'hold'} (entropy)"
            )
        if ranked["kind"].isin(BEGINS_AT_LEAST).any():
            notes.append("≥: at least, a lower bound")
        lines: list[RenderableType] = [Text(ranking_answer(self._ranking, y)), Text(), table]
        if notes:
            lines += [Text(), *map(Text, notes)]
        if len(refused):
            lines += [
                Text(),
                Text(f"Not estimated: {len(refused)} of {len(self._ranking)} columns."),
            ]
            lines += [Text(f"{name}: {reason}") for name, reason in refused["refused"].items()]
        return Group(*lines)

    def write_report(
        self, path: Path, source: str, unit: str, found_warnings: Sequence[str | Warning]
    ) -> None:
        """Write the page of the ranking."""
        from infomax.report import write_ranking_report  # noqa: PLC0415

        write_ranking_report(
            path,
            ranking=self._ranking,
            x=self._x,
            y=self._y,
            source=source,
            unit=unit,
            confidence=self._confidence,
            warnings=found_warnings,
        )


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:z.0f} %"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
