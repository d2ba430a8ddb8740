"""``infomax show``: the curves, numbers, warnings and settings of a run."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infomax.cli.terminal import ReportFlag, check_report_path, output_console
from infomax.cli.terminal_curves import TerminalCurve, TerminalPanel, draw_panels

if TYPE_CHECKING:
    from infomax.experiments.run_summary import RunSummary
    from infomax.records import Split

__all__ = ["show", "write_run_page"]


def show(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    report: ReportFlag = None,
) -> None:
    """Show the curves of a run, the numbers of the weights that it gives, warnings and settings."""
    from infomax.experiments.run_summary import RunSummary  # noqa: PLC0415

    check_report_path(report)
    summary = RunSummary.of(run)
    console = output_console()
    console.print(Text(f"{summary.path}: {summary.headline}", style="bold"))
    console.print()
    if len(summary.records):
        panels = (_bound_panel(summary), _probe_panel(summary))
        drawn = draw_panels(panels, console.width, coloured=console.is_terminal)
        if drawn is not None:
            console.print(drawn)
        console.print(_measured(summary))
        console.print()
    for warning in summary.warnings:
        _print_item(console, "warning", warning)
    for path, why in summary.notes.get("skipped", {}).items():
        # A path that is broken into lines cannot be copied.
        console.print(f"left out: {path}: {why}", soft_wrap=True)
    _print_item(console, "data", _data(summary))
    _print_item(console, "settings that are not defaults", "; ".join(summary.settings_given))
    _print_item(console, "ended", summary.ending)
    if report is not None:
        write_run_page(run, report, console)


def write_run_page(run: Path, report: Path, console: Console) -> None:
    """Write the page of a run, and say where it is."""
    from infomax.report import write_run_report  # noqa: PLC0415

    write_run_report(run, report)
    console.print(f"page: {report}", soft_wrap=True)


def _bound_panel(summary: "RunSummary") -> TerminalPanel:
    target, most = summary.config.target, summary.ceiling
    level, remark = most, f"- ceiling {most:.3f}" if math.isfinite(most) else ""
    if target is not None:
        level, remark = target, f"- target {target:g}"
    curves = (
        TerminalCurve("held out", summary.curve("test", "bound"), "o", "cyan"),
        TerminalCurve("training", summary.curve("train", "bound"), ".", "yellow"),
    )
    title = f"Bound ({summary.config.bound}) in nats, over updates"
    return TerminalPanel(title, curves, level, remark)


def _probe_panel(summary: "RunSummary") -> TerminalPanel:
    curves = (
        TerminalCurve("linear probe", summary.curve("test", "probe_accuracy"), "o", "cyan"),
        TerminalCurve("20 nearest", summary.curve("test", "neighbours_accuracy"), ".", "yellow"),
    )
    chance = summary.reading("test", "majority_share")
    remark = "" if chance is None else f"(commonest class {chance.value:.3f})"
    return TerminalPanel("Held-out accuracy, over updates", curves, remark=remark)


def _measured(summary: "RunSummary") -> Table:
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(f"weights of step {summary.weights_step}")
    table.add_column("held out [95 %]", justify="right", no_wrap=True)
    table.add_column("training", justify="right", no_wrap=True)
    table.add_column("better is", no_wrap=True)
    for metric in summary.metrics:
        held_out, training = (_told(summary, split, metric) for split in ("test", "train"))
        table.add_row(metric_of(metric).name, held_out, training, summary.better(metric))
        if metric == "bound" and math.isfinite(summary.ceiling):
            table.add_row("  its ceiling", f"{summary.ceiling:.3f}")
    return table


def _told(summary: "RunSummary", split: "Split", metric: str) -> str:
    reading = summary.reading(split, metric)
    return "" if reading is None else reading.told()


def _data(summary: "RunSummary") -> str:
    notes = summary.notes
    items = f"{summary.config.data}, {notes.get('rows', '?')} items"
    if "train_rows" not in notes:
        return items
    return (
        f"{items}: trained on {notes['train_rows']}, {notes['validation_rows']} held out to "
        "validate"
    )


def _print_item(console: Console, name: str, text: str) -> None:
    """Print a line that is wrapped at words."""
    console.print(Text(f"{name}: ", style="bold").append(text or "none", style="not bold"))
