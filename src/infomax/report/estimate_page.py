"""The page of an estimate: the data together, the number, the test, and what it all means."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from infomax.information import NATS_OF, SIGNIFICANT, joined
from infomax.report.charts import StepCurve, step_chart
from infomax.report.figure import STYLE
from infomax.report.joint_charts import JointChart, joint_charts, shortened_label
from infomax.report.page import Entry, Table, inline_svg, write_page
from infomax.report.text import whole

if TYPE_CHECKING:
    from infomax.estimation import MIResult

__all__ = ["columns_table", "write_estimate_report"]

_INCHES = (3.6, 2.7)
_ESTIMATE, _TRAINING = "#0072b2", "#d55e00"
_KINDS = {
    "lower bound": (
        "A lower bound: the information may be larger, and nothing here tells by how much."
    ),
    "upper bound": "An upper bound: the information may be smaller.",
    "neither": "No bound: the estimate errs to either side, as far as its assumptions hold.",
}
_ABOUT = {"lower bound": "at least about", "upper bound": "at most about", "neither": "about"}


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
        path: of the page, one file that needs no network.
        result: of `infomax.estimate_mi`.
        x: ``(N, dx)``, what it was estimated from.
        y: ``(N, dy)``.
        source: what the columns are of, such as the name of a file.
        unit: that amounts are told in, ``nats`` or ``bits``.

    Returns:
        The path of the page.

    Raises:
        UserError: if the page cannot be written.
    """
    joint, left_out = joint_charts(x, y)
    warnings = [str(caution) for caution in result.warnings]
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
        name=f"{joined(result.x_columns)} with {joined(result.y_columns)}",
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
        columns=columns_table(x, y),
    )


def columns_table(x: pd.DataFrame, y: pd.DataFrame) -> Table:
    """Return what is in each column, in words."""
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
            rows.append((str(name), side, whole(column.nunique()), spread, whole(missing)))
    return Table(
        "Columns and their values",
        ("Column", "Side", "Different values", "Values", "Missing"),
        tuple(rows),
    )


def _of_estimate(result: "MIResult", unit: str) -> list[JointChart]:
    cards = []
    if math.isfinite(result.value):
        cards.append(
            JointChart("Information that is shared", _draw_amount(result, unit), _of_amount(result))
        )
    if len(result.null_values):
        as_large = int((np.asarray(result.null_values) >= result.observed).sum())
        reading = (
            f"Grey: the test's measure of dependence after the pairs were shuffled, "
            f"{whole(len(result.null_values))} times, so that nothing was shared; "
            f"{'none' if not as_large else whole(as_large)} reached that of the pairs as they are."
        )
        cards.append(JointChart("Any dependence at all?", _draw_test(result), reading))
    return cards


def _draw_amount(result: "MIResult", unit: str) -> Markup:
    """Draw the estimate with its interval, beside all that y holds where that is known."""
    scale = NATS_OF[unit]
    value, low, high = (each / scale for each in (result.value, *result.interval))
    held = result.entropy_of_y / scale
    with matplotlib.rc_context({**STYLE, "font.size": 9.5}):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        axes.barh([0], [value], height=0.5, color=_ESTIMATE, alpha=0.75)
        # As it is, which may be beside the value.
        axes.plot([low, high], [0, 0], marker="|", markersize=10, color="#000000")
        names = ["shared"]
        if not math.isnan(held):
            axes.barh([1], [held], height=0.5, color="#777777", alpha=0.45)
            names.append(shortened_label(f"all of {joined(result.y_columns)}"))
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(-0.9, len(names) - 0.1)
        axes.set_xlim(left=0)
        axes.set_xlabel(unit)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.grid(visible=False, axis="y")
    return inline_svg(figure, name="amount", title=result.answer(unit))


def _of_amount(result: "MIResult") -> str:
    whisker = f"The line is the {100 * result.confidence:g} % interval."
    if math.isnan(result.entropy_of_y):
        return whisker
    return f"{whisker} Grey: all that {joined(result.y_columns)} holds (its entropy)."


def _draw_test(result: "MIResult") -> Markup:
    with matplotlib.rc_context({**STYLE, "font.size": 9.5}):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        counts, edges = result.null_histogram()
        axes.stairs(counts, edges, fill=True, color="#777777", alpha=0.6)
        axes.axvline(result.observed, color=_ESTIMATE, linewidth=1.8)
        axes.text(
            result.observed,
            1.02,
            "pairs as they are",
            color=_ESTIMATE,
            ha="center",
            transform=axes.get_xaxis_transform(),
        )
        axes.set_xlabel("measure of dependence")
        axes.set_ylabel("shuffles")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(nbins=5))
    return inline_svg(figure, name="test", title=f"Test for any dependence: {result.verdict}")


def _of_training(result: "MIResult") -> list[JointChart]:
    if not len(result.history):
        return []
    means = result.history.groupby("step")[["train", "validation"]].mean()
    curves = []
    for split, label, colour in (
        ("train", "training", _TRAINING),
        ("validation", "validation", _ESTIMATE),
    ):
        values = means[split][np.isfinite(means[split])]
        if len(values):
            steps = values.index.to_numpy(np.int64)
            curves.append(StepCurve(label, steps, values.to_numpy(float), colour))
    if not curves:
        return []
    drawing = step_chart(
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
    return [JointChart("Training", drawing, reading)]


def _meanings(result: "MIResult", unit: str) -> list[str]:
    """Return what the number says, in words of statistics that are widely known."""
    of_x, of_y = joined(result.x_columns), joined(result.y_columns)
    said = []
    share = result.share_of_y
    if not math.isnan(share):
        held = result.entropy_of_y / NATS_OF[unit]
        said.append(
            f"Knowing {of_x} takes away {_ABOUT[result.kind]} {100 * share:.0f} % of the "
            f"uncertainty about {of_y}, which is {held:.3g} {unit} (entropy) without."
        )
    elif 0 < result.value < math.inf:
        correlation = math.sqrt(-math.expm1(-2 * result.value))
        said.append(
            f"So much is shared by two normally distributed columns whose correlation is "
            f"{correlation:.2f}, or -{correlation:.2f}: r = √(1 - exp(-2 I)), in nats."
        )
    said.append(_KINDS[result.kind])
    said.append(
        f"Of 100 samples of {whole(result.pairs)} independent rows, the intervals of "
        f"{100 * result.confidence:g} hold what the method reads on average. They know how far "
        "estimates scatter, not how far the method errs."
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
        ("rows", result.pairs_told),
        ("unit", f"{unit}, 1 bit = 0.693 nats"),
    ]
    if result.raw_value != result.value:
        raw = result.raw_value / NATS_OF[unit]
        rows.append(("reading", f"{raw:.4g} {unit}; information is never below 0"))
    return Table("Method, rows and unit", ("What", "Value"), tuple(rows))
