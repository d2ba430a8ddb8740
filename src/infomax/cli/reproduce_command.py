"""``infomax reproduce`` and ``infomax report``: studies, run and judged, and the page of them."""

import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from infomax.cli import INTERRUPTED
from infomax.cli.pace import Part
from infomax.cli.progress_line import ProgressLine
from infomax.cli.terminal import AddressFlag, ExecutorFlag, check_one_process, error_console
from infomax.errors import UserError, message_of
from infomax.executors import check_executor
from infomax.folder_lock import locked_folder
from infomax.studies.reproduction import Reproduction, Request

if TYPE_CHECKING:
    from infomax.studies.output_folder import OutputFolder
    from infomax.studies.verdicts import Claim

__all__ = ["address_of", "draw_page", "draw_report", "filling_page", "report", "reproduce"]

_COLOURS = {"supported": "green", "contradicted": "red", "inconclusive": "yellow"}


def report(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Folder of a reproduction, which holds records.parquet."
        ),
    ],
) -> None:
    """Judge the claims and draw the report again, from the records alone."""
    from infomax.experiments.run_folder import RunFolder  # noqa: PLC0415
    from infomax.studies.output_folder import OutputFolder  # noqa: PLC0415

    if RunFolder(directory).begun:
        raise UserError(
            f"{directory} holds a run, of which there are no claims to judge: "
            f"`infomax show {directory} --report page.html` writes its page"
        )
    folder = OutputFolder(directory)
    if not folder.has_records():
        # Refuses it before it is locked, which writes to it.
        folder.read_records()
    # A reproduction under way draws the same files.
    with locked_folder(directory):
        draw_report(folder, Console(markup=False))


def draw_report(folder: "OutputFolder", console: Console) -> None:
    """Judge the claims, write them with the report, and print the verdicts."""
    claims, page = draw_page(folder)
    console.print(_verdicts(claims))
    console.print(Text("report: ").append_text(address_of(page)), soft_wrap=True)


def _verdicts(claims: "list[Claim]") -> Table:
    from infomax.report import format_effect  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("verdict")
    table.add_column("effect [95 % interval]", max_width=26)
    table.add_column("claim")
    for claim in claims:
        verdict = Text(claim.verdict, style=_COLOURS[claim.verdict])
        table.add_row(verdict, format_effect(claim), claim.sentence)
    return table


def draw_page(folder: "OutputFolder", *, under_way: bool = False) -> "tuple[list[Claim], Path]":
    """Judge the claims and write them with the report; return them, and where the page is."""
    from infomax.report import write_report  # noqa: PLC0415
    from infomax.studies.claims import judge_claims  # noqa: PLC0415

    records, metadata = folder.read_records()
    claims = judge_claims(records, (metadata.get("labels") or {}).get("bound"))
    folder.write_claims(claims)
    page = write_report(
        folder.path,
        records=records,
        claims=claims,
        metadata=metadata,
        timings=folder.read_timings(),
        under_way=under_way,
    )
    return claims, page


def address_of(page: Path) -> Text:
    """Return the address of a page as browsers take it, a link where the terminal knows links."""
    address = page.absolute().as_uri()
    return Text(address, style=Style(link=address))


@contextmanager
def filling_page(folder: "OutputFolder", errors: Console) -> Iterator[Callable[[], None]]:
    """Yield a function that draws the page of what is done; the first time it shows the address.

    Runs go on where the page cannot be drawn. One that is not finished because something stopped it
    no longer says that more is to come.
    """
    begun: list[bool] = []

    def draw() -> None:
        first = not begun
        begun.append(True)
        try:
            _, page = draw_page(folder, under_way=True)
        except (OSError, ValueError, UserError) as error:
            errors.print(
                f"infomax: warning: the report cannot be drawn yet ({message_of(error)}); the runs "
                "go on"
            )
            return
        if first:
            line = Text("the report fills as studies end: ").append_text(address_of(page))
            errors.print(line, soft_wrap=True)

    try:
        yield draw
    except BaseException:
        # Ctrl-C once more waits until the page is whole.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            # What stopped it is told, rather than what then keeps the page from being drawn.
            with suppress(OSError, ValueError, UserError):
                if begun:
                    draw_page(folder)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise


# Options by the heading that they stand under in the help.
_option_of_runs = partial(typer.Option, rich_help_panel="What is run")
_written = partial(typer.Option, rich_help_panel="Where it is written")


