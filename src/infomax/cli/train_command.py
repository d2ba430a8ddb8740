"""``infomax init`` and ``infomax train``."""

import math
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from infomax.cli.interruption import INTERRUPTED
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.run_flags import given_settings, swept_values, with_run_flags
from infomax.cli.several_runs import AddressFlag, ExecutorFlag
from infomax.cli.show_command import write_run_page
from infomax.cli.sweep_command import sweep_runs
from infomax.cli.terminal import (
    check_report_path,
    error_console,
    output_console,
    show_evaluations,
    show_warnings,
)
from infomax.errors import UserError
from infomax.executors import check_executor
from infomax.experiments.config import RunConfig
from infomax.experiments.config_file import commented_settings, read_settings
from infomax.whole_file import write_text_whole

if TYPE_CHECKING:
    from infomax.experiments.request import RunRequest
    from infomax.experiments.run_folder import RunFolder
    from infomax.experiments.train import Trained

__all__ = ["init", "train"]

_OF_RUN = RunConfig.headings()["seed"]
_OF_SWEEP = "Several runs"


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
    flags: dict[str, Any],
) -> None:
    """Train encoders on pairs of views: of one item each, or measured in pairs.

    Exit status: 0; 1 if a loss was not finite; 2 for a mistake in what was given; 130 when
    interrupted.
    """
    from infomax.experiments.request import request_run, request_sweep  # noqa: PLC0415

    check_executor(executor, address)
    given = read_settings(settings) if settings is not None else {}
    given |= given_settings(flags)
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
        name = f"{config.bound} on {Path(config.data).name}"
        parts = {name: Part(steps=config.steps)}
        console = errors if first else Console(quiet=True)
        most = math.inf if config.time_limit is None else config.time_limit
        with ProgressLine(console, parts, most_seconds=most) as progress:
            progress.begin_part(name)
            try:
                trained = run_experiment(
                    request,
                    command=shlex.join(["infomax", *sys.argv[1:]]),
                    progress=progress,
                    callbacks=[show_evaluations(progress)],
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


def _conclude(trained: "Trained", folder: "RunFolder", report: Path | None) -> None:
    console = output_console(soft_wrap=True)
    compiled = trained.compile_seconds
    said = "" if compiled is None else f", compiled in {compiled:.1f} s"
    console.print(f"{trained.steps} updates{said}: {trained.ending}")
    if math.isfinite(trained.validation_bound):
        console.print(
            f"bound on validation pairs: {trained.validation_bound:.3f} nats, by the weights of "
            f"step {trained.weights_step}, "
            + ("the best" if trained.weights_step else "the best: no update bettered them")
        )
    typed = shlex.quote(str(folder.path))
    console.print(
        f"in {folder.path}: infomax show {typed}; infomax encode {typed} DATA --out codes.parquet"
    )
    if report is not None:
        write_run_page(folder.path, report, console)


train = with_run_flags(train)
