"""The page of one run: its curves, its numbers and how to read them, warnings and settings."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
        path: of the page, one file that needs no network.

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


def _cards(summary: "RunSummary") -> list[Card]:
    """Return a chart of everything that has a finite value, the bound and the probes first."""
    cards = [_bound(summary), _probes(summary)]
    drawn = {"bound", "majority_share"}
    drawn |= {
        f"{kind}_{share}"
        for kind in ("probe", "neighbours")
        for share in ("accuracy", "balanced_accuracy")
    }
    cards += [_plain(summary, metric) for metric in summary.metrics if metric not in drawn]
    return [card for card in cards if card is not None]


def _bound(summary: "RunSummary") -> Card | None:
    held_out = _curve(summary, "test", "bound", label="held out", colour=_HELD_OUT)
    training = _curve(summary, "train", "bound", label="training", colour=_TRAINING, dashes="--")
    levels = []
    if math.isfinite(summary.ceiling):
        levels.append(("ceiling", summary.ceiling))
    if summary.config.target is not None:
        levels.append(("target", summary.config.target))
    reading = summary.reading("test", "bound") or summary.reading("train", "bound")
    if reading is None:
        return None
    most = (
        f", of at most {summary.ceiling:.2f} that it can read"
        if math.isfinite(summary.ceiling)
        else ""
    )
    return _card(
        summary,
        "bound",
        f"Bound ({summary.config.bound}), nats",
        f"{reading.told()}{most}. {_better(summary, 'bound')}",
        curves=[held_out, training],
        levels=levels,
    )


def _probes(summary: "RunSummary") -> Card | None:
    linear = _curve(summary, "test", "probe_accuracy", label="linear", colour=_HELD_OUT)
    nearest = _curve(summary, "test", "neighbours_accuracy", label="20 nearest", colour=_NEIGHBOURS)
    reading = summary.reading("test", "probe_accuracy")
    if reading is None:
        return None
    chance = summary.reading("test", "majority_share")
    always = "" if chance is None else f"; always the commonest class {chance.value:.3f}"
    return _card(
        summary,
        "probes",
        "Accuracy of probes on held-out rows",
        f"Linear probe {reading.told()}{always}. {_better(summary, 'probe_accuracy')}",
        curves=[linear, nearest],
    )


def _plain(summary: "RunSummary", metric: str) -> Card | None:
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    known = metric_of(metric)
    curves = [
        _curve(summary, "test", metric, label="held out", colour=_HELD_OUT),
        _curve(summary, "train", metric, label="training", colour=_TRAINING, dashes="--"),
    ]
    reading = summary.reading("test", metric) or summary.reading("train", metric)
    if reading is None:
        return None
    heading = known.name[:1].upper() + known.name[1:]
    return _card(
        summary, metric, heading, f"{reading.told()}. {_better(summary, metric)}", curves=curves
    )


def _card(
    summary: "RunSummary",
    name: str,
    heading: str,
    reading: str,
    *,
    curves: Sequence[StepCurve | None],
    levels: Sequence[tuple[str, float]] = (),
) -> Card | None:
    drawn = [curve for curve in curves if curve is not None]
    if not drawn:
        return None
    title = f"{heading} over updates: {', '.join(curve.label for curve in drawn)}"
    drawing = draw_steps(
        drawn, name=name, title=title, levels=levels, marked_step=summary.weights_step
    )
    return Card(heading, drawing, reading.strip())


def _curve(
    summary: "RunSummary",
    split: Split,
    metric: str,
    *,
    label: str,
    colour: str,
    dashes: str = "-",
) -> StepCurve | None:
    values = summary.curve(split, metric)
    values = values[np.isfinite(values)]
    if values.empty:
        return None
    ends = [
        summary.curve(split, f"{metric}_{end}").reindex(values.index) for end in ("low", "high")
    ]
    low, high = (np.asarray(each, np.float64) if each.notna().any() else None for each in ends)
    return StepCurve(
        label,
        np.asarray(values.index, np.int64),
        np.asarray(values, np.float64),
        colour,
        low,
        high,
        dashes,
    )


def _better(summary: "RunSummary", metric: str) -> str:
    better = summary.better(metric)
    return f"{better[:1].upper()}{better[1:]} is better." if better else ""


def _numbers(summary: "RunSummary") -> Table:
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    rows = []
    for metric in summary.metrics:
        held_out, training = (summary.reading(split, metric) for split in ("test", "train"))
        known = metric_of(metric)
        rows.append(
            (
                known.name,
                "" if held_out is None else held_out.told(),
                "" if training is None else training.told(),
                summary.better(metric),
            )
        )
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
