"""The page of one run: its curves, its numbers and how to read them, warnings and settings."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from infomax.records import Split
from infomax.report.charts import StepCurve, draw_steps
from infomax.report.page import Card, Entry, Table, write_page
from infomax.report.tables import environment_table
from infomax.report.text import format_count, format_number

if TYPE_CHECKING:
    from infomax.experiments.run_summary import RunSummary

__all__ = ["write_run_report"]

_HELD_OUT, _TRAINING, _NEIGHBOURS = "#0072b2", "#d55e00", "#009e73"


def write_run_report(run: Path, path: Path) -> Path:
    """Write the page of a run, from what its folder holds; nothing is trained or measured.

    Args:
        run: folder of the run.
        path: path of the page, one file that needs no network.

    Returns:
        The path of the page.

    Raises:
        UserError: if it is not the folder of a run or damaged, or the page cannot be written.
    """
    # Imported here: what opens data is loaded with it.
    from infomax.experiments.run_summary import RunSummary, metric_of  # noqa: PLC0415

    summary = RunSummary.of(run)
    contents = [
        Entry("curves", "Curves"),
        *([Entry("warnings", "Warnings")] if summary.warnings else []),
        Entry("numbers", "Numbers"),
        Entry("settings", "Data and settings"),
        Entry("environment", "Made with"),
    ]
    environment = summary.notes.get("environment")
    return write_page(
        path,
        "run.html.j2",
        contents=contents,
        name=run.resolve().name,
        summary=summary,
        cards=_cards(summary),
        numbers=_numbers(summary),
        readings=[
            (known.name, _better(summary, metric), known.remark)
            for metric in summary.metrics
            if (known := metric_of(metric)).remark
        ],
        data=_data_table(summary),
        settings=Table(
            "Settings",
            ("Setting", "Value"),
            tuple(
                (key, "none" if value is None else str(value))
                for key, value in summary.config.model_dump().items()
            ),
        ),
        environment=environment_table(environment) if environment else None,
    )


class _Line(NamedTuple):
    """A metric of the run that is drawn as a curve."""

    split: Split
    metric: str
    label: str
    colour: str
    dashes: str = "-"


def _of_both_splits(metric: str) -> list[_Line]:
    return [
        _Line("test", metric, "held out", _HELD_OUT),
        _Line("train", metric, "training", _TRAINING, "--"),
    ]


def _cards(summary: "RunSummary") -> list[Card]:
    """Return a chart of everything that has a finite value, the bound and the probes first."""
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    probes = [
        _Line("test", "probe_accuracy", "linear", _HELD_OUT),
        _Line("test", "neighbours_accuracy", "20 nearest", _NEIGHBOURS),
    ]
    chance = summary.reading("test", "majority_share")
    always = "" if chance is None else f"; always the commonest class {chance.value:z.3f}"
    heading = "Accuracy of probes on held-out rows"
    cards = [
        _bound(summary),
        _card(summary, "probes", heading, probes, reading=f"Linear probe {{}}{always}."),
    ]
    partners = [
        _Line("test", "partner_recall_at_1_x_to_y", "x to y", _HELD_OUT),
        _Line("test", "partner_recall_at_1_y_to_x", "y to x", _NEIGHBOURS),
    ]
    among = summary.reading("test", "retrieval_candidates")
    of_how_many = "" if among is None else f" among {among.value:.0f}"
    heading = f"Partners that the critic finds{of_how_many}"
    cards.append(_card(summary, "partners", heading, partners, reading="First of all {}."))
    classes = [
        _Line("test", "class_recall_at_1", "nearest code", _HELD_OUT),
        _Line("test", "class_map_at_r", "MAP@R", _NEIGHBOURS),
    ]
    heading = "Codes of one class by cosine"
    cards.append(_card(summary, "classes", heading, classes, reading="Nearest {}."))
    drawn = {"bound", "majority_share"}
    drawn |= {
        f"{kind}_{share}"
        for kind in ("probe", "neighbours")
        for share in ("accuracy", "balanced_accuracy")
    }
    for metric in summary.metrics:
        if metric not in drawn and not metric.startswith(("partner_", "class_", "retrieval_")):
            name = metric_of(metric).name
            heading = name[:1].upper() + name[1:]
            cards.append(_card(summary, metric, heading, _of_both_splits(metric)))
    return [card for card in cards if card is not None]


def _bound(summary: "RunSummary") -> Card | None:
    levels, most = [], ""
    if math.isfinite(summary.ceiling):
        levels.append(("ceiling", summary.ceiling))
        most = f", of at most {summary.ceiling:z.2f} that it can read"
    if summary.config.target is not None:
        levels.append(("target", summary.config.target))
    heading, lines = f"Bound ({summary.config.bound}), nats", _of_both_splits("bound")
    return _card(summary, "bound", heading, lines, reading=f"{{}}{most}.", levels=levels)


def _card(
    summary: "RunSummary",
    name: str,
    heading: str,
    lines: Sequence[_Line],
    *,
    reading: str = "{}.",
    levels: Sequence[tuple[str, float]] = (),
) -> Card | None:
    """Return the chart of some lines; nothing if none of them has a finite value.

    Args:
        summary: summary of the run.
        name: name of the drawing, unique in the page.
        heading: heading of the card.
        lines: lines to draw, of which the first is what the card is about.
        reading: how to look at it; ``{}`` is the value of the weights that are used.
        levels: what lines across are, and their values.
    """
    metric = lines[0].metric
    values = [summary.reading(line.split, metric) for line in lines if line.metric == metric]
    value = next((each for each in values if each is not None), None)
    curves = [curve for line in lines if (curve := _curve(summary, line)) is not None]
    if value is None or not curves:
        return None
    drawing = draw_steps(
        curves,
        name=name,
        title=f"{heading} over updates: {', '.join(curve.label for curve in curves)}",
        levels=levels,
        marked_step=summary.weights_step,
    )
    text = f"{reading.format(value.told())} {_better(summary, metric)}"
    return Card(heading, drawing, text.strip())


def _curve(summary: "RunSummary", line: _Line) -> StepCurve | None:
    values = summary.curve(line.split, line.metric)
    values = values[np.isfinite(values)]
    if values.empty:
        return None
    low, high = (
        np.asarray(end, np.float64) if end.notna().any() else None
        for name in ("low", "high")
        for end in [summary.curve(line.split, f"{line.metric}_{name}").reindex(values.index)]
    )
    steps, heights = np.asarray(values.index, np.int64), np.asarray(values, np.float64)
    return StepCurve(line.label, steps, heights, line.colour, low, high, line.dashes)


def _better(summary: "RunSummary", metric: str) -> str:
    better = summary.better(metric)
    return f"{better[:1].upper()}{better[1:]} is better." if better else ""


def _numbers(summary: "RunSummary") -> Table:
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    rows = []
    for metric in summary.metrics:
        readings = (summary.reading(split, metric) for split in ("test", "train"))
        told = ("" if each is None else each.told() for each in readings)
        rows.append((metric_of(metric).name, *told, summary.better(metric)))
        if metric == "bound" and math.isfinite(summary.ceiling):
            rows.append(("ceiling of the bound", format_number(summary.ceiling, 3), "", ""))
    return Table(
        f"Measured of the weights of step {summary.weights_step}",
        ("Measured", "Held out [95 %]", "Training", "Better is"),
        tuple(rows),
    )


def _data_table(summary: "RunSummary") -> Table:
    notes = summary.notes
    counts = {
        "items": notes.get("rows"),
        "pairs trained on": notes.get("train_rows"),
        "pairs held out to validate": notes.get("validation_rows"),
        "images left out": len(notes.get("skipped", {})) or None,
    }
    rows = [("data", summary.config.data)]
    rows += [(name, format_count(count)) for name, count in counts.items() if count is not None]
    rows.append(("ended", summary.ending))
    return Table("Data", ("What", "Value"), tuple(rows))
