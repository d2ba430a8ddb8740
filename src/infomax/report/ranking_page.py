"""The page of a ranking: which columns share most with y, as bars, as numbers, as data."""

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from infomax.information import NATS_OF, SIGNIFICANT, Interval, joined, ranking_answer
from infomax.report.estimate_page import columns_table
from infomax.report.figure import STYLE
from infomax.report.joint_charts import joint_charts, shortened_label
from infomax.report.page import Entry, Table, inline_svg, write_page

__all__ = ["write_ranking_report"]

_SHOWN, _NOT_SHOWN = "#0072b2", "#777777"
_MOST_BARS, _MOST_DRAWN = 30, 4


def write_ranking_report(
    path: Path,
    *,
    ranking: pd.DataFrame,
    x: pd.DataFrame,
    y: pd.DataFrame,
    source: str = "",
    unit: str = "nats",
    confidence: float = 0.95,
    warnings: Sequence[str | Warning] = (),
) -> Path:
    """Write the page of a ranking of columns by what they share with y.

    Args:
        path: of the page, one file that needs no network.
        ranking: of `infomax.rank_columns`.
        x: ``(N, dx)``, what was ranked.
        y: ``(N, dy)``.
        source: what the columns are of, such as the name of a file.
        unit: that amounts are told in, ``nats`` or ``bits``.
        confidence: of the intervals.
        warnings: what there is to say of the estimates.

    Returns:
        The path of the page.

    Raises:
        UserError: if the page cannot be written.
    """
    names = [str(name) for name in y.columns]
    ranked, refused = ranking[ranking["refused"] == ""], ranking[ranking["refused"] != ""]
    labelled = x.set_axis([str(name) for name in x.columns], axis=1)
    best = labelled[[str(name) for name in ranked.index[:_MOST_DRAWN]]]
    joint, left_out = joint_charts(best, y)
    return write_page(
        path,
        "ranking.html.j2",
        contents=[
            Entry("ranking", "Ranking"),
            Entry("figures", "The data"),
            *([Entry("warnings", "Warnings")] if warnings else []),
            Entry("columns", "Columns"),
        ],
        name=f"What shares most with {joined(names)}",
        source=source,
        answer=ranking_answer(ranking, names),
        drawing=_draw(ranked, unit),
        more=max(len(ranked) - _MOST_BARS, 0),
        confidence=f"{100 * confidence:g}",
        numbers=_numbers(ranked, unit, confidence),
        refused=list(refused["refused"].items()),
        cards=joint,
        left_out=left_out,
        warnings=[str(warning) for warning in warnings],
        columns=columns_table(x, y),
        significant=SIGNIFICANT,
        y=joined(names),
    )


def _draw(ranked: pd.DataFrame, unit: str) -> Markup:
    """Draw a bar for each column, the largest on top, as long as it is finite."""
    bars = ranked[:_MOST_BARS]
    scale = NATS_OF[unit]
    finite = bars["value_nats"][bars["value_nats"] < math.inf]
    most = float(finite.max()) if len(finite) and finite.max() > 0 else scale
    points: dict[str, Sequence[str]] = {}
    with matplotlib.rc_context({**STYLE, "font.size": 9.5}):
        figure = Figure(figsize=(4.6, 0.7 + 0.22 * len(bars)), layout="constrained")
        axes = figure.add_subplot()
        for place, (name, row) in enumerate(bars.iterrows()):
            value = float(row["value_nats"])
            shown = row["corrected_p_value"] <= SIGNIFICANT
            colour = _SHOWN if shown or math.isnan(row["corrected_p_value"]) else _NOT_SHOWN
            axes.barh([place], [min(value, most) / scale], height=0.62, color=colour, alpha=0.7)
            if math.isfinite(value):
                interval = Interval(float(row["low_nats"]), float(row["high_nats"]))
                ends = [end / scale for end in interval]
                # As it is, which may be beside the value.
                axes.plot(
                    *(ends, [place] * 2), marker="|", markersize=5, color="#000000", linewidth=1.1
                )
                said = f"{name}: {value / scale:.{interval.decimals}f} {unit} {interval.told(unit)}"
            else:
                axes.text(most / scale, place, " ∞", va="center", ha="left")
                said = f"{name}: infinite"
            axes.plot(
                [min(value, most) / scale],
                [place],
                marker="o",
                markersize=2.5,
                color="#000000",
                linestyle="none",
                gid=f"unseen-{place}",
            )
            points[f"unseen-{place}"] = [said]
        axes.set_yticks(range(len(bars)), [shortened_label(str(name)) for name in bars.index])
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel(unit)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.grid(visible=False, axis="y")
    title = f"Columns by the {unit} that they share, the largest first"
    return inline_svg(figure, name="ranking", title=title, points=points)


def _numbers(ranked: pd.DataFrame, unit: str, confidence: float) -> Table:
    shares = ranked["share_of_y"].notna().any()
    rows = []
    for name, row in ranked.iterrows():
        interval = Interval(float(row["low_nats"]), float(row["high_nats"]))
        at_least = "≥ " if row["kind"] == "lower bound" else ""
        p_values = [
            "not tested" if math.isnan(row[key]) else f"{row[key]:.2g}"
            for key in ("p_value", "corrected_p_value")
        ]
        cells = [
            str(name),
            f"{at_least}{row['value_nats'] / NATS_OF[unit]:.{interval.decimals}f}",
            interval.told(unit),
            *p_values,
        ]
        if shares:
            share = row["share_of_y"]
            cells.append("" if math.isnan(share) else f"{100 * share:.0f} %")
        rows.append((*cells, str(row["method"])))
    header = ["Column", unit, f"{100 * confidence:g} % interval", "p", "p*"]
    header += [*(["Share of y"] if shares else []), "Method"]
    return Table("Columns by what they share with y", tuple(header), tuple(rows), numeric=True)
