"""``infomax init`` and ``infomax train``: a settings file, a run, or with ``--sweep`` a grid."""

import math
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from infomax.cli import INTERRUPTED
from infomax.cli.graph_commands import train_graph
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.run_flags import (
    commented_settings,
    given_settings,
    options_of,
    swept_values,
    with_run_flags,
)
from infomax.cli.show_command import write_run_page
from infomax.cli.terminal import (
    AddressFlag,
    ExecutorFlag,
    check_one_process,
    check_report_path,
    error_console,
    output_console,
    print_warning,
    show_evaluations,
    show_warnings,
)
from infomax.errors import UserError
from infomax.executors import check_executor
from infomax.experiments.config import RunConfig, read_settings
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    from infomax.experiments.run import RunRequest
    from infomax.experiments.run_folder import RunFolder
    from infomax.experiments.sweep import Sweep, SweepFolder, SweepRequest, SweptRun
    from infomax.experiments.sweep_run import RunEnd, RunOutcome
    from infomax.experiments.train import Trained
    from infomax.training import Callback

__all__ = ["init", "sweep_runs", "train"]

_OF_RUN = RunConfig.headings()["seed"]
_OF_SWEEP = "Several runs"
_OF_GRAPH = "Encoders of graphs"


def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("settings.yaml"),
    data: Annotated[str, typer.Option(help="Data to train on.")] = "mnist",
) -> None:
    """Write a settings file in which every key is explained; edit it, then `infomax train` it."""
    if path.exists():
        raise UserError(f"{path} is there already: choose another name, or remove it")
    given = {"data": data, **({"views": "halves"} if data == "mnist" else {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_whole(path, commented_settings(**given))
    console = output_console(soft_wrap=True)
    console.print(f"{path} is written: edit it, then infomax train {path}")


def train(
    settings: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SETTINGS]",
            help="A settings file, as `infomax init` writes it. Flags win over it.",
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run.", show_default="runs/NAME-OF-DATA", rich_help_panel=_OF_RUN
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with what --out holds, as if it had not stopped; to more --steps, or with "
            "--data where they have moved.",
            rich_help_panel=_OF_RUN,
        ),
    ] = False,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=V1,V2",
            help="Train with each of these values of a setting; given again, with all "
            "combinations. The value none is no value; critic_options.temperature=0.1,0.3 sweeps "
            "an option.",
            rich_help_panel=_OF_SWEEP,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a page of the run once it has ended: FILE ends in .html. "
            "`infomax show RUN --report FILE` writes it of any run.",
            rich_help_panel=_OF_RUN,
        ),
    ] = None,
    executor: ExecutorFlag = "local",
    address: AddressFlag = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="What an encoder of a graph maximises (`infomax list graph-objectives`): --data "
            "is then a graph, --steps epochs at most, --validation the share of nodes held out.",
            rich_help_panel=_OF_GRAPH,
        ),
    ] = None,
    objective_options: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Option of the objective, such as edges=sampled.",
            rich_help_panel=_OF_GRAPH,
        ),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            help="Table of the nodes' features, where --data is a table of edges.",
            rich_help_panel=_OF_GRAPH,
        ),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(
            help="Column of that table by which edges name nodes.", rich_help_panel=_OF_GRAPH
        ),
    ] = None,
    flags: dict[str, Any],
) -> None:
    """Train encoders on pairs of views: of one item each, or measured in pairs.

    Exit status: 0; 1 if a loss was not finite; 2 for a mistake in what was given; 130 when
    interrupted.
    """
    from infomax.experiments.graph_run import is_graph_run  # noqa: PLC0415
    from infomax.experiments.run import request_run  # noqa: PLC0415
    from infomax.experiments.sweep import request_sweep  # noqa: PLC0415

    check_executor(executor, address)
    given = read_settings(settings) if settings is not None else {}
    given |= given_settings(flags)
    of_graph = {"objective": objective, "features": features, "node": node}
    given |= {key: value for key, value in of_graph.items() if value is not None}
    if objective_options:
        given["objective_options"] = options_of("--objective-options", objective_options)
    if "objective" in given or (resume and out is not None and is_graph_run(out)):
        if sweep or report is not None or executor != "local":
            raise UserError("a run on a graph takes no --sweep, --report or --executor yet")
        train_graph(given, out, resume=resume)
        return
    errors = error_console()
    several = request_sweep(given, swept_values(sweep or [], flags), out, resume=resume)
    if several is not None:
        if report is not None:
            raise UserError(
                "--report is of one run, and a sweep makes many: leave it out, and give "
                "`infomax show RUN --report FILE` the run that is wanted"
            )
        with show_warnings(errors):
            sweep_runs(several, errors, executor=executor, address=address)
        return
    if executor != "local":
        raise UserError(f"--executor {executor} makes the runs of a sweep: give --sweep KEY=V1,V2")
    request = request_run(given, out, resume=resume)
    check_report_path(report, made=request.folder.path)
    with show_warnings(errors):
        _train_run(request, errors, report)


