"""One estimate, in a terminal and as JSON."""

import math
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from infomax.cli.estimate_sides import Side, listed
from infomax.information import NATS_OF

if TYPE_CHECKING:
    from infomax.estimation import MIResult

__all__ = ["estimate_as_data", "shown_estimate"]


def shown_estimate(result: "MIResult", sides: tuple[Side, Side], unit: str) -> Group:
    """Return the answer, and what it rests on.

    Args:
        result: of `estimate_mi`.
        sides: x and y, as they were chosen.
        unit: of ``NATS_OF``.
    """
    kind = "no bound" if result.kind == "neither" else result.kind
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("any dependence at all", result.verdict)
    table.add_row("method", f"{result.method} ({kind})")
    table.add_row("why", result.reason)
    table.add_row("pairs", result.pairs_told.replace(" pairs", "", 1))
    for name, side in zip("xy", sides, strict=True):
        chosen_as = f" ({side.chosen_as})" if side.chosen_as else ""
        table.add_row(name, listed(side.columns) + chosen_as)
    return Group(Text(result.answer(unit), style="bold"), Text(), table)


def estimate_as_data(result: "MIResult", unit: str) -> dict[str, Any]:
    """Return what strict JSON can hold, which has no infinity: it is told of in ``not_finite``."""
    low, high = result.interval
    numbers = {
        f"value_{unit}": result.value / NATS_OF[unit],
        f"interval_{unit}[0]": low / NATS_OF[unit],
        f"interval_{unit}[1]": high / NATS_OF[unit],
    }
    return {
        **result.as_dict(unit),
        "not_finite": {
            place: str(number) for place, number in numbers.items() if not math.isfinite(number)
        },
    }
