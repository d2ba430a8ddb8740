"""``infomax runs``: all runs below a folder, by data set."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infomax.cli.terminal import output_console
from infomax.errors import UserError

if TYPE_CHECKING:
    from infomax.experiments.run_summary import RunSummary

__all__ = ["runs"]

_NO_TARGET = "none"
_MODEL = ("encoder", "critic", "bound", "target")


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
        if key in alike and (key, value) != ("target", _NO_TARGET)
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
            "" if bound is None else f"{bound.value:.3f}",
            "" if probe is None else f"{probe.value:.4f}",
        )
    console.print(table)


def _model(summary: "RunSummary") -> dict[str, str]:
    config = summary.config
    target = _NO_TARGET if config.target is None else f"{config.target:g} nats"
    return {
        "encoder": config.encoder,
        "critic": config.critic,
        "bound": config.bound,
        "target": target,
    }


def _rank(summary: "RunSummary") -> tuple[bool, float]:
    """Return what runs are sorted by: the best first, those without validation pairs last."""
    bound, target = summary.reading("test", "bound"), summary.config.target
    if bound is None:
        return True, 0.0
    distance = -bound.value if target is None else abs(bound.value - target)
    return math.isnan(distance), distance
