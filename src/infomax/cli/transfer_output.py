"""What ``infomax transfer`` makes of transfer entropies: text, JSON, CSV."""

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from infomax.information import NATS_OF, SIGNIFICANT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Transfer"]

_MEASURED = ("value_nats", "low_nats", "high_nats")


class Transfer:
    """What each of two series tells of the other."""

    def __init__(self, x: "pd.DataFrame", y: "pd.DataFrame", settings: dict[str, Any]) -> None:
        from infomax.estimation import transfer_both_ways  # noqa: PLC0415
        from infomax.warnings import EstimationWarning  # noqa: PLC0415

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", EstimationWarning)
            self._table = transfer_both_ways(x, y, **settings)
        self.warnings = tuple(
            each.message for each in caught if isinstance(each.message, EstimationWarning)
        )

    def as_data(self, unit: str) -> dict[str, Any]:
        """Return what JSON can hold: a row for each direction, None for what is not finite."""
        rows = []
        for row in self._table.to_dict("records"):
            value, low, high = (_finite(row[name] / NATS_OF[unit]) for name in _MEASURED)
            rows.append(
                {
                    "source": row["source"],
                    "target": row["target"],
                    "history": int(row["history"]),
                    f"value_{unit}": value,
                    f"interval_{unit}": [low, high],
                    "p_value": _finite(row["p_value"]),
                    "method": row["method"],
                    "pairs": int(row["pairs"]),
                }
            )
        return {"transfer": rows}

    def formatted(self, unit: str) -> Group:
        """Return the answer, and a row for each direction."""
        from infomax.estimation import transfer_answer  # noqa: PLC0415

        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("from", "to"):
            table.add_column(name, overflow="fold")
        for name in (unit, "interval", "p", "", "own past", "method"):
            table.add_column(name, justify="right", no_wrap=True)
        for row in self._table.to_dict("records"):
            value, low, high = (f"{row[name] / NATS_OF[unit]:z.3f}" for name in _MEASURED)
            shown = "shown" if row["p_value"] <= SIGNIFICANT else ""
            table.add_row(
                *(str(row["source"]), str(row["target"]), value, f"[{low}, {high}]"),
                *(f"{row['p_value']:.2g}", shown, str(row["history"]), str(row["method"])),
            )
        note = "own past: rows of the target's own past, beyond which the source tells of it"
        answer = Text(transfer_answer(self._table, unit), style="bold")
        return Group(answer, Text(), table, Text(), Text(note))

    def write_csv(self, path: Path) -> None:
        """Write a row for each direction."""
        self._table.to_csv(path, index=False)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
