"""``infomax report``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infomax.cli.report_page import address_of, draw_page
from infomax.errors import UserError
from infomax.folder_lock import locked_folder

if TYPE_CHECKING:
    from infomax.studies.output_folder import OutputFolder
    from infomax.studies.verdicts import Claim

__all__ = ["draw_report", "report"]

_COLOURS = {"supported": "green", "contradicted": "red", "inconclusive": "yellow"}


def report(
    directory: Annotated[Path, typer.Argument(help="Folder that holds records.parquet.")],
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
    """Judge the claims, write them with the report, and show the verdicts."""
    claims, page = draw_page(folder)
    console.print(_verdicts(claims))
    console.print(Text("report: ").append_text(address_of(page)), soft_wrap=True)


def _verdicts(claims: "list[Claim]") -> Table:
    from infomax.report import shown_effect  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("verdict")
    table.add_column("effect [95 % interval]", max_width=26)
    table.add_column("claim")
    for claim in claims:
        verdict = Text(claim.verdict, style=_COLOURS[claim.verdict])
        table.add_row(verdict, shown_effect(claim), claim.sentence)
    return table
