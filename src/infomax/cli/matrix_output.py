"""What ``infomax matrix`` makes of the information of pairs: text, JSON, a table, a heat map."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infomax.information import BEGINS_AT_LEAST, NATS_OF, SIGNIFICANT, ranked_amount

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Matrix"]

_MOST_SHOWN = 20
_SHARES = ("p_value", "corrected_p_value", "normalised")
_SAID = ("normalised_as", "method", "kind", "reason", "pairs", "rows_left_out")


class Matrix:
    """The information of all pairs of columns of one table, or of one from each of two."""

    def __init__(self, tables: Sequence["pd.DataFrame"], settings: dict[str, Any]) -> None:
        from infomax.estimation import information_matrix  # noqa: PLC0415
        from infomax.warnings import EstimationWarning  # noqa: PLC0415

        with warnings.catch_warnings():
            # They are in the result, which is where they are shown from.
            warnings.simplefilter("ignore", EstimationWarning)
            self._matrix = information_matrix(*tables, **settings)
        pairs = self._matrix.to_frame()
        refused = pairs["refused"] != ""
        self._estimated, self._refused = pairs[~refused], pairs[refused]
        self.warnings = self._matrix.warnings

    def as_data(self, unit: str) -> dict[str, Any]:
        """Return what JSON can hold: a row for each pair, the largest value first.

        It is ``None`` for what is not finite, of which ``not_finite`` tells.
        """
        rows: list[dict[str, Any]] = []
        not_finite: dict[str, str] = {}
        for index, row in enumerate(self._estimated.to_dict("records")):
            value, low, high = (
                float(row[name]) / NATS_OF[unit] for name in ("value_nats", "low_nats", "high_nats")
            )
            numbers = {
                f"value_{unit}": value,
                f"interval_{unit}[0]": low,
                f"interval_{unit}[1]": high,
            }
            for key, number in numbers.items():
                if not math.isfinite(number):
                    not_finite[f"matrix[{index}].{key}"] = str(number)
            rows.append(
                {
                    "x": row["x"],
                    "y": row["y"],
                    f"value_{unit}": _finite(value),
                    f"interval_{unit}": [_finite(low), _finite(high)],
                    **{name: _finite(row[name]) for name in _SHARES},
                    **{name: row[name] for name in _SAID},
                    "warnings": row["warnings"].split(", ") if row["warnings"] else [],
                }
            )
        entropies = {"x": self._matrix.x_entropies, "y": self._matrix.y_entropies}
        return {
            "matrix": rows,
            f"entropies_{unit}": {
                side: {str(name): _finite(held / NATS_OF[unit]) for name, held in of_side.items()}
                for side, of_side in entropies.items()
                if side == "x" or not self._matrix.of_one_table
            },
            "not_estimated": [
                {"x": row["x"], "y": row["y"], "reason": row["refused"]}
                for row in self._refused.to_dict("records")
            ],
            "not_finite": not_finite,
        }

    def formatted(self, unit: str) -> Group:
        """Return the answer, the pairs that share most, and why others have no estimate."""
        pairs, shown = self._estimated, self._estimated[:_MOST_SHOWN]
        tested = pairs["p_value"].notna().any()
        table = Table(box=None, header_style="bold", pad_edge=False)
        for side in ("x", "y"):
            table.add_column(side, overflow="fold")
        table.add_column(unit, justify="right", no_wrap=True)
        interval = f"{100 * self._matrix.confidence:g} % interval"
        table.add_column(interval, justify="right", no_wrap=True)
        if tested:
            table.add_column("p*", justify="right", no_wrap=True)
        table.add_column("share", justify="right", no_wrap=True)
        for _, row in shown.iterrows():
            p_value, share = row["corrected_p_value"], row["normalised"]
            of_levels = row["normalised_as"].startswith("share")
            table.add_row(
                row["x"],
                row["y"],
                *ranked_amount(row, unit),
                *(["not tested" if math.isnan(p_value) else f"{p_value:.2g}"] if tested else []),
                "" if math.isnan(share) else f"{share:z.2f}{' H' if of_levels else ' r'}",
            )
        lines: list[RenderableType] = [Text(self._answer()), Text(), table, Text()]
        if len(pairs) > len(shown):
            others = len(pairs) - len(shown)
            lines.append(
                Text(
                    f"{others} other pair{'s share' if others > 1 else ' shares'} no more than "
                    "these (all: --out pairs.csv)"
                )
            )
        lines += [Text(note) for note in self._notes(tested=bool(tested))]
        if len(self._refused):
            of_all = len(self._refused) + len(pairs)
            lines += [Text(), Text(f"Not estimated: {len(self._refused)} of {of_all} pairs.")]
            for reason, of_reason in self._refused.groupby("refused", sort=False):
                first = of_reason.iloc[0]
                more = f" and {len(of_reason) - 1} more" if len(of_reason) > 1 else ""
                lines.append(Text(f"{first['x']} with {first['y']}{more}: {reason}"))
        return Group(*lines)

    def write_table(self, path: Path, unit: str) -> None:
        """Write a row for each pair as CSV."""
        from infomax.whole_file import written_whole  # noqa: PLC0415

        with written_whole(path) as beside:
            self._matrix.to_frame(unit).to_csv(beside, index=False)

    def plot(self, path: Path, source: str) -> None:
        """Draw the heat map, as PNG or SVG."""
        import matplotlib  # noqa: PLC0415

        from infomax.report.drawing import STYLE, save_picture  # noqa: PLC0415

        # No window is wanted, and there may be no screen to open one on.
        matplotlib.use("agg")
        with matplotlib.rc_context(STYLE):
            save_picture(self._matrix.plot(source), path)

    def _answer(self) -> str:
        pairs = self._estimated
        of_all = "Of 1 pair" if len(pairs) == 1 else f"Of {len(pairs)} pairs"
        first = f"{pairs['x'].iloc[0]} and {pairs['y'].iloc[0]}"
        tested = pairs["corrected_p_value"]
        if tested.isna().all():
            most = (
                f"{first} share most" if pairs["value_nats"].iloc[0] > 0 else "none reads above 0"
            )
            return f"{of_all}, {most}; none was tested."
        shown = pairs[tested <= SIGNIFICANT]
        if shown.empty:
            return f"{of_all}, none is shown to share information."
        first = f"{shown['x'].iloc[0]} and {shown['y'].iloc[0]}"
        are = "1 is" if len(shown) == 1 else f"{len(shown)} are"
        return f"{of_all}, {are} shown to share information; of these {first} share most."

    def _notes(self, *, tested: bool) -> list[str]:
        notes, pairs = [], self._estimated
        if tested:
            tests = int(pairs["p_value"].notna().sum())
            notes.append(
                f"p*: of any dependence at all, corrected for {tests} "
                f"test{'s' if tests > 1 else ''} so that the false discovery rate is kept"
            )
        of_levels = pairs["normalised_as"].str.startswith("share")
        if of_levels.any():
            notes.append("H: share of the entropy of what has levels, of two the mean of both")
        if not of_levels.all():
            notes.append(
                "r: correlation of Gaussians that share as much, sqrt(1 - exp(-2 nats)), of two "
                "continuous columns"
            )
        if pairs["kind"].isin(BEGINS_AT_LEAST).any():
            notes.append("≥: at least, a lower bound")
        return notes


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