def reproduce(  # noqa: PLR0917 - one parameter for each flag
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STUDY]...", help="Studies or figures; those of the paper when none is named."
        ),
    ] = None,
    preset: Annotated[
        str | None,
        _option_of_runs(
            help="Scale: quick (minutes on two cores) or full (hours or days).",
            show_default="quick",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        _option_of_runs(help="Number of updates of each run, with about ten evaluations."),
    ] = None,
    seeds: Annotated[
        int | None,
        _option_of_runs(
            help="Number of seeds, from 0; with --resume alone, more for what is there."
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        _option_of_runs(
            help="Name or path of the data set of all image studies.",
            show_default="mnist, by quick in part mnist-14",
        ),
    ] = None,
    bound: Annotated[
        list[str] | None, _option_of_runs(help="Train by this bound alone; may be given again.")
    ] = None,
    noise: Annotated[
        str | None,
        _option_of_runs(
            help="Noise of both views in `conditioning`: shared or own.", show_default="shared"
        ),
    ] = None,
    device: Annotated[
        str | None,
        _option_of_runs(
            help="Device to compute on: auto, cpu, cuda, cuda:1, ...", show_default="auto"
        ),
    ] = None,
    out: Annotated[Path, _written(help="Folder to write to.")] = Path("runs/reproduction"),
    executor: ExecutorFlag = "local",
    address: AddressFlag = None,
    *,
    resume: Annotated[
        bool, _written("--resume", help="Resume what --out holds, to the same records.")
    ] = False,
    overwrite: Annotated[bool, _written("--overwrite", help="Replace what --out holds.")] = False,
) -> None:
    """Run studies, and write records, claims with verdicts, figures and a report.

    Exit status: 0; 1 if a run failed; 2 for a mistake in what was given; 130 when interrupted.
    """
    if resume and overwrite:
        raise UserError("--resume goes on with what is there and --overwrite removes it: give one")
    check_executor(executor, address)
    check_one_process()
    request = Request(
        names=tuple(names or ()),
        preset=preset,
        device=device,
        steps=steps,
        seeds=seeds,
        dataset=dataset,
        bounds=tuple(bound or ()),
        noise=noise,
    )
    reproduction = request.reproduction()
    from infomax.studies.output_folder import OutputFolder  # noqa: PLC0415

    folder = OutputFolder(out)
    errors = error_console()
    with locked_folder(out), filling_page(folder, errors) as draw:
        if resume:
            reproduction = request.resumed(folder.read_settings(), out)
        else:
            folder.check(overwrite=overwrite)
        failures = _run(reproduction, folder, errors, (executor, address), draw, resume=resume)
        draw_report(folder, Console(markup=False))
    for failure in failures:
        errors.print(f"infomax: failed: {failure}")
    if failures:
        raise typer.Exit(1)


def _run(
    reproduction: Reproduction,
    folder: "OutputFolder",
    errors: Console,
    executor: tuple[str, str | None],
    draw: Callable[[], None],
    *,
    resume: bool,
) -> list[str]:
    """Run a reproduction and show how far it is; return a line for each run that failed."""
    from infomax.studies.reproduce import open_reproduction  # noqa: PLC0415

    name, address = executor
    command = shlex.join(["infomax", *sys.argv[1:]])
    with open_reproduction(
        reproduction, folder, command=command, resume=resume, executor=name, address=address
    ) as opened:
        if opened.changes:
            errors.print(
                f"infomax: begun under other conditions, so the last bits may differ from those of "
                f"one run: {'; '.join(opened.changes)}"
            )
        parts = {
            job.label: Part(job.kind, job.steps, cost.update, job.evaluation_steps, cost.evaluation)
            for job, cost in opened.expected_costs()
        }
        store = opened.store
        try:
            with ProgressLine(errors, parts) as line:
                opened.run(line, draw)
        except KeyboardInterrupt:
            path = shlex.quote(str(folder.path))
            at = "" if name == "local" else f" --executor {name}"
            at += "" if address is None else f" --address {shlex.quote(address)}"
            errors.print(
                f"infomax: interrupted; {store.finished} of {store.total} runs are kept in "
                f"{folder.path}: go on with `infomax reproduce --resume --out {path}{at}`, or "
                f"draw them with `infomax report {path}`"
            )
            raise typer.Exit(INTERRUPTED) from None
    return store.failures
