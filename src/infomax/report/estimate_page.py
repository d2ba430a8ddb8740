"""The pages of an estimate and of a ranking: data, numbers, tests, and what they mean."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from infomax.information import NATS_OF, SIGNIFICANT, joined, ranked_amount, ranking_answer
from infomax.report.charts import StepCurve, draw_amount, draw_null, draw_ranking, draw_steps
from infomax.report.joint_charts import draw_joint_charts
from infomax.report.page import Card, Entry, Table, write_page
from infomax.report.text import format_count

if TYPE_CHECKING:
    from infomax.estimation import MIResult

__all__ = ["write_estimate_report", "write_ranking_report"]

_VALIDATION, _TRAINING = "#0072b2", "#d55e00"
_MOST_BARS, _MOST_DRAWN = 30, 4
_KINDS = {
    "lower bound": (
        "A lower bound: the information may be larger, and nothing here tells by how much."
    ),
    "between": (
        "A lower bound, below what a discrete side holds (its entropy): the information is between "
        "both, and nothing here tells where."
    ),
    "upper bound": "An upper bound: the information may be smaller.",
    "neither": "No bound: the estimate errs to either side, as far as its assumptions hold.",
}
_HELD = {
    "lower bound": "the information, which may be any that is larger than where they begin",
    "between": "the information, which may be any between their ends",
    "upper bound": "the information, which may be any that is smaller than where they end",
    "neither": "what the method reads on average",
}
_ABOUT = {
    "lower bound": "at least about",
    "between": "at least about",
    "upper bound": "at most about",
    "neither": "about",
}


def write_estimate_report(
    path: Path,
    *,
    result: "MIResult",
    x: pd.DataFrame,
    y: pd.DataFrame,
    source: str = "",
    unit: str = "nats",
) -> Path:
    """Write the page of an estimate of mutual information.

    Args:
        path: path of the page, one file that needs no network.
        result: result that `infomax.estimate_mi` returned.
        x: ``(N, dx)``, what it was estimated from.
        y: ``(N, dy)``.
        source: what the columns are of, such as the name of a file.
        unit: unit that amounts are told in, ``nats`` or ``bits``.

    Returns:
        The path of the page.

    Raises:
        UserError: if the page cannot be written.
    """
    joint, left_out = draw_joint_charts(x, y)
    warnings = [str(warning) for warning in result.warnings]
    return write_page(
        path,
        "estimate.html.j2",
        contents=[
            Entry("figures", "Figures"),
            *([Entry("warnings", "Warnings")] if warnings else []),
            Entry("meaning", "What this means"),
            Entry("how", "How it was estimated"),
            Entry("columns", "Data"),
        ],
        name=(f"{joined(result.x_columns)} with {joined(result.y_columns)}{result.condition_told}"),
        source=source,
        answer=result.answer(unit),
        verdict=result.verdict,
        shown=result.p_value <= SIGNIFICANT,
        tested=not math.isnan(result.p_value),
        cards=[*joint, *_of_estimate(result, unit), *_of_training(result)],
        left_out=left_out,
        meanings=_meanings(result, unit),
        warnings=warnings,
        how=_how(result, unit),
        columns=_columns_table(x, y),
    )


def _of_estimate(result: "MIResult", unit: str) -> list[Card]:
    cards = []
    if math.isfinite(result.value):
        reading = f"The line is the {100 * result.confidence:g} % interval."
        if math.isinf(result.interval.high):
            reading += " It has no upper end: the information may be larger."
        if not math.isnan(result.entropy_of_y):
            reading += f" Grey: all that {joined(result.y_columns)} holds (its entropy)."
        cards.append(Card("Information that is shared", draw_amount(result, unit), reading))
    if len(result.null_values):
        as_large = int((np.asarray(result.null_values) >= result.observed).sum())
        reading = (
            f"Grey: the test's measure of dependence after the pairs were shuffled, "
            f"{format_count(len(result.null_values))} times, so that nothing was shared; "
            f"{format_count(as_large) if as_large else 'none'} reached that of the pairs as they "
            "are."
        )
        cards.append(Card("Any dependence at all?", draw_null(result), reading))
    return cards


def _of_training(result: "MIResult") -> list[Card]:
    if not len(result.history):
        return []
    means = result.history.groupby("step")[["train", "validation"]].mean()
    curves = []
    for split, label, colour in (
        ("train", "training", _TRAINING),
        ("validation", "validation", _VALIDATION),
    ):
        values = means[split][np.isfinite(means[split])]
        if len(values):
            steps = values.index.to_numpy(np.int64)
            curves.append(StepCurve(label, steps, values.to_numpy(float), colour))
    if not curves:
        return []
    drawing = draw_steps(
        curves,
        name="training",
        title="Bound while training, in nats",
        levels=[("estimate", result.value)] if math.isfinite(result.value) else [],
    )
    refits = result.history["refit"].nunique()
    reading = (
        f"Mean of {refits} networks, in nats. They are chosen by the validation pairs, and read on "
        "others that neither curve has seen."
    )
    return [Card("Training", drawing, reading)]


def _meanings(result: "MIResult", unit: str) -> list[str]:
    """Return sentences that explain the number in terms of widely known statistics."""
    of_x, of_y = joined(result.x_columns), joined(result.y_columns)
    said = []
    share = result.share_of_y
    if not math.isnan(share):
        held = result.entropy_of_y / NATS_OF[unit]
        said.append(
            f"Knowing {of_x} takes away {_ABOUT[result.kind]} {100 * share:z.0f} % of the "
            f"uncertainty about {of_y}{result.condition_told}, which is {held:.3g} {unit} "
            "(entropy) without."
        )
    elif 0 < result.value < math.inf:
        correlation = math.sqrt(-math.expm1(-2 * result.value))
        said.append(
            f"So much is shared by two normally distributed columns whose correlation is "
            f"{correlation:z.2f}, or -{correlation:z.2f}: r = √(1 - exp(-2 I)), in nats."
        )
    if result.given_columns:
        said.append(
            f"Given {joined(result.given_columns)}: only what {of_x} and {of_y} share beyond what "
            f"{joined(result.given_columns)} tells of each is counted, though the figures of the "
            "columns show them as they are."
        )
    said.append(_KINDS[result.kind])
    said.append(
        f"Of 100 samples of {format_count(result.pairs)} independent rows, the intervals of "
        f"{100 * result.confidence:g} hold {_HELD[result.kind]}. They know how far estimates "
        "scatter, not how far the method errs."
    )
    if not math.isnan(result.p_value):
        said.append(
            f"Any dependence at all: {result.verdict}. The p-value is how often pairs without any "
            f"look as dependent; dependence is shown where it is at most {SIGNIFICANT:g}."
        )
    said.append(
        "Information has no sign and no direction: it says that columns go together, not how, and "
        "not which causes which."
    )
    return said


def _how(result: "MIResult", unit: str) -> Table:
    rows: list[tuple[str, str]] = [
        ("method", result.method),
        ("why this method", result.reason),
        ("computed on a part", result.parts_told or "nothing: all on all pairs"),
        ("rows", result.pairs_told),
        ("unit", f"{unit}, 1 bit = 0.693 nats"),
    ]
    if result.raw_value != result.value:
        raw = result.raw_value / NATS_OF[unit]
        rows.append(("reading", f"{raw:.4g} {unit}; information is never below 0"))
    return Table("Method, rows and unit", ("What", "Value"), tuple(rows))


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
        path: path of the page, one file that needs no network.
        ranking: table that `infomax.rank_columns` returned.
        x: ``(N, dx)``, what was ranked.
        y: ``(N, dy)``.
        source: what the columns are of, such as the name of a file.
        unit: unit that amounts are told in, ``nats`` or ``bits``.
        confidence: confidence of the intervals.
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
    joint, left_out = draw_joint_charts(best, y)
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
        drawing=draw_ranking(ranked[:_MOST_BARS], unit),
        more=max(len(ranked) - _MOST_BARS, 0),
        confidence=f"{100 * confidence:g}",
        numbers=_ranking_table(ranked, unit, confidence),
        refused=list(refused["refused"].items()),
        cards=joint,
        left_out=left_out,
        warnings=[str(warning) for warning in warnings],
        columns=_columns_table(x, y),
        significant=SIGNIFICANT,
        y=joined(names),
    )


def _ranking_table(ranked: pd.DataFrame, unit: str, confidence: float) -> Table:
    shares = ranked["share_of_y"].notna().any()
    rows = []
    for name, row in ranked.iterrows():
        p_values = [
            "not tested" if math.isnan(row[key]) else f"{row[key]:.2g}"
            for key in ("p_value", "corrected_p_value")
        ]
        cells = [
            str(name),
            *ranked_amount(row, unit),
            *p_values,
        ]
        if shares:
            share = row["share_of_y"]
            cells.append("" if math.isnan(share) else f"{100 * share:z.0f} %")
        rows.append((*cells, str(row["method"])))
    header = ["Column", unit, f"{100 * confidence:g} % interval", "p", "p*"]
    header += [*(["Share of y"] if shares else []), "Method"]
    return Table("Columns by what they share with y", tuple(header), tuple(rows), numeric=True)


def _columns_table(x: pd.DataFrame, y: pd.DataFrame) -> Table:
    """Return a table of what each column holds."""
    rows = []
    for side, table in (("x", x), ("y", y)):
        for name in table.columns:
            column = table[name]
            missing = int(column.isna().sum())
            numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(
                column
            )
            spread = (
                "{:g} to {:g}, median {:g}".format(
                    *(float(each) for each in column.quantile([0, 1, 0.5]))
                )
                if numeric
                else f"most often {column.mode().iloc[0]}"
                if column.notna().any()
                else ""
            )
            rows.append(
                (str(name), side, format_count(column.nunique()), spread, format_count(missing))
            )
    return Table(
        "Columns and their values",
        ("Column", "Side", "Different values", "Values", "Missing"),
        tuple(rows),
    )
