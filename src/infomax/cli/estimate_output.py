"""What ``infomax estimate`` prints: an estimate or a ranking, in words and as JSON."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infomax.cli.estimate_sides import Side, listed
from infomax.information import NATS_OF, Interval, joined, ranking_answer

if TYPE_CHECKING:
    import pandas as pd

    from infomax.estimation import MIResult

__all__ = ["estimate_as_data", "format_estimate", "format_ranking", "ranking_as_data"]


def format_estimate(result: "MIResult", sides: tuple[Side, Side], unit: str) -> Group:
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


_BAR_WIDTH = 10
_MEASURED = ("value_nats", "low_nats", "high_nats", "entropy_of_y_nats")
_SHARES = ("share_of_y", "p_value", "corrected_p_value")
_SAID = ("method", "kind", "reason", "pairs", "rows_left_out")


def format_ranking(
    ranking: "pd.DataFrame", y: Sequence[str], *, unit: str, confidence: float
) -> Group:
    """Return the answer, a row for each column, and why others are not ranked.

    Args:
        ranking: of `rank_columns`.
        y: names of the columns of y.
        unit: of ``NATS_OF``.
        confidence: of the intervals.
    """
    ranked, refused = ranking[ranking["refused"] == ""], ranking[ranking["refused"] != ""]
    shares, tested = ranked["share_of_y"].notna().any(), ranked["p_value"].notna().sum()
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("column", overflow="fold")
    table.add_column(unit, justify="right", no_wrap=True)
    table.add_column(f"{100 * confidence:g} % interval", justify="right", no_wrap=True)
    if tested:
        table.add_column("p*", justify="right", no_wrap=True)
    if shares:
        table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    finite = ranked["value_nats"].where(ranked["value_nats"] < math.inf)
    largest = finite.max() if finite.max() > 0 else 1.0
    for name, row in ranked.iterrows():
        interval = Interval(row["low_nats"], row["high_nats"])
        at_least = "≥ " if row["kind"] == "lower bound" else ""
        p_value = row["corrected_p_value"]
        table.add_row(
            str(name),
            f"{at_least}{row['value_nats'] / NATS_OF[unit]:.{interval.decimals}f}",
            interval.told(unit),
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
        notes.append(f"share: of what {joined(y)} {'holds' if len(y) == 1 else 'hold'} (entropy)")
    if (ranked["kind"] == "lower bound").any():
        notes.append("≥: at least, a lower bound")
    lines: list[RenderableType] = [Text(ranking_answer(ranking, y)), Text(), table]
    if notes:
        lines += [Text(), *map(Text, notes)]
    if len(refused):
        lines += [Text(), Text(f"Not estimated: {len(refused)} of {len(ranking)} columns.")]
        lines += [Text(f"{name}: {reason}") for name, reason in refused["refused"].items()]
    return Group(*lines)


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.0f} %"


def ranking_as_data(ranking: "pd.DataFrame", unit: str) -> dict[str, Any]:
    """Return the ranking of `rank_columns` as what JSON can hold; None for what is not finite.

    Each row has what `MIResult.as_dict` has, as far as the ranking does; ``not_finite`` has what
    numbers were.

    Args:
        ranking: of `rank_columns`.
        unit: of ``NATS_OF``, which the names of what is measured in it end with.
    """
    ranked, refused = ranking[ranking["refused"] == ""], ranking[ranking["refused"] != ""]
    rows: list[dict[str, Any]] = []
    not_finite: dict[str, str] = {}
    for place, (name, row) in enumerate(ranked.iterrows()):
        value, low, high, entropy = (float(row[measured]) / NATS_OF[unit] for measured in _MEASURED)
        numbers = {
            f"value_{unit}": value,
            f"interval_{unit}[0]": low,
            f"interval_{unit}[1]": high,
        }
        for key, number in numbers.items():
            if not math.isfinite(number):
                not_finite[f"ranking[{place}].{key}"] = str(number)
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
            {"column": str(name), "reason": reason} for name, reason in refused["refused"].items()
        ],
        "not_finite": not_finite,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
