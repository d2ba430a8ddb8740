"""``infomax report``: the page of a reproduction, drawn again or while it is under way."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from infomax.errors import UserError, message_of
from infomax.folder_lock import locked_folder

if TYPE_CHECKING:
    from infomax.studies.output_folder import OutputFolder
    from infomax.studies.verdicts import Claim

__all__ = ["address_of", "draw_page", "draw_report", "filling_page", "report"]

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
