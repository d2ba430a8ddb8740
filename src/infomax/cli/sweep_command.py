"""``infomax train --sweep``: a grid of runs, by whatever executor, and one table of them."""

import math
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from infomax.cli.interruption import INTERRUPTED
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.several_runs import check_one_process
from infomax.cli.terminal import output_console, print_warning, show_evaluations

if TYPE_CHECKING:
    from infomax.experiments.request import SweepRequest
    from infomax.experiments.sweep import Sweep, SweepFolder, SweptRun
    from infomax.experiments.sweep_run import RunEnd, RunOutcome

__all__ = ["sweep_runs"]


def sweep_runs(
    request: "SweepRequest", errors: Console, *, executor: str, address: str | None
) -> None:
    """Make the runs of a sweep that have not ended, and show how all have.

    Args:
        request: the sweep, and its folder.
        errors: where progress and warnings are shown.
        executor: name of what makes the runs.
        address: address of the Ray cluster that makes the runs.

    Raises:
        UserError: if this is one of several processes, a run could not be begun, or the folder or
            executor cannot be used; nothing is written then.
        typer.Exit: with 1 if a loss was not finite, 2 if a run was asked for that cannot be made,
            130 when interrupted.
    """
    from infomax.experiments.sweep_run import open_sweep, run_sweep  # noqa: PLC0415

    check_one_process()
    sweep, folder, _ = request
    command = shlex.join(["infomax", *sys.argv[1:]])
    ended: list[RunEnd] = []
    with open_sweep(request, executor, address) as opened:
        try:
            with ProgressLine(errors, _parts(sweep, executor)) as line:
                make = _made_here if executor == "local" else _made_elsewhere

                def tell(end: "RunEnd") -> None:
                    line.end_part(end.run.name)
                    ended.append(end)
                    for warning in end.outcome.warnings:
                        print_warning(errors, f"{end.run.name}: {warning}")

                ends = run_sweep(sweep, folder, opened, make(folder, command, line), tell)
        except KeyboardInterrupt:
            errors.print(
                f"infomax: interrupted; {len(ended)} of {len(sweep.runs)} runs have ended: go "
                f"on with `infomax train --resume --out {folder.path}`"
            )
            raise typer.Exit(INTERRUPTED) from None
    _conclude(sweep, folder, ends, errors)


def _parts(sweep: "Sweep", executor: str) -> dict[str, Part]:
    """Return the runs as parts of one job; those that differ by seed alone cost the same.

    Of runs side by side it is not known how long each took: all are of one kind.
    """
    parts = {}
    for run in sweep.runs:
        others = tuple(str(value) for key, value in run.swept.items() if key != "seed")
        parts[run.name] = Part(others if executor == "local" else (), run.config.steps)
    return parts


def _made_here(
    folder: "SweepFolder", command: str, line: ProgressLine
) -> "Callable[[SweptRun], Callable[[], RunOutcome]]":
    """Return how runs are made in this process, one after the other, with their progress."""
    from infomax.experiments.sweep_run import run_one  # noqa: PLC0415

    def make(run: "SweptRun") -> "RunOutcome":
        line.begin_part(run.name)
        return run_one(run, folder.run_folder(run).path, command, line, [show_evaluations(line)])

    return lambda run: partial(make, run)


def _made_elsewhere(
    folder: "SweepFolder", command: str, line: ProgressLine
) -> "Callable[[SweptRun], Callable[[], RunOutcome]]":
    """Return how runs are made in other processes, which say when they have ended."""
    from infomax.experiments.sweep_run import run_one  # noqa: PLC0415

    def make(run: "SweptRun") -> "Callable[[], RunOutcome]":
        line.begin_elsewhere(run.name)
        return partial(run_one, run, folder.run_folder(run).path.absolute(), command)

    return make


def _conclude(
    sweep: "Sweep", folder: "SweepFolder", ends: "Sequence[RunEnd]", errors: Console
) -> None:
    from infomax.experiments.sweep import shown  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    for key in sweep.swept:
        table.add_column(key, overflow="fold")
    table.add_column("ended")
    for column in ("validation, nats", "probe"):
        table.add_column(column, justify="right")
    for end in ends:
        failure = end.outcome.failure
        values = (end.validation_bound, 3), (end.probe_accuracy, 4)
        table.add_row(
            *(shown(each) for each in end.run.swept.values()),
            end.ending if failure is None else "failed",
            *("" if math.isnan(each) else f"{each:.{digits}f}" for each, digits in values),
        )
    console = output_console(soft_wrap=True)
    console.print(table)
    console.print(
        f"in {folder.path}: records.parquet holds all runs; infomax runs {folder.path}; infomax "
        f"show {folder.path}/RUN"
    )
    reasons: dict[str, list[str]] = {}
    for end in ends:
        if end.outcome.failure is not None:
            reasons.setdefault(end.outcome.failure, []).append(end.run.name)
    for reason, names in reasons.items():
        others = f" and {len(names) - 1} others" if len(names) > 1 else ""
        errors.print(f"infomax: failed: {names[0]}{others}: {reason}")
    if reasons:
        raise typer.Exit(2 if any(end.outcome.mistaken for end in ends) else 1)
