"""``infomax views``, ``show`` and ``runs``: pairs of views, one run, all runs below a folder."""

import math
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infomax.cli.run_flags import given_settings, with_run_flags
from infomax.cli.terminal import (
    ReportFlag,
    check_report_path,
    error_console,
    output_console,
    show_warnings,
)
from infomax.cli.terminal_curves import TerminalCurve, TerminalPanel, draw_panels
from infomax.errors import UserError
from infomax.experiments.config import RunConfig

if TYPE_CHECKING:
    from infomax.experiments.run_summary import RunSummary

__all__ = ["runs", "show", "views", "write_run_page"]

_picture = partial(typer.Option, rich_help_panel="Picture")
_KEYS = ("y_data", "x", "y", "image_size", "skip_bad", "skip_at_most", "views", "view_options")


def views(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="Name or path of data, as `infomax train` has it.")
    ],
    *,
    out: Annotated[Path, _picture(help="File to write: .png or .svg.")] = Path("views.png"),
    count: Annotated[int, _picture("--n", help="Number of pairs.")] = 8,
    seed: Annotated[int, _picture(help="Seed of which items are drawn, and of random views.")] = 0,
    flags: dict[str, Any],
) -> None:
    """Draw some pairs of views, as encoders see them."""
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415

    from infomax.experiments.build import open_items_of  # noqa: PLC0415
    from infomax.experiments.pair_datasets import ItemPairDataset  # noqa: PLC0415
    from infomax.report.view_grid import draw_view_grid  # noqa: PLC0415
    from infomax.training import generator_for  # noqa: PLC0415
    from infomax.views import make_views  # noqa: PLC0415

    if count < 1:
        raise UserError(f"--n is {count}: give a whole number of at least 1")
    config = RunConfig.checked({"data": data, "seed": seed, **given_settings(flags)})
    maker = None if config.views is None else make_views(config.views, config.view_options)
    with tempfile.TemporaryDirectory() as cache, show_warnings(error_console()):
        items = open_items_of(config, Path(cache))
        pairs = ItemPairDataset(items, maker, torch.device("cpu"))
        chosen = np.random.default_rng(seed).permutation(len(pairs))[:count]
        x, y = next(iter(pairs.pairs(chosen, count, generator_for(seed, "views"))))
    draw_view_grid(x.numpy(), y.numpy(), out)
    output_console(soft_wrap=True).print(f"{len(chosen)} pairs of {data}: {out}")


views = with_run_flags(views, _KEYS)


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
    level, remark = most, f"- ceiling {most:z.3f}" if math.isfinite(most) else ""
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
    remark = "" if chance is None else f"(commonest class {chance.value:z.3f})"
    return TerminalPanel("Held-out accuracy, over updates", curves, remark=remark)


def _measured(summary: "RunSummary") -> Table:
    from infomax.experiments.run_summary import metric_of  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(f"weights of step {summary.weights_step}")
    table.add_column("held out [95 %]", justify="right", no_wrap=True)
    table.add_column("training", justify="right", no_wrap=True)
    table.add_column("better is", no_wrap=True)
    for metric in summary.metrics:
        readings = (summary.reading(split, metric) for split in ("test", "train"))
        told = ("" if each is None else each.told() for each in readings)
        table.add_row(metric_of(metric).name, *told, summary.better(metric))
        if metric == "bound" and math.isfinite(summary.ceiling):
            table.add_row("  its ceiling", f"{summary.ceiling:z.3f}")
    return table


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


_NO_TARGET = _NO_LOSS = "none"
_MODEL = ("encoder", "critic", "bound", "loss", "target")


def runs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that holds runs.")] = Path(
        "runs"
    ),
) -> None:
    """List the runs below a folder by data set, the best bound on held-out pairs first.

    Numbers are those of the weights that `infomax encode` uses: the weights with the best bound on
    held-out pairs, or the last ones where no pairs were held out.
    """
    from infomax.experiments.run_folder import NOTES  # noqa: PLC0415
    from infomax.experiments.run_summary import RunSummary  # noqa: PLC0415

    if not folder.is_dir():
        found_instead = "is a file" if folder.exists() else "is not there"
        raise UserError(f"{folder} {found_instead}: expected a folder that holds runs")
    found = sorted(path.parent for path in folder.rglob(NOTES))
    if not found:
        raise UserError(f"{folder} holds no runs: `infomax train --out {folder}/NAME` makes one")
    by_data: dict[str, list[RunSummary]] = {}
    unreadable = []
    for path in found:
        try:
            summary = RunSummary.of(path)
        except (UserError, OSError) as error:
            unreadable.append((path.relative_to(folder), error))
        else:
            by_data.setdefault(summary.config.data, []).append(summary)
    console = output_console()
    targets = any(each.config.target is not None for group in by_data.values() for each in group)
    console.print(
        "Sorted by the bound on held-out pairs, highest first"
        + (" (under a target: nearest to it first)" if targets else "")
        + "; bound and probe are those of the weights that `infomax encode` uses."
    )
    for data in sorted(by_data):
        _print_group(console, data, by_data[data], folder)
    for name, why in unreadable:
        console.print(f"{name} cannot be read: {why}", soft_wrap=True)


def _print_group(console: Console, data: str, summaries: "list[RunSummary]", folder: Path) -> None:
    """Print the runs on one data set: above them what all have in common, then what differs."""
    of_each = [_model(summary) for summary in summaries]
    alike = {key for key in _MODEL if len({each[key] for each in of_each}) == 1}
    common = ", ".join(
        f"{key} {value}"
        for key, value in of_each[0].items()
        if key in alike and (key, value) not in {("target", _NO_TARGET), ("loss", _NO_LOSS)}
    )
    count = f"{len(summaries)} run{'s' if len(summaries) > 1 else ''}"
    console.print()
    console.print(
        Text(f"{data}: {count}", style="bold").append(
            f", {'all ' if len(summaries) > 1 else ''}{common}" if common else "", style="not bold"
        )
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    # Names of swept runs are long, and are what `show` is given.
    table.add_column("run", overflow="fold")
    differing = [key for key in _MODEL if key not in alike]
    for key in differing:
        table.add_column(key, overflow="fold")
    table.add_column("weights", no_wrap=True)
    for column in ("held out, nats", "probe"):
        table.add_column(column, justify="right", no_wrap=True)
    for summary in sorted(summaries, key=_rank):
        bound, probe = (summary.reading("test", metric) for metric in ("bound", "probe_accuracy"))
        model = _model(summary)
        table.add_row(
            str(summary.path.relative_to(folder)),
            *(model[key] for key in differing),
            f"{summary.weights}, step {summary.weights_step} of {summary.steps}"
            if len(summary.records)
            else "none yet",
            "" if bound is None else f"{bound.value:z.3f}",
            "" if probe is None else f"{probe.value:z.4f}",
        )
    console.print(table)


def _model(summary: "RunSummary") -> dict[str, str]:
    config = summary.config
    target = _NO_TARGET if config.target is None else f"{config.target:g} nats"
    return {
        "encoder": config.encoder,
        "critic": config.critic,
        "bound": config.bound,
        "loss": config.loss or _NO_LOSS,
        "target": target,
    }


def _rank(summary: "RunSummary") -> tuple[bool, float]:
    """Return what runs are sorted by: the best first, those without validation pairs last."""
    bound, target = summary.reading("test", "bound"), summary.config.target
    if bound is None:
        return True, 0.0
    distance = -bound.value if target is None else abs(bound.value - target)
    return math.isnan(distance), distance