def _train_run(request: "RunRequest", errors: Console, report: Path | None) -> None:
    from infomax.experiments.run import run_experiment  # noqa: PLC0415
    from infomax.processes import LostProcessError, ToldByFirstError  # noqa: PLC0415
    from infomax.training import LossNotFiniteError, connected  # noqa: PLC0415

    config, folder = request.config, request.folder
    again = f"infomax train --resume --out {shlex.quote(str(folder.path))}"
    with connected(config.device) as connection:
        first = connection.processes.is_first
        if connection.processes.count > 1:
            # Whoever started the processes ends all of them so once one has ended.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        name = f"{config.loss or config.bound} on {Path(config.data).name}"
        parts = {name: Part(steps=config.steps)}
        console = errors if first else Console(quiet=True)
        most = math.inf if config.time_limit is None else config.time_limit
        with ProgressLine(console, parts, most_seconds=most) as progress:
            own = "" if config.negatives == "in-batch" else config.negatives
            progress.begin_part(name, f"estimate on {own} negatives" if own else "bound")
            try:
                trained = run_experiment(
                    request,
                    command=shlex.join(["infomax", *sys.argv[1:]]),
                    progress=progress,
                    callbacks=[_parts_said(config, console), show_evaluations(progress)],
                    connection=connection,
                )
            except LossNotFiniteError as error:
                if first:
                    errors.print(f"infomax: failed: {error}")
                raise typer.Exit(1) from None
            except LostProcessError as error:
                errors.print(f"infomax: failed: {error}")
                raise typer.Exit(1) from None
            except ToldByFirstError:
                raise typer.Exit(2) from None
            except KeyboardInterrupt:
                # Before anything is written there is nothing to go on with.
                advice = f"; go on with `{again}`" if folder.begun else ""
                errors.print(f"infomax: interrupted{advice}")
                raise typer.Exit(INTERRUPTED) from None
    if first:
        _conclude(trained, folder, report)


def _parts_said(config: RunConfig, console: Console) -> "Callback":
    """Return a callback that says with what a loss is trained, once all was found to fit."""
    from infomax.experiments.build import loss_parts_of  # noqa: PLC0415
    from infomax.training import Callback  # noqa: PLC0415

    parts = loss_parts_of(config).sentence
    said = f"infomax: the loss {config.loss} is trained with {parts}"

    class Said(Callback):
        def on_train_start(self, _trainer: object) -> None:
            if parts:
                console.print(said)

    return Said()


def _conclude(trained: "Trained", folder: "RunFolder", report: Path | None) -> None:
    console = output_console(soft_wrap=True)
    compiled = trained.compile_seconds
    said = "" if compiled is None else f", compiled in {compiled:z.1f} s"
    console.print(f"{trained.steps} updates{said}: {trained.ending}")
    if math.isfinite(trained.validation_bound):
        console.print(
            f"bound on validation pairs: {trained.validation_bound:z.3f} nats, by the weights of "
            f"step {trained.weights_step}, "
            + ("the best" if trained.weights_step else "the best: no update bettered them")
        )
    typed = shlex.quote(str(folder.path))
    console.print(
        f"in {folder.path}: infomax show {typed}; infomax encode {typed} DATA --out codes.parquet"
    )
    if report is not None:
        write_run_page(folder.path, report, console)


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
    _conclude_sweep(sweep, folder, ends, errors)


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


def _conclude_sweep(
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


train = with_run_flags(train)
